import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  type ResumableWrites,
  StorageConflict,
  type StorageDriver,
} from '../../src/platform/storage/driver.ts'
import {
  presignedWritesOf,
  presignOf,
  sendPresigned,
} from '../../src/platform/storage/suite/presigned-urls.ts'
import { resumableOf } from '../../src/platform/storage/suite/resumable-writes.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
  sha256,
} from '../../src/platform/storage/suite/store-under-test.ts'
import type { CephRgw } from '../support/ceph-rgw.ts'
import { killWriter } from './storage-killed-writer.ts'
import { type S3Store, s3Store } from './storage-s3-store.ts'

const MEBIBYTE = 1024 * 1024
const expiresInSeconds = 60

/** What is true of resumable writes and presigned requests of a bucket beyond the contract of all drivers. */
export function describeS3Resumable(rgw: () => CephRgw): void {
  let store: S3Store
  let driver: StorageDriver
  let writes: ResumableWrites

  beforeEach(async () => {
    store = await s3Store(rgw())
    driver = store.driver
    writes = resumableOf(driver)
  })

  afterEach(async () => store.dispose())

  describe('a resumable write in parts', () => {
    it.each([0, 6 * MEBIBYTE, 10 * MEBIBYTE])(
      'takes back several parts that began at %i, and overwrites them',
      async at => {
        const key = freshKey()
        const bytes = randomBytes(30 * MEBIBYTE)
        const handle = await writes.begin(key, {})
        await writes.append(handle, 0, bodyOf(bytes.subarray(0, at)))
        await writes.append(handle, at, bodyOf(randomBytes(17 * MEBIBYTE)))
        await writes.rewind(handle, at)
        expect(await writes.offset(handle)).toBe(at)
        const half = at + 7 * MEBIBYTE
        await writes.append(handle, at, bodyOf(bytes.subarray(at, half)))
        expect(await writes.offset(handle)).toBe(half)
        await writes.append(handle, half, bodyOf(bytes.subarray(half)))
        expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
        expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
        expect(await store.left()).toEqual([key])
      },
    )

    it('counts bytes as durable again that were taken back and came once more', async () => {
      const key = freshKey()
      const bytes = randomBytes(16 * MEBIBYTE)
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(bytes))
      await writes.rewind(handle, 0)
      const torn = writes.append(handle, 0, brokenBody(bytes.subarray(0, 11 * MEBIBYTE), new Error('gone')))
      await expect(torn).rejects.toThrow('gone')
      const offset = await writes.offset(handle)
      expect(offset).toBe(11 * MEBIBYTE)
      await writes.append(handle, offset, bodyOf(bytes.subarray(offset)))
      expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
      expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
    })

    it('is refused, not falsified, when parts that were taken back have nothing in their place', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(randomBytes(6 * MEBIBYTE)))
      await writes.append(handle, 6 * MEBIBYTE, bodyOf(randomBytes(17 * MEBIBYTE)))
      await writes.rewind(handle, 6 * MEBIBYTE)
      await expect(writes.complete(handle)).rejects.toThrow(StorageConflict)
      expect(await driver.stat(key)).toBeNull()
      await writes.abort(handle)
      expect(await store.names()).toEqual([])
    })

    it('completes when the one part that was taken back has a shorter one, or none, in its place', async () => {
      for (const rest of [0, 5]) {
        const key = freshKey()
        const bytes = randomBytes(10 * MEBIBYTE + rest)
        const handle = await writes.begin(key, {})
        await writes.append(handle, 0, bodyOf(bytes.subarray(0, 10 * MEBIBYTE)))
        await writes.append(handle, 10 * MEBIBYTE, bodyOf(randomBytes(6 * MEBIBYTE)))
        await writes.rewind(handle, 10 * MEBIBYTE)
        await writes.append(handle, 10 * MEBIBYTE, bodyOf(bytes.subarray(10 * MEBIBYTE)))
        expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
        expect((await bytesOf(driver, key))?.equals(bytes)).toBe(true)
      }
    })

    it('keeps its claim and two states, however many appends there were', async () => {
      const handle = await writes.begin(freshKey(), {})
      for (let at = 0; at < 8; at++) await writes.append(handle, at, bodyOf(Buffer.from('x')))
      expect(await store.names()).toHaveLength(3)
    })

    it.each([1, 4])(
      'does not count what an append that slept adds, after %i others that went on from where it began',
      async others => {
        const handle = await writes.begin(freshKey(), {})
        const { promise: begun, resolve: begins } = Promise.withResolvers<void>()
        const asleep = new Readable({ read: () => begins() })
        const settled = Promise.allSettled([resumableOf(await store.another()).append(handle, 0, asleep)])
        await begun
        for (let at = 0; at < others; at++) await writes.append(handle, at, bodyOf(Buffer.from('x')))
        asleep.push('too late')
        asleep.push(null)
        expect(await settled).toMatchObject([{ status: 'rejected', reason: expect.any(StorageConflict) }])
        expect(await writes.offset(handle)).toBe(others)
        expect(await writes.complete(handle)).toEqual({ size: others })
        expect(await store.names()).toHaveLength(1)
      },
    )

    it('does not count what an append that slept adds to what was taken back meanwhile', async () => {
      const handle = await writes.begin(freshKey(), {})
      const { promise: begun, resolve: begins } = Promise.withResolvers<void>()
      const asleep = new Readable({ read: () => begins() })
      const settled = Promise.allSettled([resumableOf(await store.another()).append(handle, 0, asleep)])
      await begun
      await writes.rewind(handle, 0)
      asleep.push('never compared with its checksum')
      asleep.push(null)
      expect(await settled).toMatchObject([{ status: 'rejected', reason: expect.any(StorageConflict) }])
      expect(await writes.offset(handle)).toBe(0)
    })

    it('is completed again, and cleared, after a completion that was cut off before it had cleared all', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(randomBytes(6 * MEBIBYTE)))
      const answer = await writes.complete(handle)
      await store.put(`.unfinished/${key}/claim`, 'left behind')
      await store.put(`.unfinished/${key}/00000001`, 'left behind')
      expect(await writes.complete(handle)).toEqual(answer)
      expect(await store.names()).toEqual([key])
    })

    it('goes on at another node where the parts end of a process that was killed', async () => {
      const key = freshKey()
      const handle = await killWriter({ store, key, how: 'resumable' })
      const offset = await writes.offset(handle)
      expect(offset).toBeGreaterThanOrEqual(5 * MEBIBYTE)
      await writes.append(handle, offset, bodyOf(Buffer.from('not the end')))
      await writes.rewind(handle, offset)
      // Enough to cover the parts that came after a gap, of which there are as many as were on the way.
      const rest = randomBytes(20 * MEBIBYTE)
      await writes.append(handle, offset, bodyOf(rest))
      expect(await writes.complete(handle)).toEqual({ size: offset + rest.byteLength })
      const object = await bytesOf(driver, key)
      expect(object?.equals(Buffer.concat([Buffer.alloc(offset, 7), rest]))).toBe(true)
      expect(await store.names()).toEqual([key])
    })
  })

  describe('presigned by SigV4', () => {
    it('refuses a part of another length', async () => {
      const handle = await writes.begin(freshKey(), {})
      const [request] = (await presignedWritesOf(driver).parts(handle, { expiresInSeconds, size: 9 }))
        .requests
      if (!request) throw new Error('no request')
      expect((await sendPresigned(request, Buffer.from('more than nine'))).ok).toBe(false)
      expect((await sendPresigned(request, Buffer.from('less'))).ok).toBe(false)
      expect(await writes.offset(handle)).toBe(0)
    })

    it('needs at most 10 000 parts for 5 TiB', async () => {
      const handle = await writes.begin(freshKey(), {})
      const size = 5 * MEBIBYTE * MEBIBYTE
      const { partSize, requests } = await presignedWritesOf(driver).parts(handle, { expiresInSeconds, size })
      expect(requests.length).toBeLessThanOrEqual(10_000)
      expect(requests.length * partSize).toBeGreaterThanOrEqual(size)
      expect((requests.length - 1) * partSize).toBeLessThan(size)
      expect(new Set(requests.map(({ url }) => url)).size).toBe(requests.length)
    })

    it('cannot be made to last longer', async () => {
      const key = freshKey()
      await driver.write(key, bodyOf(Buffer.from('x')), {})
      const url = await presignOf(driver).get(key, { expiresInSeconds })
      expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).status).toBe(403)
      const week = { expiresInSeconds: 7 * 24 * 3600 + 1 }
      await expect(presignOf(driver).get(key, week)).rejects.toThrow('604800 s at most')
    })
  })

  it('lists an upload that has lost its claim, and deletes it with its key', async () => {
    const key = freshKey()
    const other = await store.another()
    const handle = await writes.begin(key, {})
    await store.remove(`.unfinished/${key}/claim`)
    expect(await all(other.listUnfinished())).toEqual([key])
    await other.delete(key)
    expect(await store.left()).toEqual([])
    await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
  })
}
