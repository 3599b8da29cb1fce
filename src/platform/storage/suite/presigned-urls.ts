import { randomBytes } from 'node:crypto'
import {
  type PresignedRequest,
  type PresignedUrls,
  type PresignedWrites,
  StorageConflict,
  type StorageDriver,
} from '../driver.ts'
import { resumableOf } from './resumable-writes.ts'
import { all, bodyOf, bytesOf, freshKey, type StoreUnderTest, sha256 } from './store-under-test.ts'

const expiresInSeconds = 60

export function presignOf(driver: StorageDriver): PresignedUrls {
  if (!driver.presign) throw new Error('the driver has no presigned URLs')
  return driver.presign
}

export function presignedWritesOf(driver: StorageDriver): PresignedWrites {
  const { writes } = presignOf(driver)
  if (!writes) throw new Error('the driver has no presigned requests to write')
  return writes
}

/** Sends a request as a client would: with the headers as they stand, except that it counts its bytes itself. */
export async function sendPresigned(request: PresignedRequest, body: Uint8Array): Promise<Response> {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  return fetch(request.url, { method: request.method, headers, body: new Uint8Array(body) })
}

/** What a driver with presigned URLs to read must do; part of `describeStorageDriver`. */
export function describePresignedUrls(store: () => StoreUnderTest): void {
  let driver: StorageDriver
  let urls: PresignedUrls

  beforeEach(() => {
    driver = store().driver
    urls = presignOf(driver)
  })

  describe('a presigned URL to read', () => {
    it('gives the object with the type and the disposition that were asked for', async () => {
      const key = freshKey()
      const bytes = randomBytes(300_000)
      await driver.write(key, bodyOf(bytes), {})
      const disposition = `attachment; filename="a + (1)'*!.png"; filename*=UTF-8''%E2%82%AC%20rates.png`
      const answer = await fetch(
        await urls.get(key, { expiresInSeconds, mimeType: 'image/png', disposition }),
      )
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('image/png')
      expect(answer.headers.get('content-disposition')).toBe(disposition)
      expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(bytes))
    })

    it('takes ranges', async () => {
      const key = freshKey()
      await driver.write(key, bodyOf(Buffer.from('0123456789')), {})
      const url = await urls.get(key, { expiresInSeconds })
      const answer = await fetch(url, { headers: { range: 'bytes=3-5' } })
      expect([answer.status, await answer.text()]).toEqual([206, '345'])
    })

    it('is good for no other object, and for no other method', async () => {
      const [key, other] = [freshKey(), freshKey()]
      for (const each of [key, other]) await driver.write(each, bodyOf(Buffer.from('mine')), {})
      const url = await urls.get(key, { expiresInSeconds })
      expect((await fetch(url.replace(key, other))).ok).toBe(false)
      expect((await fetch(url, { method: 'PUT', body: 'theirs' })).ok).toBe(false)
      expect((await fetch(url, { method: 'DELETE' })).ok).toBe(false)
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('mine'))
    })

    it('of what does not exist finds nothing', async () => {
      const answer = await fetch(await urls.get(freshKey(), { expiresInSeconds }))
      expect(answer.status).toBe(404)
    })
  })
}

