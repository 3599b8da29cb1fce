import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Report } from '../../src/features/blobs/doctor/doctor.ts'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { blobKey, storageKey } from '../../src/platform/storage/key.ts'
import { Installation, type Kept, type Running } from '../support/installation.ts'

/** Databases and stores that do not belong together: restored backups, new databases, other disks. Nothing may be deleted then. */
let installation: Installation
beforeEach(async () => {
  installation = await Installation.create()
})
afterEach(() => installation[Symbol.asyncDispose]())

const codes = ({ findings }: Pick<Report, 'findings'>) => findings.map(({ code }) => code).sort()
const begin = ({ app }: Running) => app.epochs.begin('default')
const longAgo = uuid7Maker(() => Date.now() - 30 * 86_400_000)

async function addGarbage(): Promise<string> {
  const key = blobKey(longAgo())
  await mkdir(dirname(installation.pathOf(key)), { recursive: true })
  await writeFile(installation.pathOf(key), 'garbage')
  await installation.makeOld(key)
  return key
}

/** The objects of the store, epochs apart. */
const objects = async () => Object.keys(await installation.tree()).filter(path => !path.startsWith('epoch/'))
const epochs = async () => Object.keys(await installation.tree()).filter(path => path.startsWith('epoch/'))

/** A database that went on after its backup, and the backup. */
async function restored() {
  const database = await installation.database()
  let before: Kept
  let after: Kept
  {
    await using gateway = await installation.start(database)
    await begin(gateway)
    before = await gateway.keep(randomBytes(100))
  }
  const backup = await installation.database(database)
  {
    await using gateway = await installation.start(database)
    await begin(gateway)
    after = await gateway.keep(randomBytes(100))
  }
  // As old as one finds it who restores a backup of last month.
  await installation.makeOld(after.key)
  return { database, backup, before, after }
}

describe('a backup that was restored', () => {
  test('finds objects without a row, and removes none of them', async () => {
    const { backup, after } = await restored()
    await using gateway = await installation.start(backup)
    const tree = await installation.tree()
    const examined = await gateway.app.doctor.examine()
    expect(codes(examined)).toEqual(['object-without-row', 'store-ahead'])
    const { repaired, findings, stores } = await gateway.app.doctor.repair({ allowMany: true })
    expect([repaired, stores]).toEqual([[], { default: 'ahead' }])
    const stranger = findings.find(({ subject }) => subject === after.key)
    expect(stranger).toMatchObject({
      remedy: null,
      refusal: expect.stringMatching(
        /older backup.*Restore the newest state.*media-gateway doctor --adopt default/,
      ),
    })
    expect(await installation.tree()).toEqual(tree)
  })

  test('does not take part in epochs, however long it goes on', async () => {
    const { backup } = await restored()
    await using gateway = await installation.start(backup)
    const before = await epochs()
    for (let i = 0; i < 5; i++) expect(await begin(gateway)).toMatchObject({ state: 'ahead' })
    expect(await epochs()).toEqual(before)
    expect((await gateway.app.doctor.examine()).stores).toEqual({ default: 'ahead' })
  })

  test('lets no upload run out that the lost state may have committed', async () => {
    const database = await installation.database()
    let key: string
    let backup: typeof database
    {
      await using gateway = await installation.start(database)
      await begin(gateway)
      const kept = await gateway.keep(randomBytes(100))
      key = kept.key
    }
    {
      // The backup was taken between U1 and U4 of this upload.
      backup = await installation.database(database)
      await using gateway = await installation.start(backup)
      await gateway.sql(`UPDATE media SET blob_id = NULL, status = 'PENDING'`)
      await gateway.sql(`DELETE FROM media_version`)
      await gateway.sql(`DELETE FROM media`)
      await gateway.sql(
        `UPDATE blob SET state = 'staged', lease_until = now() - interval '1 hour', size = NULL, sha256 = NULL`,
      )
      await gateway.sql(`UPDATE account SET used_bytes = 0`)
    }
    {
      await using gateway = await installation.start(database)
      await begin(gateway)
    }
    await using gateway = await installation.start(backup)
    expect(await gateway.app.reaper.run()).toEqual({ expired: 0, removed: 0, failed: 0 })
    expect(await objects()).toEqual([key])
    // Once the operator says that there is no later state, it is what it looks like.
    await gateway.app.epochs.adopt('default')
    expect(await gateway.app.reaper.run()).toEqual({ expired: 1, removed: 1, failed: 0 })
    expect(await objects()).toEqual([])
  })

  test('still has what it had doomed removed: nothing that is doomed is ever live again', async () => {
    const { backup, before, after } = await restored()
    await using gateway = await installation.start(backup)
    await gateway.sql(`DELETE FROM media_version`)
    await gateway.sql(`DELETE FROM media`)
    await gateway.sql(`UPDATE blob SET state = 'doomed', doom_at = now() WHERE id = $1`, [before.blobId])
    expect(await gateway.app.reaper.run()).toEqual({ expired: 0, removed: 1, failed: 0 })
    expect(await objects()).toEqual([after.key])
  })

  test('belongs to the store once an operator says so, and garbage is garbage then, once it is old', async () => {
    const { backup, before, after } = await restored()
    const garbage = await addGarbage()
    await using gateway = await installation.start(backup)
    await gateway.app.epochs.adopt('default')
    expect(codes(await gateway.app.doctor.examine())).toEqual(['object-without-row', 'object-without-row'])
    const { repaired, findings } = await gateway.app.doctor.repair()
    expect(repaired.map(({ subject }) => subject)).toEqual([garbage])
    // What was uploaded a moment ago may still be missed by somebody.
    expect(findings).toEqual([
      expect.objectContaining({
        subject: after.key,
        refusal: expect.stringContaining('younger than 7 days'),
      }),
    ])
    expect(await objects()).toEqual([before.key, after.key].sort())
  })

  test('and the state that it was a backup of do not both clear up: each sees the other', async () => {
    const { database, backup } = await restored()
    {
      await using gateway = await installation.start(backup)
      await gateway.app.epochs.adopt('default')
    }
    await using gateway = await installation.start(database)
    await addGarbage()
    expect(codes(await gateway.app.doctor.repair())).toEqual(['object-without-row', 'store-ahead'])
  })
})

