import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import type { StorageDriver } from '../../src/platform/storage/driver.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { metricOf } from '../support/metrics.ts'
import { pictureTools } from '../support/pictures.ts'

/** Waited for ahead of each write. */
let beforeWrite: () => Promise<void> = async () => undefined
const watched = (driver: StorageDriver): StorageDriver =>
  new Proxy(driver, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) =>
        name === 'write' ? beforeWrite().then(() => value.apply(target, args)) : value.apply(target, args)
    },
  })

const METRICS_TOKEN = 'metrics-token-for-tests'
const metric = metricOf(METRICS_TOKEN)
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ METRICS_TOKEN, IMAGE_RENDERERS: '1' }, { wrapStore: watched })
})
afterEach(() => {
  beforeWrite = async () => undefined
})
afterAll(() => gateway.close())

const { sql, uploaded, image, fetched, pathOf } = pictureTools(() => gateway)

describe('a picture that is new', () => {
  const variants = (recipe: string) =>
    sql<{ state: string }>(
      `SELECT b.state FROM variant v JOIN blob b ON b.id = v.blob_id WHERE v.recipe = $1`,
      [recipe],
    )

  test('is sent while it is stored, whole or in part', async () => {
    const { url } = await image(await uploaded('photo-iphone-gps.jpg'), { width: 311, format: 'PNG' })
    const gate = Promise.withResolvers<void>()
    beforeWrite = () => gate.promise
    const [whole, part] = [await fetched(url), await fetched(url, { range: 'bytes=10-29' })]
    expect([whole.status, part.status]).toEqual([200, 206])
    expect(part.body).toEqual(whole.body.subarray(10, 30))
    expect(await variants('w311-png@1')).toEqual([])
    gate.resolve()
    await gateway.app.pictures.variants.settled()
    expect(await variants('w311-png@1')).toEqual([{ state: 'live' }])
    const stored = await fetched(url)
    expect(stored.body).toEqual(whole.body)
    expect(stored.headers.get('etag')).toBe(whole.headers.get('etag'))
  })

  test('is sent though the store takes nothing, which leaves nothing and is tried again', async () => {
    const { url } = await image(await uploaded('photo-iphone-gps.jpg'), { width: 312, format: 'PNG' })
    beforeWrite = () => Promise.reject(new Error('no space left'))
    const whole = await fetched(url)
    expect(whole.status).toBe(200)
    await gateway.app.pictures.variants.settled()
    expect(await variants('w312-png@1')).toEqual([])
    expect(await sql(`SELECT 1 FROM blob WHERE state <> 'live'`)).toEqual([])
    beforeWrite = async () => undefined
    expect((await fetched(url)).body).toEqual(whole.body)
    await gateway.app.pictures.variants.settled()
    expect(await variants('w312-png@1')).toEqual([{ state: 'live' }])
  })
})

describe('a picture that cannot be kept while it is made leaves its place to the next one', () => {
  /** Somewhat more than is held of a picture: its process has nothing more to do while its last bytes wait for the store. */
  const HEIGHTS = [658, 660, 662, 664, 667]
  const noisy = async (height: number): Promise<string> => {
    const noise = { type: 'gaussian', mean: 128, sigma: 90 } as const
    const create = { width: 600, height, channels: 3, background: '#808080', noise } as const
    const bytes = await sharp({ create }).png().toBuffer()
    expect(bytes.length).toBeGreaterThan(1024 * 1024)
    return pathOf((await gateway.upload({ bytes, fileName: 'noise.png' })).media.id, { format: 'PNG' })
  }
  /** Resolves when one more picture has left its process, or after a while: more of them may wait. */
  async function rendered(url: string, before: number): Promise<void> {
    for (let tries = 0; tries < 100 && (await ended(url)) === before; tries++) await delay(20)
  }
  const ended = (url: string) => metric(url, 'isolated_task_seconds_count', 'pool="render",outcome="ok"')

  test('by the store', async () => {
    const beside = await gateway.beside({}, { wrapStore: watched })
    for (const height of HEIGHTS) {
      const path = await noisy(height)
      const before = await ended(beside.url)
      beforeWrite = async () => {
        await rendered(beside.url, before)
        throw new Error('no space left')
      }
      expect((await fetch(beside.url + path)).status).toBe(503)
      beforeWrite = async () => undefined
      expect((await fetch(beside.url + path)).status).toBe(200)
    }
    await beside.close()
  })

  test('by the database', async () => {
    const beside = await gateway.beside({}, { wrapStore: watched })
    const client = gateway.app.foundation.database.newClient()
    await client.connect()
    for (const height of HEIGHTS) {
      const path = await noisy(height)
      const before = await ended(beside.url)
      await client.query('BEGIN; LOCK TABLE blob IN SHARE ROW EXCLUSIVE MODE')
      const answer = fetch(beside.url + path)
      await rendered(beside.url, before)
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'blob'::regclass AND NOT granted`,
      )
      await client.query('ROLLBACK')
      expect((await answer).status).toBe(503)
      expect((await fetch(beside.url + path)).status).toBe(200)
    }
    await client.end()
    await beside.close()
  })
})
