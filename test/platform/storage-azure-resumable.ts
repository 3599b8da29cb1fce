import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import {
  type ResumableWrites,
  StorageConflict,
  type StorageDriver,
} from '../../src/platform/storage/driver.ts'
import { presignOf } from '../../src/platform/storage/suite/presigned-urls.ts'
import { resumableOf } from '../../src/platform/storage/suite/resumable-writes.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
  sha256,
} from '../../src/platform/storage/suite/store-under-test.ts'
import type { Azurite } from '../support/azurite.ts'
import { type AzureStore, azureStore } from './storage-azure-store.ts'
import { killWriter } from './storage-killed-writer.ts'

const MEBIBYTE = 1024 * 1024
const expiresInSeconds = 60

/** What is true of resumable writes, joined ones and signed URLs of a container beyond the contract of all drivers. */
export function describeAzureResumable(azurite: () => Azurite): void {
  let store: AzureStore
  let driver: StorageDriver
  let writes: ResumableWrites

  beforeEach(async () => {
    store = await azureStore(azurite())
    driver = store.driver
    writes = resumableOf(driver)
  })

  afterEach(async () => store.dispose())

  async function expectObject(key: Parameters<typeof bytesOf>[1], bytes: Buffer): Promise<void> {
    expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
    expect(await store.left()).toEqual([key])
  }

  describe('a resumable write in blocks', () => {
    it('keeps tiny pieces together until they are worth a block', async () => {
      const key = freshKey()
      const bytes = randomBytes(40)
      const handle = await writes.begin(key, {})
      for (let at = 0; at < bytes.byteLength; at++)
        expect(await writes.append(handle, at, bodyOf(bytes.subarray(at, at + 1)))).toEqual({
          offset: at + 1,
        })
      expect(await store.parts(key)).toBe(0)
      const large = randomBytes(MEBIBYTE)
      await writes.append(handle, bytes.byteLength, bodyOf(large))
      expect(await store.parts(key)).toBe(2)
      expect(await writes.complete(handle)).toEqual({ size: 40 + MEBIBYTE })
      await expectObject(key, Buffer.concat([bytes, large]))
    })

    it.each([0, 40, 3 * MEBIBYTE, 3 * MEBIBYTE + 40])(
      'takes back several blocks that began at %i, whatever comes instead',
      async at => {
        for (const rest of [0, 7, 2 * MEBIBYTE]) {
          const key = freshKey()
          const bytes = randomBytes(at + rest)
          const handle = await writes.begin(key, {})
          await writes.append(handle, 0, bodyOf(bytes.subarray(0, at)))
          await writes.append(handle, at, bodyOf(randomBytes(10 * MEBIBYTE + 11)))
          await writes.rewind(handle, at)
          expect(await writes.offset(handle)).toBe(at)
          await writes.append(handle, at, bodyOf(bytes.subarray(at)))
          expect(await writes.offset(handle)).toBe(at + rest)
          expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
          await expectObject(key, bytes)
          await driver.delete(key)
        }
      },
    )

    it('goes on after appends that were torn and taken back by turns', async () => {
      const key = freshKey()
      const bytes = randomBytes(30 * MEBIBYTE)
      const handle = await writes.begin(key, {})
      let at = 0
      for (const [sent, keep] of [
        [100, true],
        [9 * MEBIBYTE, true],
        [12 * MEBIBYTE, false],
        [50, false],
        [50, true],
        [2 * MEBIBYTE, false],
        [10 * MEBIBYTE, true],
      ] as const) {
        const body = brokenBody(keep ? bytes.subarray(at, at + sent) : randomBytes(sent), new Error('gone'))
        await expect(writes.append(handle, at, body)).rejects.toThrow('gone')
        if (!keep) await writes.rewind(handle, at)
        else at += sent
        expect(await writes.offset(handle)).toBe(at)
      }
      await writes.append(handle, at, bodyOf(bytes.subarray(at)))
      expect(await writes.complete(handle)).toEqual({ size: bytes.byteLength })
      await expectObject(key, bytes)
    })

    it('has the type that it began with', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, { mimeType: 'text/plain; charset="utf-8"' })
      await writes.append(handle, 0, bodyOf(Buffer.from('x')))
      await writes.complete(handle)
      const [blob] = await Array.fromAsync(store.container.listBlobsFlat())
      expect(blob?.properties.contentType).toBe('text/plain; charset="utf-8"')
    })

    it('lets nobody in who has begun to append before another one did', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      const slow = new PassThrough()
      const settled = Promise.allSettled([writes.append(handle, 0, slow)])
      slow.write(randomBytes(9 * MEBIBYTE))
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      const other = resumableOf(await store.another())
      await other.rewind(handle, 0)
      await other.append(handle, 0, bodyOf(Buffer.from('of the other')))
      slow.end(randomBytes(9 * MEBIBYTE))
      const [result] = await settled
      expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
      expect(await writes.complete(handle)).toEqual({ size: 12 })
      await expectObject(key, Buffer.from('of the other'))
    })

    it('is told from one whose blocks the store has dropped', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(randomBytes(2 * MEBIBYTE)))
      await store.container.getBlockBlobClient(`media/files/${key}`).delete()
      await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
      await expect(writes.append(handle, 2 * MEBIBYTE, bodyOf(Buffer.from('x')))).rejects.toThrow(
        StorageConflict,
      )
      await expect(writes.complete(handle)).rejects.toThrow(StorageConflict)
      await writes.abort(handle)
      expect(await store.left()).toEqual([])
    })

    it('is completed again, and cleared, after a completion that was cut off before it had cleared all', async () => {
      const key = freshKey()
      const handle = await writes.begin(key, {})
      await writes.append(handle, 0, bodyOf(randomBytes(2 * MEBIBYTE)))
      const claim = store.container.getBlockBlobClient(`media/files/.unfinished/${key}`)
      const { metadata = {} } = await claim.getProperties()
      const answer = await writes.complete(handle)
      await claim.upload('', 0, { metadata })
      await expect(writes.offset(handle)).rejects.toThrow(StorageConflict)
      expect(await writes.complete(handle)).toEqual(answer)
      expect(await store.left()).toEqual([key])
      await claim.upload('', 0, { metadata })
      await writes.abort(handle)
      expect(await store.left()).toEqual([key])
    })

    it('goes on at another node where the blocks end of a process that was killed', async () => {
      const key = freshKey()
      const handle = await killWriter({ store, key, how: 'resumable' })
      const offset = await writes.offset(handle)
      expect(offset).toBeGreaterThanOrEqual(1000)
      await writes.append(handle, offset, bodyOf(Buffer.from('not the end')))
      await writes.rewind(handle, offset)
      const rest = randomBytes(3 * MEBIBYTE)
      await writes.append(handle, offset, bodyOf(rest))
      expect(await writes.complete(handle)).toEqual({ size: offset + rest.byteLength })
      await expectObject(key, Buffer.concat([Buffer.alloc(offset, 7), rest]))
    })
  })

  describe('signed by the key of the account', () => {
    it('a URL cannot be made to last longer, nor to write', async () => {
      const key = freshKey()
      await driver.write(key, bodyOf(Buffer.from('x')), {})
      const url = new URL(await presignOf(driver).get(key, { expiresInSeconds }))
      expect((await fetch(url)).status).toBe(200)
      for (const [name, value] of [
        ['se', new Date(Date.now() + 3600_000).toISOString().replace(/\.\d+/, '')],
        ['sp', 'rw'],
      ] as const) {
        const forged = new URL(url)
        forged.searchParams.set(name, value)
        expect((await fetch(forged)).status).toBe(403)
      }
    })

    it('a URL is good for as long as was asked for, and not any more', async () => {
      const key = freshKey()
      await driver.write(key, bodyOf(Buffer.from('x')), {})
      const over = await presignOf(driver).get(key, { expiresInSeconds: -5 })
      expect((await fetch(over)).status).toBe(403)
    })
  })

  describe('objects that are joined', () => {
    it('may be of any size, none, and large', async () => {
      const parts = await Promise.all(
        [0, 10, 20 * MEBIBYTE, 0, 1].map(async size => {
          const [key, bytes] = [freshKey(), randomBytes(size)]
          await driver.write(key, bodyOf(bytes), {})
          return { key, size, bytes }
        }),
      )
      for (const joined of [parts, parts.slice(0, 1), []]) {
        const key = freshKey()
        const whole = Buffer.concat(joined.map(({ bytes }) => bytes))
        expect(await driver.join?.join(key, joined)).toEqual({ size: whole.byteLength })
        expect((await bytesOf(driver, key))?.equals(whole)).toBe(true)
      }
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it('are not made of a part that is shorter than was said', async () => {
      const [part, key] = [freshKey(), freshKey()]
      await driver.write(part, bodyOf(Buffer.from('short')), {})
      await expect(driver.join?.join(key, [{ key: part, size: 50 }])).rejects.toThrow('5 bytes of 50')
      expect(await store.left()).toEqual([part])
    })
  })
}
