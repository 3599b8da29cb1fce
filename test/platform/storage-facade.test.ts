import { PassThrough, pipeline, Transform } from 'node:stream'
import { AppError } from '../../src/platform/errors.ts'
import type { PresignedUrls, StorageDriver } from '../../src/platform/storage/driver.ts'
import { MemoryDriver } from '../../src/platform/storage/drivers/memory.ts'
import { Storage, type StorageEvent } from '../../src/platform/storage/storage.ts'
import { all, bodyOf, brokenBody, freshKey } from '../../src/platform/storage/suite/store-under-test.ts'

/** A store that fails at whatever is asked of it. */
class FailingDriver extends MemoryDriver {
  readonly #error: Error

  constructor(error: Error) {
    super()
    this.#error = error
  }

  override async write(): Promise<never> {
    throw this.#error
  }

  /** Not async: a driver may also throw at once. */
  override read(): never {
    throw this.#error
  }

  // biome-ignore lint/correctness/useYield: a listing that fails before its first key
  override async *list(): AsyncIterable<never> {
    throw this.#error
  }

  override async check(): Promise<never> {
    throw this.#error
  }
}

/** A store that takes its time before it looks at the body. */
class SlowDriver extends MemoryDriver {
  override async write(...call: Parameters<MemoryDriver['write']>): Promise<{ size: number }> {
    await new Promise(setImmediate)
    return super.write(...call)
  }
}

function storageOver(driver: StorageDriver, observe?: (event: StorageEvent) => void): Storage {
  return new Storage({ stores: new Map([['main', driver]]), defaultStore: 'main', observe })
}

const fresh = () => ({ storeId: 'main', key: freshKey() })
const systemError = (code: string) => Object.assign(new Error(`${code}: from the system`), { code })

