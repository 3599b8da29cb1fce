import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { StorageConflict, type StorageDriver } from '../../src/platform/storage/driver.ts'
import type { StorageKey } from '../../src/platform/storage/key.ts'
import { openDriver, type StorageVariables } from '../../src/platform/storage/storage-url.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
  type StoreUnderTest,
} from '../../src/platform/storage/suite/store-under-test.ts'
import { killWriter } from './storage-killed-writer.ts'

export const MEBIBYTE = 1024 * 1024

/** A store of objects at a server of its own protocol, below a prefix. */
export interface ObjectStore extends StoreUnderTest {
  readonly url: string
  readonly variables: StorageVariables
  /** Everything that lies there, whole or begun, without the prefix, as the store itself tells it. */
  left(): Promise<string[]>
  /** Parts of a key that have arrived and are no object. */
  parts(key: StorageKey): Promise<number>
  put(name: string, text: string): Promise<void>
}

/** What is true of writes to a store of objects beyond the contract of all drivers. */
export function describeObjectWrites(open: () => Promise<ObjectStore>): void {
  let store: ObjectStore
  let driver: StorageDriver

  beforeEach(async () => {
    store = await open()
    driver = store.driver
  })

  afterEach(async () => store.dispose())

  describe('a write in parts', () => {
    it.each([8 * MEBIBYTE - 1, 8 * MEBIBYTE, 8 * MEBIBYTE + 1, 40 * MEBIBYTE])(
      'of %i bytes leaves its object and nothing else',
      async size => {
        const key = freshKey()
        const bytes = randomBytes(size)
        expect(await driver.write(key, bodyOf(bytes), {})).toEqual({ size })
        expect((await bytesOf(driver, key))?.equals(bytes)).toBe(true)
        expect(await store.left()).toEqual([key])
      },
    )

    it('that breaks off leaves nothing', async () => {
      const error = new Error('the client has gone')
      const written = driver.write(freshKey(), brokenBody(randomBytes(30 * MEBIBYTE), error), {})
      await expect(written).rejects.toBe(error)
      expect(await store.left()).toEqual([])
    })

    it('that is aborted with parts on the way leaves nothing', async () => {
      const key = freshKey()
      const abort = new AbortController()
      const settled = Promise.allSettled([driver.write(key, endless(), { signal: abort.signal })])
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      abort.abort()
      expect(await settled).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }])
      expect(await store.left()).toEqual([])
      expect(await store.openResources?.()).toBe(0)
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
      expect(await store.left()).toEqual([key])
    })

    it.each([
      ['a part', randomBytes(1000)],
      ['nothing but its end', Buffer.alloc(0)],
    ])('is refused when its key was deleted at another node before %s came', async (_what, rest) => {
      const key = freshKey()
      const body = new PassThrough()
      const settled = Promise.allSettled([driver.write(key, body, {})])
      body.write(randomBytes(8 * MEBIBYTE))
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      await (await store.another()).delete(key)
      body.end(rest)
      const [result] = await settled
      expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
      expect(await store.left()).toEqual([])
    })

    it('does not undo what another one has written meanwhile', async () => {
      const key = freshKey()
      const body = new PassThrough()
      const settled = Promise.allSettled([driver.write(key, body, {})])
      body.write(randomBytes(8 * MEBIBYTE))
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      const other = await store.another()
      await other.delete(key)
      await other.write(key, bodyOf(Buffer.from('of the other')), {})
      body.end('late')
      const [result] = await settled
      expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('of the other'))
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
      expect(await store.left()).toEqual([])
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
    expect(await store.left()).toEqual([])
  })

  it('ignores names that are not its own', async () => {
    for (const name of [
      'README.txt',
      'Upper',
      '.unfinished/notes.txt',
      '.unfinished/Bad Name',
      '.unfinished/Bad Name/claim',
      'folder/',
    ])
      await store.put(name, 'not ours')
    expect(await all(driver.list(''))).toEqual([])
    expect(await all(driver.listUnfinished())).toEqual([])
  })

  it('keeps apart what lies under different prefixes of one place', async () => {
    const key = freshKey()
    const other = await openDriver(store.url.replace('media/files/', 'media'), store.variables)
    await other.write(key, bodyOf(Buffer.from('theirs')), {})
    await driver.write(key, bodyOf(Buffer.from('ours')), {})
    await other.delete(key)
    expect(await all(driver.list(''))).toEqual([key])
    expect(await bytesOf(driver, key)).toEqual(Buffer.from('ours'))
    await other.close()
  })
}

/** A body without an end. */
export function endless(): Readable {
  const chunk = Buffer.alloc(64 * 1024, 7)
  return new Readable({
    read() {
      this.push(chunk)
    },
  }).on('error', () => undefined)
}
