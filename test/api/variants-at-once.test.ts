import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import type { ObjectFiles, StorageDriver } from '../../src/platform/storage/driver.ts'
import type { StorageKey } from '../../src/platform/storage/key.ts'
import { atRest, type Resources } from '../faults/aborts/resources.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { metricOf } from '../support/metrics.ts'
import { pictureTools } from '../support/pictures.ts'
import { replaceContent } from '../support/replace.ts'

/** Told of each read of the store, when its first byte is waited for, or its file is opened. */
let onRead: (key: string) => void = () => undefined
/** Whether the store has files to lend; without, bytes pass through the gateway. */
let lends = true
const watched = (driver: StorageDriver): StorageDriver =>
  new Proxy(driver, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (name === 'files') return lends && value ? { open: opening(value) } : undefined
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        if (name === 'read')
          return value.apply(target, args).then((body: Readable) => told(body, String(args[0])))
        return value.apply(target, args)
      }
    },
  })

const opening = (files: ObjectFiles) => (key: StorageKey) => {
  onRead(key)
  return files.open(key)
}

function told(body: Readable | null, key: string): Readable | null {
  if (!body) return null
  async function* chunks(source: Readable) {
    onRead(key)
    yield* source
  }
  const watchedBody = Readable.from(chunks(body), { objectMode: false })
  return watchedBody.once('close', () => body.destroy())
}

const METRICS_TOKEN = 'metrics-token-for-tests'
const metric = metricOf(METRICS_TOKEN)
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp(
    {
      METRICS_TOKEN,
      IMAGE_RENDERERS: '1',
      VARIANT_CACHE_BYTES: '20000',
      TRASH_DAYS: '0',
    },
    { wrapStore: watched },
  )
})
afterEach(() => {
  onRead = () => undefined
  lends = true
})
afterAll(() => gateway.close())

const { sql, uploaded, pathOf } = pictureTools(() => gateway)
const keyOf = async (id: string) =>
  (
    await sql<{ key: string }>(`SELECT b.key FROM blob b JOIN media m ON m.blob_id = b.id WHERE m.id = $1`, [
      id,
    ])
  )[0]?.key

test('100 who ask for one new picture at two nodes have it made once', async () => {
  const beside = await gateway.beside()
  const id = await uploaded('photo-iphone-gps.jpg')
  const [path, key] = [await pathOf(id, { width: 701, format: 'WEBP' }), await keyOf(id)]
  let reads = 0
  onRead = read => {
    if (read === key) reads++
  }
  const made = async () =>
    (await metric(gateway.url, 'renders_total', 'ok')) + (await metric(beside.url, 'renders_total', 'ok'))
  const before = await made()
  const bodies = await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const answer = await fetch((n % 2 ? gateway.url : beside.url) + path)
      return `${answer.status} ${Buffer.from(await answer.arrayBuffer()).toString('base64')}`
    }),
  )
  expect(new Set(bodies).size).toBe(1)
  expect(bodies[0]).toMatch(/^200 /)
  expect([(await made()) - before, reads]).toEqual([1, 1])
  expect(await sql(`SELECT 1 FROM variant WHERE recipe = 'w701-webp@1'`)).toHaveLength(1)
  expect(await metric(beside.url, 'variant_requests_total', 'miss')).toBeGreaterThan(0)
  await beside.close()
})

