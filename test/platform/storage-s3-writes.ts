import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { StorageConflict, type StorageDriver } from '../../src/platform/storage/driver.ts'
import { Storage } from '../../src/platform/storage/storage.ts'
import { openDriver } from '../../src/platform/storage/storage-url.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
} from '../../src/platform/storage/suite/store-under-test.ts'
import type { CephRgw } from '../support/ceph-rgw.ts'
import { killWriter } from './storage-killed-writer.ts'
import { type S3Store, s3Store } from './storage-s3-store.ts'

const MEBIBYTE = 1024 * 1024

/** What is true of writes to a bucket beyond the contract of all drivers. */
export function describeS3Writes(rgw: () => CephRgw): void {
  let store: S3Store
  let driver: StorageDriver

  beforeEach(async () => {
    store = await s3Store(rgw())
    driver = store.driver
  })

  afterEach(async () => store.dispose())

  async function expectNothing(): Promise<void> {
    expect(await store.names()).toEqual([])
    expect(await store.uploads()).toBe(0)
  }

  describe('a write in parts', () => {
    it.each([8 * MEBIBYTE - 1, 8 * MEBIBYTE, 8 * MEBIBYTE + 1, 40 * MEBIBYTE])(
      'of %i bytes leaves its object and nothing else',
      async size => {
        const key = freshKey()
        const bytes = randomBytes(size)
        expect(await driver.write(key, bodyOf(bytes), {})).toEqual({ size })
        expect((await bytesOf(driver, key))?.equals(bytes)).toBe(true)
        expect(await store.names()).toEqual([key])
        expect(await store.uploads()).toBe(0)
      },
    )

    it('that breaks off leaves nothing', async () => {
      const error = new Error('the client has gone')
      const written = driver.write(freshKey(), brokenBody(randomBytes(30 * MEBIBYTE), error), {})
      await expect(written).rejects.toBe(error)
      await expectNothing()
    })

    it('that is aborted with parts on the way leaves nothing', async () => {
      const abort = new AbortController()
      const written = driver.write(freshKey(), endless(), { signal: abort.signal })
      const settled = Promise.allSettled([written])
      while ((await store.uploads()) === 0) await new Promise(setImmediate)
      abort.abort()
      expect(await settled).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }])
      await expectNothing()
      expect(await store.openResources?.()).toBe(0)
    })

    it('tells its handle before its first part, and another node ends it by that', async () => {
      const key = freshKey()
      let partsThen = -1
      const { promise: begun, resolve } = Promise.withResolvers<string>()
      const written = driver.write(key, endless(), {
        async onBegun(handle) {
          partsThen = await store.parts()
          resolve(handle)
        },
      })
      const settled = Promise.allSettled([written])
      const handle = await begun
      while ((await store.parts()) === 0) await new Promise(setImmediate)
      await (await store.another()).resumable?.abort(handle)
      expect(await settled).toMatchObject([{ status: 'rejected', reason: expect.any(StorageConflict) }])
      expect(partsThen).toBe(0)
      await expectNothing()
    })

    it('leaves nothing when its handle cannot be kept', async () => {
      const error = new Error('the database has gone')
      const written = driver.write(freshKey(), endless(), { onBegun: () => Promise.reject(error) })
      await expect(written).rejects.toBe(error)
      await expectNothing()
    })

    it('is won by one of the writers that race for a key at two nodes', async () => {
      const key = freshKey()
      const nodes = [driver, await store.another()]
      const bodies = Array.from({ length: 4 }, (_, n) => Buffer.alloc(10 * MEBIBYTE, n))
      const results = await Promise.allSettled(
        bodies.map((bytes, n) => (nodes[n % 2] as StorageDriver).write(key, bodyOf(bytes), {})),
      )
      const winners = bodies.filter((_, n) => results[n]?.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StorageConflict)
      }
      expect((await bytesOf(driver, key))?.equals(winners[0] as Buffer)).toBe(true)
      expect(await store.names()).toEqual([key])
      expect(await store.uploads()).toBe(0)
    })

    it.each([
      ['a part', randomBytes(1000)],
      ['nothing but its end', Buffer.alloc(0)],
    ])('is refused when its key was deleted at another node before %s came', async (_what, rest) => {
      const key = freshKey()
      const body = new PassThrough()
      const settled = Promise.allSettled([driver.write(key, body, {})])
      body.write(randomBytes(8 * MEBIBYTE))
      while ((await store.parts()) === 0) await new Promise(setImmediate)
      await (await store.another()).delete(key)
      body.end(rest)
      const [result] = await settled
      expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
      await expectNothing()
    })

    it('holds a bounded part of it in memory', async () => {
      const size = 128 * MEBIBYTE
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      const body = Readable.from(
        (function* () {
          for (let at = 0; at < size; at += 64 * 1024) {
            most = Math.max(most, process.memoryUsage().arrayBuffers - before)
            yield Buffer.alloc(64 * 1024, at / 65_536)
          }
        })(),
      )
      expect(await driver.write(freshKey(), body, { ownsChunks: true })).toEqual({ size })
      expect(most).toBeLessThan(64 * MEBIBYTE)
    })

    it('whose process is killed is unfinished, and goes with its key', async () => {
      const key = freshKey()
      await killWriter({ store, key, how: 'write' })
      expect(await all(driver.listUnfinished())).toEqual([key])
      expect(await all(driver.list(''))).toEqual([])
      expect(await driver.stat(key)).toBeNull()
      await expect(driver.write(key, bodyOf(Buffer.from('late')), {})).rejects.toThrow(StorageConflict)
      await driver.delete(key)
      await expectNothing()
    })
  })

  it('does not make an object of a small body whose key was deleted meanwhile', async () => {
    const key = freshKey()
    const body = new PassThrough()
    const settled = Promise.allSettled([driver.write(key, body, {})])
    body.write('still going')
    await driver.delete(key)
    body.end()
    const [result] = await settled
    expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
    await expectNothing()
  })

  it('ignores names that are not its own', async () => {
    for (const name of [
      'README.txt',
      'Upper',
      '.unfinished/notes.txt',
      '.unfinished/Bad Name/claim',
      'folder/',
    ])
      await store.put(name, 'not ours')
    expect(await all(driver.list(''))).toEqual([])
    expect(await all(driver.listUnfinished())).toEqual([])
  })

  it('keeps apart what lies under different prefixes of a bucket', async () => {
    const key = freshKey()
    const other = await openDriver(store.url.replace('media/files/', 'media'))
    await other.write(key, bodyOf(Buffer.from('theirs')), {})
    await driver.write(key, bodyOf(Buffer.from('ours')), {})
    await other.delete(key)
    expect(await all(driver.list(''))).toEqual([key])
    expect(await bytesOf(driver, key)).toEqual(Buffer.from('ours'))
    await other.close()
  })

  it('does not say of a bucket that is gone that its objects are missing', async () => {
    await store.removeBucket()
    await expect(driver.stat(freshKey())).rejects.toThrow('HTTP 404')
    await expect(driver.read(freshKey())).rejects.toThrow('NoSuchBucket')
    await expect(driver.write(freshKey(), bodyOf(Buffer.from('x')), {})).rejects.toThrow('NoSuchBucket')
    await expect(driver.check()).rejects.toThrow('HTTP 404')
  })

  it('tells a full store from one that does not answer', async () => {
    await rgw().admin('quota', 'set', '--quota-scope=bucket', `--bucket=${store.bucket}`, '--max-size=1M')
    await rgw().admin('quota', 'enable', '--quota-scope=bucket', `--bucket=${store.bucket}`)
    const nowhere = await openDriver('s3://bucket?endpoint=http://127.0.0.1:1')
    const storage = new Storage({
      stores: new Map([
        ['small', driver],
        ['nowhere', nowhere],
      ]),
      defaultStore: 'small',
    })
    for (const size of [2 * MEBIBYTE, 20 * MEBIBYTE]) {
      const full = storage.write({ storeId: 'small', key: freshKey() }, bodyOf(randomBytes(size)))
      await expect(full).rejects.toMatchObject({ code: 'INSUFFICIENT_STORAGE', status: 507 })
    }
    await expectNothing()
    const away = storage.write({ storeId: 'nowhere', key: freshKey() }, bodyOf(Buffer.from('x')))
    await expect(away).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', status: 503 })
    await expect(storage.check('nowhere')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await nowhere.close()
  })

  it('cannot be used with a secret that is not the right one', async () => {
    const right = process.env.AWS_SECRET_ACCESS_KEY
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong'
    const stranger = await openDriver(store.url.replace('&createBucket=true', ''))
    try {
      await expect(stranger.check()).rejects.toThrow('HTTP 403')
      await expect(stranger.stat(freshKey())).rejects.toThrow('HTTP 403')
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = right
      await stranger.close()
    }
  })
}

function endless(): Readable {
  const chunk = Buffer.alloc(64 * 1024, 7)
  return new Readable({
    read() {
      this.push(chunk)
    },
  }).on('error', () => undefined)
}
