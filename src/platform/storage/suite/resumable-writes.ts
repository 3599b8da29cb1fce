import { randomBytes } from 'node:crypto'
import { type ResumableWrites, StorageConflict, type StorageDriver } from '../driver.ts'
import { storageKey } from '../key.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
  type StoreUnderTest,
  sha256,
} from './store-under-test.ts'

/** Cuts that fall within, on and across the edges of buffers and of parts of object stores. */
const CUTS = [0, 1, 2, 65_537, 1_048_576, 1_048_576, 5_242_880, 6_000_001, 6_000_002]

export function resumableOf(driver: StorageDriver): ResumableWrites {
  if (!driver.resumable) throw new Error('the driver has no resumable writes')
  return driver.resumable
}

/** What a driver with resumable writes must do; part of `describeStorageDriver`. */
export function describeResumableWrites(store: () => StoreUnderTest): void {
  describe('a resumable write', () => {
    let driver: StorageDriver
    let writes: ResumableWrites

    beforeEach(() => {
      driver = store().driver
      writes = resumableOf(driver)
    })

    it('joins odd pieces to the object', async () => {
      const key = freshKey()
      const bytes = randomBytes(7_000_000)
      const handle = await writes.begin(key, {})
      let at = 0
      for (const end of [...CUTS, bytes.byteLength]) {
        expect(await writes.offset(handle)).toBe(at)
        expect(await writes.append(handle, at, bodyOf(bytes.subarray(at, end)))).toEqual({ offset: end })
        at = end
      }
      expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
      expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
      expect((await driver.stat(key))?.size).toBe(bytes.byteLength)
    })

    it('of no bytes gives an empty object', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      expect(await writes.offset(handle)).toBe(0)
      expect(await writes.complete(handle)).toEqual({ size: 0 })
      expect(await bytesOf(driver, key)).toEqual(Buffer.alloc(0))
    })

    it('has a handle of at most 1 000 characters for the longest key', async () => {
      const handle = await writes.begin(storageKey('k'.repeat(200)), {})
      expect(handle.length).toBeLessThanOrEqual(1000)
    })

    it('is no object and is listed as unfinished until it is complete', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(Buffer.from('half')))
      expect(await driver.read(key)).toBeNull()
      expect(await driver.stat(key)).toBeNull()
      expect(await all(driver.list(''))).toEqual([])
      expect(await all(driver.listUnfinished())).toEqual([key])
      await writes.complete(handle)
      expect(await all(driver.list(''))).toEqual([key])
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it.each([-1, 0, 3, 5, 1000])(
      'refuses an append at %i when the offset is 4, and changes nothing',
      async at => {
        const key = freshKey()
        const handle = await writes.begin(key, {})
        await writes.append(handle, 0, bodyOf(Buffer.from('four')))
        await expect(writes.append(handle, at, bodyOf(Buffer.from('more')))).rejects.toThrow(StorageConflict)
        expect(await writes.offset(handle)).toBe(4)
        await writes.complete(handle)
        expect(await bytesOf(driver, key)).toEqual(Buffer.from('four'))
      },
    )

    it.each([0, 1000, 3_000_000, 6_000_000])(
      'keeps what is durable of an append that breaks after %i bytes',
      async sent => {
        const key = freshKey()
        const bytes = randomBytes(7_000_000)
        const handle = await writes.begin(key, {})
        await writes.append(handle, 0, bodyOf(bytes.subarray(0, 500_000)))
        const error = new Error('the client has gone')
        const torn = writes.append(
          handle,
          500_000,
          brokenBody(bytes.subarray(500_000, 500_000 + sent), error),
        )
        await expect(torn).rejects.toBe(error)

        const offset = await writes.offset(handle)
        expect(offset).toBeGreaterThanOrEqual(500_000)
        expect(offset).toBeLessThanOrEqual(500_000 + sent)
        await writes.append(handle, offset, bodyOf(bytes.subarray(offset)))
        expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
        expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
      },
    )

    it.each([0, 4, 6_000_000])('takes back its last append, which began at %i', async at => {
      const key = freshKey()
      const bytes = randomBytes(7_000_000)
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(bytes.subarray(0, at)))
      await writes.append(handle, at, bodyOf(randomBytes(999_999)))
      await writes.rewind(handle, at)
      expect(await writes.offset(handle)).toBe(at)
      await expect(writes.append(handle, at + 999_999, bodyOf(Buffer.from('x')))).rejects.toThrow(
        StorageConflict,
      )
      await writes.append(handle, at, bodyOf(bytes.subarray(at)))
      expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
      expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
    })

    it('takes back an append that broke, and one that added nothing', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(Buffer.from('four')))
      await Promise.allSettled([
        writes.append(handle, 4, brokenBody(randomBytes(6_000_000), new Error('gone'))),
      ])
      const other = resumableOf(await store().another())
      await other.rewind(handle, 4)
      await other.rewind(handle, 4)
      expect(await writes.offset(handle)).toBe(4)
      await expect(writes.rewind(handle, 5)).rejects.toThrow(StorageConflict)
      await writes.complete(handle)
      await expect(writes.rewind(handle, 4)).rejects.toThrow(StorageConflict)
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('four'))
    })

    it('goes on at another node', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(Buffer.from('here, ')))
      const other = resumableOf(await store().another())
      expect(await other.offset(handle)).toBe(6)
      await other.append(handle, 6, bodyOf(Buffer.from('there')))
      expect(await writes.offset(handle)).toBe(11)
      await other.complete(handle)
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('here, there'))
    })

    it('may be completed again with the same answer, and then takes no more bytes', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(Buffer.from('whole')))
      expect(await writes.complete(handle)).toEqual({ size: 5 })
      expect(await writes.complete(handle)).toEqual({ size: 5 })
      await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
      await expect(writes.append(handle, 5, bodyOf(Buffer.from('!')))).rejects.toThrow(StorageConflict)
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('whole'))
    })

    it('leaves nothing when it is aborted, and may be aborted again', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(randomBytes(6_000_000)))
      await writes.abort(handle)
      await writes.abort(handle)
      expect(await all(driver.listUnfinished())).toEqual([])
      expect(await driver.read(key)).toBeNull()
      await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
      await expect(writes.append(handle, 0, bodyOf(Buffer.from('late')))).rejects.toThrow(StorageConflict)
      await expect(writes.complete(handle)).rejects.toThrow(StorageConflict)
    })

    it('is not undone by an abort that comes after it is complete', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(Buffer.from('kept')))
      await writes.complete(handle)
      await writes.abort(handle)
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('kept'))
    })

    it('goes when its key is deleted', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(randomBytes(6_000_000)))
      await driver.delete(key)
      expect(await all(driver.listUnfinished())).toEqual([])
      await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
    })

    it('holds its key against other writes, and is refused a key that is taken', async () => {
      const [begun, written] = [freshKey(), freshKey()]
      const handle = await writes.begin(begun, {})
      await expect(writes.begin(begun, {})).rejects.toThrow(StorageConflict)
      await expect(driver.write(begun, bodyOf(Buffer.from('other')), {})).rejects.toThrow(StorageConflict)
      await writes.append(handle, 0, bodyOf(Buffer.from('mine')))
      await writes.complete(handle)
      expect(await bytesOf(driver, begun)).toEqual(Buffer.from('mine'))

      await driver.write(written, bodyOf(Buffer.from('first')), {})
      await expect(writes.begin(written, {})).rejects.toThrow(StorageConflict)
      expect(await bytesOf(driver, written)).toEqual(Buffer.from('first'))
    })

    it('refuses handles that it never gave', async () => {
      for (const handle of ['', 'no/such/handle', '../../etc/passwd', '\0']) {
        await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
        await expect(writes.append(handle, 0, bodyOf(Buffer.from('x')))).rejects.toThrow(StorageConflict)
        await expect(writes.complete(handle)).rejects.toThrow(StorageConflict)
      }
    })

    it('leaves nothing open, whether it goes on, breaks or is refused', async () => {
      const handle = await writes.begin(freshKey(), {})
      const open = await store().openResources?.()
      await writes.append(handle, 0, bodyOf(randomBytes(100_000)))
      await Promise.allSettled([writes.append(handle, 7, bodyOf(Buffer.from('x')))])
      await Promise.allSettled([
        writes.append(handle, 100_000, brokenBody(randomBytes(9), new Error('gone'))),
      ])
      await writes.complete(handle)
      expect(await store().openResources?.()).toBe(open)
    })
  })
}