/** A request on a connection of its own; its status, or how far it came. */
async function ask(method: string, path: string, leaveAfter = Infinity): Promise<number> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ADMIN}\r\nConnection: close\r\n\r\n`,
  )
  let head = ''
  let got = 0
  const closed = once(socket, 'close')
  socket.on('error', () => undefined)
  socket.on('data', chunk => {
    got += chunk.length
    if (head.length < 100) head += chunk.toString('latin1')
    if (got >= leaveAfter) socket.destroy()
  })
  if (leaveAfter === 0) socket.end()
  await closed
  return Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0)
}

async function many(count: number, work: (n: number) => Promise<number>): Promise<Set<number>> {
  const statuses = new Set<number>()
  for (let done = 0; done < count; done += 20) {
    const some = Array.from({ length: Math.min(20, count - done) }, (_, n) => work(done + n))
    for (const status of await Promise.all(some)) statuses.add(status)
  }
  return statuses
}

test('invalid transforms, HEADs and clients that leave in the middle hold nothing', async () => {
  const few = countOf({ daily: 40, thorough: 1 })
  const id = await uploaded('photo-orientation-6.jpg')
  const good = await pathOf(id, { width: 1200, format: 'PNG' })
  // Asked for ahead: the connections by which this test asks stay open for a while.
  const fresh: string[] = []
  for (let n = 0; n < 10; n++) fresh.push(await pathOf(id, { width: 40 + n, format: 'WEBP' }))
  expect(await ask('GET', good)).toBe(200)
  const holder = { pid: process.pid, pools: [gateway.app.foundation.database.pool] }
  const before = await atRest(holder)

  const invalid = (n: number) => ask('GET', `/media/${id}/image/w${n}-w${n}-webp`)
  expect(await many(2_000 / few, invalid)).toEqual(new Set([400]))
  expect(await many(2_000 / few, () => ask('HEAD', good))).toEqual(new Set([200]))
  expect(await many(500 / few, () => ask('GET', good, 1_000))).toEqual(new Set([200]))
  // These leave while it is being made, or before it is begun.
  await many(fresh.length, async n => {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`GET ${fresh[n]} HTTP/1.1\r\nHost: x\r\n\r\n`, () => socket.resetAndDestroy())
    await once(socket, 'close')
    return 0
  })

  expect(await ask('GET', good)).toBe(200)
  await gateway.app.pictures.variants.settled()
  for (const path of fresh) expect(await ask('GET', path)).toBe(200)
  const after = await atRest(holder)
  expect(after.open.filter(target => target.startsWith(gateway.dataDir))).toEqual(
    before.open.filter(target => target.startsWith(gateway.dataDir)),
  )
  const sockets = ({ open }: Resources) => open.filter(target => target.startsWith('socket:')).length
  expect(after.open.length - sockets(after)).toBeLessThanOrEqual(before.open.length - sockets(before))
  // A connection of the pool may have been opened or closed while it was looked at.
  expect(sockets(after)).toBeLessThanOrEqual(sockets(before) + 2)
}, 600_000)

test('a client that leaves does not take the picture from those who wait for it', async () => {
  const id = await uploaded('photo-iphone-gps.jpg')
  const path = await pathOf(id, { width: 702, format: 'WEBP' })
  const key = await keyOf(id)
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  await once(socket, 'connect')
  const begun = new Promise<void>(resolve => {
    onRead = read => read === key && resolve()
  })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await begun
  const waiting = ask('GET', path)
  socket.resetAndDestroy()
  expect(await waiting).toBe(200)
})

test('a picture whose process is killed half-way leaves nothing, and is made when it is asked for again', async () => {
  const id = await uploaded('photo.webp')
  const [path, key] = [await pathOf(id, { width: 333, format: 'WEBP' }), await keyOf(id)]
  const names = await gateway.storedNames()
  let kills = 0
  // Its first byte is then waited for by the process.
  lends = false
  onRead = read => {
    if (read !== key) return
    kills++
    for (const pid of gateway.app.pictures.renderer.pids) process.kill(pid, 'SIGKILL')
  }
  // It is tried twice: the system ends processes for what others take.
  expect([await ask('GET', path), kills]).toEqual([422, 2])
  expect(await sql(`SELECT 1 FROM variant WHERE recipe = 'w333-webp@1'`)).toEqual([])
  expect(await sql(`SELECT 1 FROM blob WHERE state <> 'live'`)).toEqual([])
  expect(await gateway.storedNames()).toEqual(names)
  onRead = () => undefined
  expect(await ask('GET', path)).toBe(200)
})

describe('variants go', () => {
  const recipesOf = async (id: string) =>
    (
      await sql<{ recipe: string }>(
        `SELECT recipe FROM variant WHERE sha256 = (SELECT sha256 FROM media WHERE id = $1) ORDER BY 1`,
        [id],
      )
    ).map(({ recipe }) => recipe)
  const made = async (id: string, width: number) => {
    const path = await pathOf(id, { width, format: 'JPEG' })
    expect(await ask('GET', path)).toBe(200)
    await gateway.app.pictures.variants.settled()
    return path
  }

  test('with the last media of their content, at once', async () => {
    const [one, twin] = [await uploaded('photo-gps.jpg'), await uploaded('photo-gps.jpg')]
    await made(one, 33)
    const { cleaning } = gateway.app.pictures
    const remove = async (id: string) => {
      await gateway.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, {
        id,
      })
      await gateway.app.trash.empty()
      return cleaning.removeOrphans()
    }
    expect(await remove(one)).toBe(0)
    expect(await recipesOf(twin)).toEqual(['w33-jpeg@1'])
    const [content] = await sql<{ sha256: string }>(`SELECT sha256 FROM media WHERE id = $1`, [twin])
    expect(await remove(twin)).toBe(0)
    expect(await sql(`SELECT recipe FROM variant WHERE sha256 = $1`, [content?.sha256])).toEqual([])
    await gateway.app.reaper.run()
    expect(await sql(`SELECT state FROM blob WHERE of_content = $1`, [content?.sha256])).toEqual([])
  })

  test('with the last version of their content, when a download of them has ended', async () => {
    const id = await uploaded('photo-gps.jpg')
    await made(id, 34)
    await replaceContent({ url: gateway.url, authorization: ADMIN }, { bytes: Buffer.from('text') }, { id })
    // As the sweep of old versions does a week later.
    await sql(
      `WITH gone AS (DELETE FROM media_version WHERE media_id = $1 AND n = 1 RETURNING blob_id)
       UPDATE blob SET state = 'doomed', doom_at = now() WHERE id IN (SELECT blob_id FROM gone)`,
      [id],
    )
    expect(await gateway.app.pictures.cleaning.removeOrphans()).toBe(1)
    const doomed = await sql<{ minutes: number }>(
      `SELECT round(extract(epoch FROM doom_at - now()) / 60)::int AS minutes FROM blob WHERE state = 'doomed' AND doom_at > now()`,
    )
    expect(doomed).toEqual([{ minutes: 60 }])
  })

  test('where an account has too many bytes of them, those first that were not asked for the longest', async () => {
    await sql(`DELETE FROM variant`)
    await sql(
      `UPDATE blob SET state = 'doomed', doom_at = now() WHERE id NOT IN (SELECT blob_id FROM media_version)`,
    )
    const id = await uploaded('photo-iphone-gps.jpg')
    const paths = [await made(id, 300), await made(id, 301), await made(id, 302)]
    await sql(
      `UPDATE variant SET last_used_at = now() - interval '2 days' WHERE recipe IN ('w300-jpeg@1', 'w301-jpeg@1')`,
    )
    // It is asked for again, and that is noted.
    expect(await ask('GET', paths[0] ?? '')).toBe(200)
    const [size] = await sql<{ n: number }>(
      `SELECT max(size)::float8 AS n FROM blob b JOIN variant v ON v.blob_id = b.id`,
    )
    expect((size?.n ?? 0) * 2).toBeLessThan(2 * 20_000)
    const used = async () =>
      (await sql<{ n: number }>(`SELECT used_bytes::float8 AS n FROM account WHERE id = 'acme'`))[0]?.n ?? 0
    await gateway.app.pictures.variants.settled()
    const before = await used()
    const evicted = await gateway.app.pictures.cleaning.removeExcess()
    expect(evicted).toBeGreaterThan(0)
    expect(await recipesOf(id)).not.toContain('w301-jpeg@1')
    await sql(`UPDATE blob SET doom_at = now() WHERE state = 'doomed'`)
    await gateway.app.reaper.run()
    expect(await used()).toBeLessThan(before)
    expect(await gateway.app.pictures.cleaning.removeExcess()).toBe(0)
    // It is made anew when it is asked for again.
    expect(await ask('GET', paths[1] ?? '')).toBe(200)
  })
})