describe('Storage', () => {
  it('sends a call to the store that the reference names', async () => {
    const stores = new Map([
      ['main', new MemoryDriver()],
      ['archive', new MemoryDriver()],
    ])
    const storage = new Storage({ stores, defaultStore: 'main' })
    const key = freshKey()
    await storage.write({ storeId: 'archive', key }, bodyOf(Buffer.from('old')))
    expect(await storage.stat({ storeId: 'archive', key })).toMatchObject({ size: 3 })
    expect(await storage.stat({ storeId: 'main', key })).toBeNull()
    expect(await all(storage.list('archive'))).toEqual([key])
    expect(await all(storage.listUnfinished('archive'))).toEqual([])
    await storage.delete({ storeId: 'archive', key })
    expect(await storage.read({ storeId: 'archive', key })).toBeNull()
    expect(storage.storeIds).toEqual(['main', 'archive'])
    await storage.close()
  })

  it('takes a store that is not configured, and a key that is none, for faults of the program', async () => {
    const storage = storageOver(new MemoryDriver())
    for (const ref of [
      { storeId: 'gone', key: freshKey() },
      { storeId: 'main', key: '../escape' },
    ]) {
      const error = await storage.read(ref).catch(error => error)
      expect(error).toBeInstanceOf(Error)
      expect(error).not.toBeInstanceOf(AppError)
    }
    expect(() => new Storage({ stores: new Map(), defaultStore: 'main' })).toThrow(
      'no store "main" is configured',
    )
  })

  describe('turns a failure of the store', () => {
    it.each([
      ['EIO', 'STORAGE_UNAVAILABLE', 503, 5],
      ['ECONNREFUSED', 'STORAGE_UNAVAILABLE', 503, 5],
      ['ENOSPC', 'INSUFFICIENT_STORAGE', 507, undefined],
      ['EDQUOT', 'INSUFFICIENT_STORAGE', 507, undefined],
    ])('%s into %s, keeping the cause for the log alone', async (system, code, status, retryAfter) => {
      const cause = systemError(system)
      const storage = storageOver(new FailingDriver(cause))
      const calls = [
        storage.write(fresh(), bodyOf(Buffer.from('x'))),
        storage.read(fresh()),
        storage.check('main'),
        all(storage.list('main')),
      ]
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code, status, retryAfter, cause } })
        expect(JSON.stringify(result)).not.toContain(cause.message)
      }
    })

    it('into STORAGE_CONFLICT when the call does not fit the state of the upload', async () => {
      const storage = storageOver(new MemoryDriver())
      const ref = fresh()
      await storage.write(ref, bodyOf(Buffer.from('first')))
      const conflict = { code: 'STORAGE_CONFLICT', status: 409 }
      await expect(storage.write(ref, bodyOf(Buffer.from('second')))).rejects.toMatchObject(conflict)
      await expect(storage.resumable('main')?.offset('unknown')).rejects.toMatchObject(conflict)
    })

    it('and destroys the body, so that nobody goes on feeding it', async () => {
      const body = bodyOf(Buffer.alloc(1_000_000))
      await Promise.allSettled([storageOver(new FailingDriver(systemError('EIO'))).write(fresh(), body)])
      expect(body.destroyed).toBe(true)
    })
  })

  it('says that content is lost when an object that must be there is missing', async () => {
    const storage = storageOver(new MemoryDriver())
    const ref = fresh()
    await expect(storage.readOrLost(ref)).rejects.toMatchObject({ code: 'CONTENT_LOST', status: 502 })
    await storage.write(ref, bodyOf(Buffer.from('found')))
    expect(await (await storage.readOrLost(ref, { start: 1, end: 2 })).toArray()).toEqual([Buffer.from('ou')])
  })

  describe('lets through as it is', () => {
    it('the error that the body breaks off with', async () => {
      const error = new Error('the client has gone')
      const storage = storageOver(new MemoryDriver())
      await expect(storage.write(fresh(), brokenBody(Buffer.from('half'), error))).rejects.toBe(error)
    })

    it('the error that the body broke off with before the call', async () => {
      const error = new Error('already gone')
      const body = new PassThrough()
      body.on('error', () => undefined).destroy(error)
      await expect(storageOver(new MemoryDriver()).write(fresh(), body)).rejects.toBe(error)
    })

    it('the error that the body breaks off with before the store looks at it', async () => {
      const error = new Error('gone early')
      const body = new PassThrough()
      const written = storageOver(new SlowDriver()).write(fresh(), body)
      body.destroy(error)
      await expect(written).rejects.toBe(error)
    })

    it('what a limit further up the stream throws', async () => {
      const tooLarge = new AppError({ code: 'TOO_LARGE', status: 413 }, 'Too large.')
      const limit = new Transform({ transform: (_chunk, _encoding, done) => done(tooLarge) })
      const body = pipeline(bodyOf(Buffer.alloc(100_000)), limit, () => undefined)
      await expect(storageOver(new MemoryDriver()).write(fresh(), body)).rejects.toBe(tooLarge)
    })

    it('the reason of a caller who gives up', async () => {
      const reason = new AppError({ code: 'LEASE_LOST', status: 409 }, 'Too slow.')
      const abort = new AbortController()
      const body = new PassThrough()
      const written = storageOver(new MemoryDriver()).write(fresh(), body, { signal: abort.signal })
      body.write('half', () => abort.abort(reason))
      await expect(written).rejects.toBe(reason)
      expect(body.destroyed).toBe(true)
    })

    it('a body that is closed before its end', async () => {
      const body = new PassThrough()
      const written = storageOver(new MemoryDriver()).write(fresh(), body)
      body.destroy()
      await expect(written).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
    })

    it('the error of a body that breaks off in an append', async () => {
      const error = new Error('the client has gone')
      const writes = storageOver(new MemoryDriver()).resumable('main')
      const handle = (await writes?.begin(freshKey(), {})) ?? ''
      await expect(writes?.append(handle, 0, brokenBody(Buffer.from('half'), error))).rejects.toBe(error)
      expect(await writes?.offset(handle)).toBe(4)
    })
  })

  it('tells of each call what it was, how it ended and how long it took', async () => {
    const events: StorageEvent[] = []
    const storage = storageOver(new MemoryDriver(), event => events.push(event))
    const ref = fresh()
    await storage.write(ref, bodyOf(Buffer.from('x')))
    await Promise.allSettled([
      storage.write(ref, bodyOf(Buffer.from('x'))),
      storage.write(fresh(), brokenBody(Buffer.from('x'), new Error('gone'))),
    ])
    await storage.resumable('main')?.begin(freshKey(), {})
    const told = events.map(({ store, operation, outcome }) => [store, operation, outcome])
    expect(told.sort()).toEqual([
      ['main', 'begin', 'ok'],
      ['main', 'write', 'broken'],
      ['main', 'write', 'failed'],
      ['main', 'write', 'ok'],
    ])
    for (const { seconds } of events) expect(seconds).toBeGreaterThanOrEqual(0)
  })

  it('answers for bytes that break off in the middle where it is asked for all of them', async () => {
    const ref = { storeId: 'main', key: freshKey() }
    const driver = new MemoryDriver()
    const storage = storageOver(driver)
    await storage.write(ref, bodyOf(Buffer.alloc(200_000, 1)))
    const whole = await Array.fromAsync(storage.bytesOf(ref))
    expect(Buffer.concat(whole)).toEqual(Buffer.alloc(200_000, 1))

    const torn = Object.assign(driver, {
      read: async () => brokenBody(Buffer.alloc(100_000, 1), systemError('ECONNRESET')),
    })
    await expect(Array.fromAsync(storageOver(torn).bytesOf(ref))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    })
    const missing = { ...ref, key: freshKey() }
    const empty = storageOver(new MemoryDriver())
    await expect(Array.fromAsync(empty.bytesOf(missing))).rejects.toMatchObject({ code: 'CONTENT_LOST' })
  })

  it('has a capability where the store has it, and wraps its failures too', async () => {
    const plain = storageOver(new MemoryDriver())
    expect(plain.presign('main')).toBeUndefined()

    const presign: PresignedUrls = {
      get: async key => `https://store.example/${key}`,
      writes: {
        put: async () => {
          throw systemError('ECONNRESET')
        },
        parts: async handle => ({
          partSize: 5,
          requests: [{ method: 'PUT', url: `https://store.example/${handle}`, headers: {} }],
        }),
        maxPutBytes: 5_000,
      },
    }
    const driver = Object.assign(new MemoryDriver(), { presign, resumable: undefined })
    const signing = storageOver(driver as StorageDriver)
    expect(signing.resumable('main')).toBeUndefined()
    const key = freshKey()
    const options = { expiresInSeconds: 60 }
    expect(await signing.presign('main')?.get(key, options)).toBe(`https://store.example/${key}`)
    const exact = { ...options, size: 1, sha256: 'ab' }
    const writes = signing.presign('main')?.writes
    await expect(writes?.put(key, exact)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await writes?.parts('handle', exact)).toMatchObject({ partSize: 5 })
    expect(writes?.maxPutBytes).toBe(5_000)

    const reading = Object.assign(new MemoryDriver(), { presign: { get: presign.get } })
    expect(storageOver(reading as StorageDriver).presign('main')).not.toHaveProperty('writes')
  })
})