describe('a database that never knew the store', () => {
  test('removes nothing of a store that had another one', async () => {
    {
      await using gateway = await installation.start(await installation.database())
      await begin(gateway)
      const { key } = await gateway.keep(randomBytes(100))
      await installation.makeOld(key)
    }
    const tree = await installation.tree()
    await using gateway = await installation.start(await installation.database())
    expect(codes(await gateway.app.doctor.repair({ allowMany: true }))).toEqual([
      'object-without-row',
      'store-ahead',
    ])
    expect(await installation.tree()).toEqual(tree)
  })

  test('removes nothing of a store from before there were epochs', async () => {
    const key = await addGarbage()
    await using gateway = await installation.start(await installation.database())
    expect(await begin(gateway)).toEqual({ state: 'new' })
    const { findings, repaired } = await gateway.app.doctor.repair({ allowMany: true })
    expect([findings[0]?.refusal, repaired]).toEqual([expect.stringContaining('has never had an epoch'), []])
    expect(await objects()).toEqual([key])
    await gateway.app.epochs.adopt('default')
    expect((await gateway.app.doctor.repair()).repaired).toHaveLength(1)
  })

  test('takes an empty store, and one in which it knows everything', async () => {
    const database = await installation.database()
    await using gateway = await installation.start(database)
    await gateway.keep(randomBytes(100))
    expect(await begin(gateway)).toEqual({ state: 'ours' })
    expect(await epochs()).toHaveLength(1)
  })
})

describe('a store that is not where it was', () => {
  test.each([
    ['an empty folder, as of a disk that is not mounted', async () => undefined],
    [
      'a folder with a file that is not known',
      async () => {
        await addGarbage()
      },
    ],
  ])('is found in %s: no blob is lost for it, and no epoch begun', async (_, fill) => {
    const database = await installation.database()
    await using gateway = await installation.start(database)
    await begin(gateway)
    const kept = await gateway.keep(randomBytes(100))
    const aside = join(installation.folder, 'aside')
    await cp(installation.files, aside, { recursive: true })
    await rm(installation.files, { recursive: true })
    await mkdir(join(installation.files, '.staging'), { recursive: true })
    await fill()
    const { repaired, findings } = await gateway.app.doctor.repair()
    expect([repaired, findings.find(({ code }) => code === 'object-missing')?.refusal]).toEqual([
      [],
      expect.stringContaining('a disk that is not mounted'),
    ])
    expect([await begin(gateway), await epochs()]).toEqual([{ state: 'unmarked' }, []])
    await rm(installation.files, { recursive: true })
    await rename(aside, installation.files)
    expect(codes(await gateway.app.doctor.examine())).toEqual([])
    expect(await gateway.download(kept.mediaId)).toEqual({ status: 200, bytes: kept.bytes })
  })
})

