import { randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { StorageConflict, type StorageDriver } from '../driver.ts'
import { type StorageKey, storageKey } from '../key.ts'
import { describeFiles } from './files.ts'
import { describeJoinedWrites } from './joined-writes.ts'
import { describePresignedUrls, describePresignedWrites } from './presigned-urls.ts'
import { describeResumableWrites } from './resumable-writes.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
  type StoreUnderTest,
  sha256,
} from './store-under-test.ts'

export interface StoreCapabilities {
  /** Whether the driver must have resumable writes; a capability that is promised and missing fails. */
  readonly resumable: boolean
  /** Whether it must have presigned URLs: to read alone, or also requests to write. */
  readonly presign?: boolean | 'reads'
  /** Whether it must join objects. */
  readonly join?: boolean
  /** Whether its objects must be files of this machine. */
  readonly files?: boolean
  /** Objects of the listing test: fewer for a store that is slow to write to. */
  readonly manyKeys?: number
}

/** Sizes at which buffers, pages, chunks and batches end. */
const EDGES = [0, 1, 4095, 4096, 65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 1_048_576, 1_048_577]
/** Some stores take minutes for so many writes. */
const MANY_KEYS_MS = 300_000
const FIVE_MEBIBYTES = 5 * 1024 * 1024

/**
 * What every storage driver must do. Call it at the top of a test file of your own:
 *
 *     describeStorageDriver('my store', async () => ({ driver, another, dispose }), { resumable: false })
 */
