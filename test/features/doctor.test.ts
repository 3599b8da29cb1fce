import { randomBytes, randomUUID } from 'node:crypto'
import { appendFile, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import pg from 'pg'
import { Contents, type KeptBlob } from '../../src/features/blobs/doctor/contents.ts'
import type { Report } from '../../src/features/blobs/doctor/doctor.ts'
import { FINDINGS, type FindingCode } from '../../src/features/blobs/doctor/findings.ts'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import type { ByteRange, StorageDriver } from '../../src/platform/storage/driver.ts'
import { openLocalDriver } from '../../src/platform/storage/drivers/local.ts'
import { blobKey, type StorageKey } from '../../src/platform/storage/key.ts'
import { Storage } from '../../src/platform/storage/storage.ts'
import type { TestDatabase } from '../support/database.ts'
import { dump, Installation, type Kept, type Running } from '../support/installation.ts'

/** Damage as it happens: to files and rows, behind the gateway's back. Each case begins with a store that is in order. */
let installation: Installation
let database: TestDatabase
let gateway: Running
beforeEach(async () => {
  installation = await Installation.create()
  database = await installation.database()
  gateway = await installation.start(database)
  await gateway.app.epochs.begin('default')
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const keep = (size = 1_000) => gateway.keep(randomBytes(size))
const codes = ({ findings }: Pick<Report, 'findings'>) => findings.map(({ code }) => code)
const stateOf = async (blobId: string) =>
  (await gateway.sql<{ state: string }>(`SELECT state FROM blob WHERE id = $1`, [blobId]))[0]?.state

async function flipByte({ key }: Kept): Promise<void> {
  const file = await open(installation.pathOf(key), 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, 500)
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 500)
  await file.close()
}

async function addStranger(key: string, { old = true } = {}): Promise<string> {
  const path = installation.pathOf(key)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, 'whose is this?')
  if (old) await installation.makeOld(key)
  return key
}

const longAgo = uuid7Maker(() => Date.now() - 30 * 86_400_000)
const insertBlob = (id: string, state: string, storeId = 'default') =>
  gateway.sql(
    `INSERT INTO blob (id, account_id, store_id, key, state, size, sha256, lease_until, doom_at)
     VALUES ($1, 'acme', $2, $3, $4, 0, repeat('0', 64), now() + interval '1 hour', now() + interval '1 hour')`,
    [id, storeId, blobKey(id), state],
  )

/** What is damaged, and what there is after a repair. */
interface Damage {
  readonly damage: (kept: Kept) => Promise<unknown>
  /** Absent where a repair must do nothing. */
  readonly mended?: (kept: Kept) => Promise<unknown>
}

const lost = async ({ blobId, mediaId }: Kept) => {
  expect(await stateOf(blobId)).toBe('lost')
  const { status, bytes } = await gateway.download(mediaId)
  expect([status, bytes.toString()]).toEqual([502, expect.stringContaining('CONTENT_LOST')])
}
const isGone = async (path: string) =>
  expect(await readFile(path).catch(error => error.code)).toMatch(/ENOENT|EISDIR/)

const DAMAGES: Readonly<Record<FindingCode, Damage | 'in a test of its own'>> = {
  'object-missing': { damage: ({ key }) => rm(installation.pathOf(key)), mended: lost },
  'object-wrong-size': {
    damage: ({ key }) => appendFile(installation.pathOf(key), 'x'),
    mended: async kept => {
      await lost(kept)
      expect(await readFile(installation.pathOf(kept.key))).toHaveLength(1_001)
    },
  },
  'object-wrong-content': {
    damage: flipByte,
    mended: async kept => {
      await lost(kept)
      expect(await readFile(installation.pathOf(kept.key))).toHaveLength(1_000)
    },
  },
  'object-unreadable': 'in a test of its own',
  'object-back': {
    damage: ({ blobId }) => gateway.sql(`UPDATE blob SET state = 'lost' WHERE id = $1`, [blobId]),
    async mended({ mediaId, bytes }) {
      expect(await gateway.download(mediaId)).toEqual({ status: 200, bytes })
    },
  },
  'blob-unowned': {
    async damage() {
      const id = randomUUID()
      await addStranger(blobKey(id))
      await writeFile(installation.pathOf(blobKey(id)), '')
      await insertBlob(id, 'live')
    },
  },
  'store-not-configured': { damage: () => insertBlob(randomUUID(), 'live', 'elsewhere') },
  'object-without-row': {
    damage: () => addStranger(blobKey(longAgo())),
    mended: async () =>
      expect(Object.keys(await installation.tree()).filter(path => !path.startsWith('epoch/'))).toHaveLength(
        1,
      ),
  },
  'object-elsewhere': {
    async damage() {
      const id = randomUUID()
      await insertBlob(id, 'doomed', 'elsewhere')
      await addStranger(blobKey(id))
    },
  },
  'sums-wrong': {
    damage: () => gateway.sql(`UPDATE account SET used_bytes = 1, reserved_bytes = 7, used_items = 9`),
    async mended() {
      const [sums] = await gateway.sql(
        `SELECT used_bytes::int AS used, reserved_bytes::int AS reserved, used_items::int AS items FROM account WHERE id = 'acme'`,
      )
      expect(sums).toEqual({ used: 1_000, reserved: 0, items: 1 })
    },
  },
  'unfinished-without-row': {
    async damage() {
      const writes = gateway.app.foundation.storage.resumableOf('default')
      await writes.begin(blobKey(longAgo()), {})
    },
    mended: async () =>
      expect(Object.keys(await installation.tree()).filter(path => path.includes('.part'))).toEqual([]),
  },
  'unfinished-left': {
    damage: ({ key }) =>
      writeFile(join(installation.files, '.staging', `${key.replaceAll('/', '.')}.part`), 'rest'),
  },
  'temp-folder-left': {
    damage: () => mkdir(join(gateway.app.foundation.tempRoot, '999999999-1'), { recursive: true }),
    mended: () => isGone(join(gateway.app.foundation.tempRoot, '999999999-1')),
  },
  'holds-wrong': {
    damage: () => gateway.sql(`UPDATE media SET open_holds = 2`),
    async mended() {
      expect(await gateway.sql(`SELECT open_holds AS holds FROM media`)).toEqual([{ holds: 0 }])
    },
  },
  'held-doomed': {
    async damage({ mediaId, blobId }) {
      await gateway.sql(
        `INSERT INTO legal_hold (id, account_id, media_id, reason, author) VALUES ($1, 'acme', $2, 'r', 'key:k')`,
        [randomUUID(), mediaId],
      )
      await gateway.sql(`UPDATE media SET open_holds = 1`)
      await gateway.sql(`UPDATE blob SET state = 'doomed', doom_at = now() WHERE id = $1`, [blobId])
    },
  },
  'purge-open': {
    async damage({ mediaId, blobId }) {
      await gateway.client.query(
        `mutation($id: ID!) { deleteMedia(input: { id: $id, permanent: true }) { purgedAt } }`,
        { id: mediaId },
      )
      await insertBlob(blobId, 'doomed')
      await gateway.sql(`UPDATE blob SET of_media = $1`, [mediaId])
      await gateway.sql(`UPDATE purge SET purged_at = NULL, requested_at = now() - interval '61 minutes'`)
    },
  },
  'purge-left': {
    damage: ({ mediaId }) =>
      gateway.sql(
        `INSERT INTO purge (media_id, account_id, requested_by, purged_at) VALUES ($1, 'acme', 'key:k', now())`,
        [mediaId],
      ),
  },
  'store-ahead': { damage: () => addStranger(`epoch/${randomUUID()}`) },
  'store-unmarked': { damage: () => rm(join(installation.files, 'epoch'), { recursive: true }) },
  'store-twin': {
    damage: () => gateway.sql(`UPDATE store_epoch SET store_id = 'the other name'`),
  },
}

describe.each(
  Object.entries(DAMAGES).filter(([, damage]) => typeof damage !== 'string') as [FindingCode, Damage][],
)('%s', (code, { damage, mended }) => {
  test('is found, an examination changes nothing, and a repair does what was announced', async () => {
    const kept = await keep()
    expect(codes(await gateway.app.doctor.examine())).toEqual([])
    await damage(kept)
    const before = [await dump(gateway), await installation.tree()]
    const { findings } = await gateway.app.doctor.examine()
    expect(findings.map(({ code, remedy }) => [code, remedy])).toEqual([
      [code, mended ? FINDINGS[code].remedy : null],
    ])
    expect([await dump(gateway), await installation.tree()]).toEqual(before)

    const repair = await gateway.app.doctor.repair()
    expect([codes(repair), repair.repaired.map(({ code }) => code)]).toEqual(
      mended ? [[], [code]] : [[code], []],
    )
    await mended?.(kept)
    expect(codes(await gateway.app.doctor.examine())).toEqual(mended ? [] : [code])
  })
})

/** The contents of this store as a driver gives them that fails now and then. */
async function contentsOf(changes: (driver: StorageDriver) => Partial<StorageDriver>) {
  const { database } = gateway.app.foundation
  const driver = await openLocalDriver({ root: installation.files })
  const changed = changes(driver)
  const failing = new Proxy(driver, {
    get: (target, name: keyof StorageDriver) => changed[name] ?? (target[name] as () => void).bind(target),
  })
  const storage = new Storage({ stores: new Map([['default', failing]]), defaultStore: 'default' })
  const contents = new Contents({ database, storage })
  return async ({ blobId }: Kept) =>
    contents.wrongWith((await contents.find(blobId)) as KeptBlob, { hash: true })
}

test('an object that the store cannot read is named, where the store works otherwise', async () => {
  const [bad, good] = [await keep(), await keep()]
  let works = true
  const wrongWith = await contentsOf(driver => ({
    async read(key: StorageKey, range?: ByteRange) {
      if (key !== bad.key) return driver.read(key, range)
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
    },
    async check() {
      if (!works) throw new Error('the disk is gone')
    },
  }))
  expect(await wrongWith(bad)).toMatchObject({ code: 'object-unreadable', subject: bad.blobId })
  expect(FINDINGS['object-unreadable'].remedy).toBeNull()
  expect(await wrongWith(good)).toBeNull()
  works = false
  await expect(wrongWith(bad)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
})

test('what is read wrong once and right the next time is no damage', async () => {
  const kept = await keep()
  let reads = 0
  const wrongWith = await contentsOf(driver => ({
    read: async (key, range) =>
      ++reads === 1 ? Readable.from([randomBytes(1_000)]) : driver.read(key, range),
  }))
  expect([await wrongWith(kept), reads]).toEqual([null, 2])
})

test('a lost object that comes back is served again', async () => {
  const kept = await keep()
  await rename(installation.pathOf(kept.key), join(installation.folder, 'aside'))
  await gateway.app.doctor.repair()
  await lost(kept)
  expect(await gateway.app.doctor.examine()).toMatchObject({ findings: [], lost: 1 })
  await rename(join(installation.folder, 'aside'), installation.pathOf(kept.key))
  expect(await gateway.app.doctor.repair()).toMatchObject({ findings: [], lost: 0 })
  expect(await gateway.download(kept.mediaId)).toEqual({ status: 200, bytes: kept.bytes })
})

test('another object of the same size does not make a lost blob live again', async () => {
  const kept = await keep()
  await rm(installation.pathOf(kept.key))
  await gateway.app.doctor.repair()
  await writeFile(installation.pathOf(kept.key), randomBytes(1_000))
  expect(await gateway.app.doctor.repair()).toMatchObject({ findings: [], repaired: [], lost: 1 })
  await lost(kept)
})

test('many losses at once are refused, and done when an operator says that they are none of a wrong store', async () => {
  const all: Kept[] = []
  for (let i = 0; i < 8; i++) all.push(await keep(10))
  for (const { key } of all.slice(0, 6)) await rm(installation.pathOf(key))
  const refused = await gateway.app.doctor.repair()
  expect(refused.repaired).toEqual([])
  expect(refused.findings.map(({ refusal }) => refusal)).toEqual(
    Array(6).fill(expect.stringContaining('6 of 8 blobs in the store default are damaged')),
  )
  expect(await stateOf(all[0]?.blobId ?? '')).toBe('live')
  const done = await gateway.app.doctor.repair({ allowMany: true })
  expect([done.findings, done.repaired.length, done.lost]).toEqual([[], 6, 6])
  expect(await gateway.app.doctor.examine()).toMatchObject({ findings: [] })
})

test('many objects without a row are refused, too', async () => {
  const strangers = await Promise.all(Array.from({ length: 6 }, () => addStranger(blobKey(longAgo()))))
  const refused = await gateway.app.doctor.repair()
  expect(refused.findings[0]?.refusal).toContain('6 of 6 objects in the store default have no row')
  expect(Object.keys(await installation.tree())).toEqual(expect.arrayContaining(strangers))
  expect((await gateway.app.doctor.repair({ allowMany: true })).repaired).toHaveLength(6)
})

test.each([
  ['was written a moment ago', blobKey(longAgo()), { old: false }],
  ['looks old, and has the key of a young blob', blobKey(uuid7Maker()()), { old: true }],
])('an object without a row that %s is left for a later run', async (_, key, age) => {
  await addStranger(key, age)
  const { findings, repaired } = await gateway.app.doctor.repair()
  expect([findings[0]?.refusal, repaired]).toEqual([expect.stringContaining('younger than 7 days'), []])
  expect(Object.keys(await installation.tree())).toContain(key)
})

test('sums are mended beside uploads, and none of these is lost', async () => {
  await gateway.sql(`UPDATE account SET used_bytes = 123456, reserved_bytes = 99`)
  const uploads = Promise.all(Array.from({ length: 12 }, () => keep(1_000)))
  for (let i = 0; i < 6; i++) await gateway.app.doctor.repair({ quick: true })
  await uploads
  await gateway.app.doctor.repair({ quick: true })
  expect(
    await gateway.sql(`SELECT used_bytes::int AS used, reserved_bytes::int AS reserved FROM account`),
  ).toEqual([{ used: 12_000, reserved: 0 }])
})

/** Does `first` in a transaction, repairs meanwhile, and commits once the repair waits for it. */
async function repairBeside(first: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await first(client)
    const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
    const repairing = gateway.app.doctor.repair({ quick: true })
    // Nothing tells of a lock that is waited for but the database itself.
    for (let waits = false; !waits; ) {
      const blocked = `SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`
      waits = (await gateway.sql(blocked, [rows[0].pid])).length > 0
    }
    await client.query('COMMIT')
    await repairing
  } finally {
    await client.end()
  }
}

test('sums are mended with what an upload adds that commits meanwhile', async () => {
  await keep(1_000)
  await gateway.sql(`UPDATE account SET used_bytes = 7 WHERE id = 'acme'`)
  const id = randomUUID()
  await repairBeside(async client => {
    await client.query(
      `INSERT INTO blob (id, account_id, store_id, key, state, size, sha256, doom_at)
       VALUES ($1, 'acme', 'default', $2, 'doomed', 500, repeat('0', 64), now() + interval '1 hour')`,
      [id, blobKey(id)],
    )
    await client.query(`UPDATE account SET used_bytes = used_bytes + 500 WHERE id = 'acme'`)
  })
  expect(await gateway.sql(`SELECT used_bytes::int AS used FROM account`)).toEqual([{ used: 1_500 }])
})

test('holds are mended with one that is applied meanwhile', async () => {
  const { mediaId } = await keep()
  await gateway.sql(`UPDATE media SET open_holds = 3`)
  await repairBeside(async client => {
    await client.query(`UPDATE media SET open_holds = open_holds + 1 WHERE id = $1`, [mediaId])
    await client.query(
      `INSERT INTO legal_hold (id, account_id, media_id, reason, author) VALUES ($1, 'acme', $2, 'r', 'key:k')`,
      [randomUUID(), mediaId],
    )
  })
  expect(await gateway.sql(`SELECT open_holds AS holds FROM media`)).toEqual([{ holds: 1 }])
})

test('a sample reads as many contents as it says, and compares the sizes of all', async () => {
  const all: Kept[] = []
  for (let i = 0; i < 10; i++) all.push(await keep(100))
  const { examine } = gateway.app.doctor
  const hashed = async (options: Parameters<typeof examine>[0]) =>
    (await gateway.app.doctor.examine(options)).checked.bytesHashed
  expect([
    await hashed({ sample: { count: 3 } }),
    await hashed({ sample: { percent: 50 } }),
    await hashed({ quick: true }),
    await hashed({}),
  ]).toEqual([300, 500, 0, 1_000])
  await appendFile(installation.pathOf(all[9]?.key ?? ''), 'x')
  expect(codes(await gateway.app.doctor.examine({ sample: { count: 0 } }))).toEqual(['object-wrong-size'])
})