test('a disk that goes away in the middle of a repair takes no blob along', async () => {
  await using gateway = await installation.start(await installation.database())
  await begin(gateway)
  const [gone, there] = [await gateway.keep(randomBytes(100)), await gateway.keep(randomBytes(100))]
  await rm(installation.pathOf(gone.key))
  await rm(installation.pathOf(there.key))
  const { repaired } = await gateway.app.doctor.repair({
    onProgress(message) {
      if (!message.startsWith('repaired')) return
      rmSync(installation.files, { recursive: true })
      mkdirSync(installation.files)
    },
  })
  expect(repaired).toHaveLength(1)
  const states = await gateway.sql<{ state: string }>(`SELECT state FROM blob ORDER BY state`)
  expect(states).toEqual([{ state: 'live' }, { state: 'lost' }])
})

describe('an epoch', () => {
  test('takes the place of the one before it', async () => {
    await using gateway = await installation.start(await installation.database())
    await begin(gateway)
    const [first] = await epochs()
    await begin(gateway)
    expect(await epochs()).toEqual([expect.not.stringMatching(first ?? '')])
  })

  test.each(['E1.afterRow', 'E2.afterObject'])(
    'broken off at %s makes no stranger of its database',
    async point => {
      const database = await installation.database()
      {
        await using gateway = await installation.start(database)
        await begin(gateway)
      }
      {
        await using gateway = await installation.start(database, { FAULT: `${point}:fail` })
        await expect(begin(gateway)).rejects.toThrow(point)
      }
      await using gateway = await installation.start(database)
      expect(codes(await gateway.app.doctor.examine())).toEqual([])
      expect(await begin(gateway)).toEqual({ state: 'ours' })
      expect(await epochs()).toHaveLength(1)
    },
  )

  test('of a new store, broken off before it has reached it, is begun again', async () => {
    const database = await installation.database()
    {
      await using gateway = await installation.start(database, { FAULT: 'E1.afterRow:fail' })
      await expect(begin(gateway)).rejects.toThrow('E1.afterRow')
      await gateway.keep(randomBytes(100))
    }
    await using gateway = await installation.start(database)
    expect(await begin(gateway)).toEqual({ state: 'ours' })
    expect(codes(await gateway.app.doctor.examine())).toEqual([])
  })

  test('broken off in the middle of its file leaves nothing that is found, and nothing at all after an hour', async () => {
    const id = longAgo()
    await using gateway = await installation.start(await installation.database())
    await begin(gateway)
    await gateway.app.foundation.storage.resumableOf('default').begin(storageKey(`epoch/${id}`), {})
    await gateway.sql(
      `INSERT INTO store_epoch (id, store_id, began_at) VALUES ($1, 'default', now() - interval '2 hours')`,
      [id],
    )
    expect(codes(await gateway.app.doctor.examine())).toEqual([])
    expect(await objects()).toHaveLength(1)
    await begin(gateway)
    expect(await objects()).toEqual([])
  })

  test('may be begun by several nodes at once, many times over', async () => {
    const database = await installation.database()
    await using one = await installation.start(database)
    await using other = await installation.start(database)
    for (let i = 0; i < 10; i++)
      expect(await Promise.all([begin(one), begin(other), begin(one)])).toEqual(
        Array(3).fill({ state: 'ours' }),
      )
    await begin(one)
    expect(await epochs()).toHaveLength(1)
  })

  test('that the database does not know is told by every job, and noted for the metrics', async () => {
    await using gateway = await installation.start(await installation.database())
    await begin(gateway)
    const unknown = randomUUID()
    await writeFile(installation.pathOf(`epoch/${unknown}`), '')
    const job = gateway.app.jobs.find(({ name }) => name === 'stores.beginEpoch')
    await job?.run({}, {} as never)
    expect(gateway.log.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ store: 'default', msg: expect.stringContaining(unknown) }),
    ])
    expect(await gateway.app.inspections.last()).toMatchObject([
      { source: 'epochs', findings: [{ store: 'default', code: 'store-ahead', count: 1 }] },
    ])
  })
})