/** What a driver with presigned requests to write must do, too; part of `describeStorageDriver`. */
export function describePresignedWrites(store: () => StoreUnderTest): void {
  let driver: StorageDriver
  let urls: PresignedWrites

  beforeEach(() => {
    driver = store().driver
    urls = presignedWritesOf(driver)
  })

  describe('a presigned request to write', () => {
    const bytes = Buffer.from('exactly these bytes')
    const grant = { expiresInSeconds, size: bytes.byteLength, sha256: sha256(bytes) }

    it.each([0, 1, 300_000])('makes an object of %i bytes', async size => {
      const key = freshKey()
      const body = randomBytes(size)
      const request = await urls.put(key, { expiresInSeconds, size, sha256: sha256(body) })
      expect((await sendPresigned(request, body)).status).toBe(200)
      expect((await bytesOf(driver, key))?.equals(body)).toBe(true)
      expect((await driver.stat(key))?.size).toBe(size)
      expect(await all(driver.list(''))).toEqual([key])
    })

    it.each([
      ['other bytes', Buffer.from('exactly those bytes')],
      ['fewer bytes', bytes.subarray(1)],
      ['more bytes', Buffer.concat([bytes, Buffer.from('!')])],
      ['no bytes', Buffer.alloc(0)],
    ])('is refused with %s, and leaves nothing', async (_what, body) => {
      const key = freshKey()
      const request = await urls.put(key, grant)
      expect((await sendPresigned(request, body)).ok).toBe(false)
      expect(await driver.stat(key)).toBeNull()
      expect((await sendPresigned(request, bytes)).ok).toBe(true)
    })

    it('is refused without its headers, and with others', async () => {
      const key = freshKey()
      const request = await urls.put(key, grant)
      const body = Buffer.from('exactly those bytes')
      const forged = Object.entries(request.headers).map(([name, value]) => [
        name,
        value === grant.sha256 ? sha256(body) : value,
      ])
      for (const headers of [{}, Object.fromEntries(forged)])
        expect((await sendPresigned({ ...request, headers }, body)).ok).toBe(false)
      expect(await driver.stat(key)).toBeNull()
    })

    it('is good for no other key, and for no other method', async () => {
      const [key, other] = [freshKey(), freshKey()]
      await driver.write(other, bodyOf(Buffer.from('mine')), {})
      const request = await urls.put(key, grant)
      const elsewhere = { ...request, url: request.url.replace(key, other) }
      expect((await sendPresigned(elsewhere, bytes)).ok).toBe(false)
      expect((await fetch(elsewhere.url)).ok).toBe(false)
      expect((await fetch(elsewhere.url, { method: 'DELETE' })).ok).toBe(false)
      expect(await bytesOf(driver, other)).toEqual(Buffer.from('mine'))
    })

    it('is not made for more bytes than one request takes', async () => {
      const tooLarge = { ...grant, size: urls.maxPutBytes + 1 }
      await expect(urls.put(freshKey(), tooLarge)).rejects.toThrow()
    })
  })

  describe('presigned parts', () => {
    it('become the object when the write is completed, in whatever order they came', async () => {
      const key = freshKey()
      const writes = resumableOf(driver)
      const handle = await writes.begin(key, {})
      const { partSize: unit } = await urls.parts(handle, { expiresInSeconds, size: 1 })
      const bytes = randomBytes(2 * unit + 1)
      const { partSize, requests } = await urls.parts(handle, { expiresInSeconds, size: bytes.byteLength })
      expect(requests).toHaveLength(Math.ceil(bytes.byteLength / partSize))
      for (const [n, request] of [...requests.entries()].reverse()) {
        const part = bytes.subarray(n * partSize, (n + 1) * partSize)
        expect((await sendPresigned(request, part)).ok).toBe(true)
      }
      expect(await driver.stat(key)).toBeNull()
      expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
      expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
      expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it('are the offset as far as they came, and go when the write is aborted', async () => {
      const key = freshKey()
      const writes = resumableOf(driver)
      const handle = await writes.begin(key, {})
      const { requests } = await urls.parts(handle, { expiresInSeconds, size: 9 })
      for (const request of requests) await sendPresigned(request, Buffer.from('only this'))
      expect(await writes.offset(handle)).toBe(9)
      await writes.abort(handle)
      expect(await all(driver.listUnfinished())).toEqual([])
      for (const request of requests)
        expect((await sendPresigned(request, Buffer.from('too late!'))).ok).toBe(false)
      expect(await driver.stat(key)).toBeNull()
    })

    it('are not made for a handle that was never given', async () => {
      const parts = urls.parts('no/such/handle', { expiresInSeconds, size: 1 })
      await expect(parts).rejects.toThrow(StorageConflict)
    })
  })
}