export function describeStorageDriver(
  name: string,
  create: () => Promise<StoreUnderTest>,
  capabilities: StoreCapabilities,
): void {
  describe(`storage driver: ${name}`, () => {
    let store: StoreUnderTest
    let driver: StorageDriver

    beforeEach(async () => {
      store = await create()
      driver = store.driver
    })

    afterEach(async () => store.dispose())

    async function expectNothingOf(key: StorageKey): Promise<void> {
      expect(await driver.read(key)).toBeNull()
      expect(await driver.stat(key)).toBeNull()
      expect(await all(driver.list(''))).toEqual([])
      expect(await all(driver.listUnfinished())).toEqual([])
    }

    describe('an object', () => {
      it.each(EDGES)('of %i bytes comes back as it was written', async size => {
        const key = freshKey()
        const bytes = randomBytes(size)
        expect(await driver.write(key, bodyOf(bytes), {})).toEqual({ size })
        expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
        expect((await driver.stat(key))?.size).toBe(size)
      })

      it.each([1, 1000, 65_536, FIVE_MEBIBYTES])('may come in chunks of %i bytes', async chunk => {
        const key = freshKey()
        const bytes = randomBytes(chunk === 1 ? 3000 : 20 * 1024 * 1024 + 1)
        expect(await driver.write(key, bodyOf(bytes, chunk), {})).toEqual({ size: bytes.byteLength })
        expect(sha256((await bytesOf(driver, key)) ?? Buffer.from('nothing'))).toBe(sha256(bytes))
      })

      it('may contain empty chunks', async () => {
        const key = freshKey()
        const chunks = [Buffer.alloc(0), Buffer.from('a'), Buffer.alloc(0), Buffer.from('b'), Buffer.alloc(0)]
        expect(await driver.write(key, Readable.from(chunks), {})).toEqual({ size: 2 })
        expect(await bytesOf(driver, key)).toEqual(Buffer.from('ab'))
      })

      it('is as long as its bytes, whatever size was announced', async () => {
        const key = freshKey()
        expect(await driver.write(key, bodyOf(Buffer.from('four')), { size: 400 })).toEqual({ size: 4 })
        expect(await bytesOf(driver, key)).toEqual(Buffer.from('four'))
      })

      it('tells when it was written', async () => {
        const key = freshKey()
        await driver.write(key, bodyOf(Buffer.from('now')), {})
        const modifiedAt = (await driver.stat(key))?.modifiedAt.getTime() ?? 0
        expect(Math.abs(modifiedAt - Date.now())).toBeLessThan(60_000)
      })

      it('is seen by another node', async () => {
        const key = freshKey()
        await driver.write(key, bodyOf(Buffer.from('shared')), {})
        const other = await store.another()
        expect(await bytesOf(other, key)).toEqual(Buffer.from('shared'))
      })

      it('that does not exist is null to read and to stat', async () => {
        await expectNothingOf(freshKey())
      })

      it('is gone after a delete, and deleting it again succeeds', async () => {
        const key = freshKey()
        await driver.write(key, bodyOf(Buffer.from('short-lived')), {})
        await driver.delete(key)
        await driver.delete(key)
        await expectNothingOf(key)
      })

      it('may have any key that the key type allows', async () => {
        const named = ['a', '0', '_', '-/_', 'abcdefghijklmnopqrstuvwxyz', '0123456789', 'x'.repeat(200)]
        const deep = `${'d/'.repeat(99)}de`
        const long = `${'l'.repeat(100)}/${'m'.repeat(99)}`
        const written = [...named, deep, long].map(storageKey)
        for (const key of written) await driver.write(key, bodyOf(Buffer.from(key)), {})
        for (const key of written) expect(await bytesOf(driver, key)).toEqual(Buffer.from(key))
        expect(await all(driver.list(''))).toEqual([...written].sort())
        expect(await all(driver.listUnfinished())).toEqual([])
      })
    })

    describe('a range', () => {
      const bytes = randomBytes(300_000)
      const last = bytes.byteLength - 1

      it.each([
        ['the first byte', 0, 0],
        ['the last byte', last, last],
        ['everything', 0, last],
        ['all but the first byte', 1, last],
        ['all but the last byte', 0, last - 1],
        ['a byte across a buffer edge', 65_535, 65_536],
        ['more than one buffer', 65_536, 262_144],
      ])('gives %s', async (_what, start, end) => {
        const key = freshKey()
        await driver.write(key, bodyOf(bytes), {})
        const part = await bytesOf(driver, key, { start, end })
        expect(part?.equals(bytes.subarray(start, end + 1))).toBe(true)
      })

      it('of an object that does not exist is null', async () => {
        expect(await driver.read(freshKey(), { start: 0, end: 9 })).toBeNull()
      })
    })

    describe('a write that breaks off', () => {
      it.each([
        ['before the first byte', 0],
        ['within the first buffer', 100],
        ['after some megabytes', 3 * 1024 * 1024],
      ])('%s rejects with the error of the body and leaves nothing', async (_when, size) => {
        const key = freshKey()
        const error = new Error('the client has gone')
        await expect(driver.write(key, brokenBody(randomBytes(size), error), {})).rejects.toBe(error)
        await expectNothingOf(key)
      })

      it('because its body is destroyed rejects and leaves nothing', async () => {
        const key = freshKey()
        const body = new PassThrough()
        const written = driver.write(key, body, {})
        body.write(randomBytes(1000), () => body.destroy())
        await expect(written).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
        await expectNothingOf(key)
      })

      it('because it was aborted before it began rejects and leaves nothing', async () => {
        const key = freshKey()
        const signal = AbortSignal.abort()
        await expect(driver.write(key, bodyOf(randomBytes(1000)), { signal })).rejects.toThrow()
        await expectNothingOf(key)
      })

      it('because it is aborted while its body stalls rejects and leaves nothing', async () => {
        const key = freshKey()
        const abort = new AbortController()
        const body = new PassThrough()
        body.on('error', () => undefined)
        const written = driver.write(key, body, { signal: abort.signal })
        body.write(randomBytes(1000), () => abort.abort())
        await expect(written).rejects.toThrow()
        await expectNothingOf(key)
      })

      it('because it is aborted at the end of its body rejects and leaves nothing', async () => {
        const key = freshKey()
        const abort = new AbortController()
        const body = bodyOf(randomBytes(1000)).once('end', () => abort.abort())
        await expect(driver.write(key, body, { signal: abort.signal })).rejects.toThrow()
        await expectNothingOf(key)
      })

      it('leaves its resources closed', async () => {
        const open = await store.openResources?.()
        const broken = Array.from({ length: 20 }, () => brokenBody(randomBytes(100_000), new Error('gone')))
        await Promise.allSettled(broken.map(body => driver.write(freshKey(), body, {})))
        expect(await store.openResources?.()).toBe(open)
      })

      it('is unfinished while it runs, and is no object', async () => {
        const key = freshKey()
        const body = new PassThrough()
        const written = driver.write(key, body, {})
        body.write(randomBytes(1000))
        while ((await all(driver.listUnfinished())).length === 0) await new Promise(setImmediate)
        expect(await all(driver.listUnfinished())).toEqual([key])
        expect(await driver.stat(key)).toBeNull()
        expect(await all(driver.list(''))).toEqual([])
        body.end()
        await written
        expect(await all(driver.listUnfinished())).toEqual([])
        expect(await all(driver.list(''))).toEqual([key])
      })
    })

    describe('a taken key', () => {
      it('is refused, and the first bytes stay', async () => {
        const key = freshKey()
        await driver.write(key, bodyOf(Buffer.from('first')), {})
        await expect(driver.write(key, bodyOf(Buffer.from('second')), {})).rejects.toThrow(StorageConflict)
        expect(await bytesOf(driver, key)).toEqual(Buffer.from('first'))
        expect(await all(driver.listUnfinished())).toEqual([])
      })

      it('is refused to all but one of the writers that race for it at two nodes', async () => {
        const key = freshKey()
        const nodes = [driver, await store.another()]
        const bodies = Array.from({ length: 10 }, (_, n) => Buffer.alloc(200_000, n))
        const results = await Promise.allSettled(
          bodies.map((bytes, n) => (nodes[n % 2] as StorageDriver).write(key, bodyOf(bytes), {})),
        )
        const winners = bodies.filter((_, n) => results[n]?.status === 'fulfilled')
        expect(winners).toHaveLength(1)
        for (const result of results) {
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StorageConflict)
        }
        expect((await bytesOf(driver, key))?.equals(winners[0] as Buffer)).toBe(true)
        expect(await all(driver.listUnfinished())).toEqual([])
      })
    })

    it('takes 20 writes at once', async () => {
      const written = Array.from({ length: 20 }, () => ({ key: freshKey(), bytes: randomBytes(700_000) }))
      await Promise.all(written.map(({ key, bytes }) => driver.write(key, bodyOf(bytes), {})))
      for (const { key, bytes } of written) expect((await bytesOf(driver, key))?.equals(bytes)).toBe(true)
    })

    describe('a listing', () => {
      it('gives each key that starts with the prefix, which may end anywhere in a key', async () => {
        const written = ['aa/bb/one', 'aa/bb/two', 'aa/bc/one', 'ab/bb/one', 'aa-x/one'].map(storageKey)
        for (const key of written) await driver.write(key, bodyOf(Buffer.from(key)), {})
        expect(await all(driver.list('aa/bb/'))).toEqual(['aa/bb/one', 'aa/bb/two'])
        expect(await all(driver.list('aa/b'))).toEqual(['aa/bb/one', 'aa/bb/two', 'aa/bc/one'])
        expect(await all(driver.list('aa'))).toEqual(['aa-x/one', 'aa/bb/one', 'aa/bb/two', 'aa/bc/one'])
        expect(await all(driver.list('aa/bb/two'))).toEqual(['aa/bb/two'])
        expect(await all(driver.list('aa/bb/two/'))).toEqual([])
        expect(await all(driver.list('../'))).toEqual([])
        expect(await all(driver.list(''))).toEqual([...written].sort())
      })

      it(
        'gives all of many keys, each once',
        async () => {
          const count = capabilities.manyKeys ?? 10_000
          const written = Array.from({ length: count }, (_, n) =>
            storageKey(`${(n % 16).toString(16)}/${(n % 256).toString(16)}/many-${n}`),
          )
          for (let at = 0; at < count; at += 50) {
            await Promise.all(
              written.slice(at, at + 50).map(key => driver.write(key, bodyOf(Buffer.from('x')), {})),
            )
          }
          expect(await all(driver.list(''))).toEqual([...written].sort())
        },
        MANY_KEYS_MS,
      )

      it('may be left half-way', async () => {
        for (let n = 0; n < 5; n++) await driver.write(freshKey(), bodyOf(Buffer.from('x')), {})
        const open = await store.openResources?.()
        for await (const key of driver.list('')) {
          expect(key).toMatch(/^ab\/cd\/object-/)
          break
        }
        expect(await store.openResources?.()).toBe(open)
      })
    })

    describe('a reader that turns away', () => {
      const closed = (stream: Readable) => new Promise(resolve => stream.once('close', resolve).destroy())

      it.each([
        ['at once', async () => undefined],
        ['after one chunk', (stream: Readable) => new Promise(resolve => stream.once('data', resolve))],
      ])('%s leaves nothing open', async (_when, before) => {
        const key = freshKey()
        await driver.write(key, bodyOf(randomBytes(2 * 1024 * 1024)), {})
        const open = await store.openResources?.()
        for (let n = 0; n < 20; n++) {
          const stream = await driver.read(key)
          if (!stream) throw new Error('the object is missing')
          await before(stream)
          await closed(stream)
        }
        expect(await store.openResources?.()).toBe(open)
      })
    })

    it('says that it can be used, and leaves no trace of the question', async () => {
      await driver.check()
      expect(await all(driver.list(''))).toEqual([])
      expect(await all(driver.listUnfinished())).toEqual([])
    })

    it(`has ${capabilities.resumable ? '' : 'no '}resumable writes`, () => {
      expect(driver.resumable !== undefined).toBe(capabilities.resumable)
    })

    const presign = capabilities.presign ?? false
    it(`has ${presign ? '' : 'no '}presigned URLs, and ${presign === true ? '' : 'no '}presigned requests to write`, () => {
      expect(driver.presign !== undefined).toBe(presign !== false)
      expect(driver.presign?.writes !== undefined).toBe(presign === true)
    })

    if (capabilities.resumable) describeResumableWrites(() => store)
    if (presign) describePresignedUrls(() => store)
    if (presign === true) describePresignedWrites(() => store)

    it(`${capabilities.join ? 'joins' : 'does not join'} objects`, () => {
      expect(driver.join !== undefined).toBe(capabilities.join === true)
    })

    if (capabilities.join) describeJoinedWrites(() => store)
    if (capabilities.files) describeFiles(() => store)
  })
}
