import type { Readable } from 'node:stream'
import type { AppError } from '../errors.ts'
import {
  type ByteRange,
  type PresignedUrls,
  type ResumableWrites,
  StorageConflict,
  type StorageDriver,
  type WriteHints,
} from './driver.ts'
import { type StorageKey, storageKey } from './key.ts'
import { storageErrors } from './storage.errors.ts'

/** Where an object lies; rows of the database have this shape. */
export interface ObjectRef {
  readonly storeId: string
  readonly key: string
}

/** One call of a driver, listings apart. `broken` is a body that broke off or a caller that gave up: no fault of the store. */
export interface StorageEvent {
  readonly store: string
  readonly operation: string
  readonly outcome: 'ok' | 'failed' | 'broken'
  /** For a read, until the stream is open; for a write, until the bytes are durable. */
  readonly seconds: number
}

export interface StorageDeps {
  readonly stores: ReadonlyMap<string, StorageDriver>
  /** The id of the store that new objects go to. */
  readonly defaultStore: string
  readonly observe?: (event: StorageEvent) => void
}

interface Call<T> {
  readonly storeId: string
  readonly operation: string
  readonly run: (driver: StorageDriver) => Promise<T>
  /** What the caller feeds in: when it breaks off, its own error is the answer. */
  readonly body?: Readable
  readonly signal?: AbortSignal
}

const RETRY_AFTER_SECONDS = 5

/**
 * The stores by id. Checks keys, measures calls, and turns what a driver throws into an AppError: STORAGE_UNAVAILABLE,
 * INSUFFICIENT_STORAGE or STORAGE_CONFLICT. What a body breaks off with, and the reason of an aborted signal, come
 * through as they are; a body is destroyed when its call rejects. An error in the middle of a stream that was read is
 * the stream's own. A store id that is not configured is a plain Error.
 */
export class Storage {
  #deps: StorageDeps

  constructor(deps: StorageDeps) {
    this.#deps = deps
    this.#driver(deps.defaultStore)
  }

  get defaultStore(): string {
    return this.#deps.defaultStore
  }

  get storeIds(): readonly string[] {
    return [...this.#deps.stores.keys()]
  }

  /** See `StorageDriver.write`. */
  async write(ref: ObjectRef, body: Readable, hints: WriteHints = {}): Promise<{ size: number }> {
    const key = storageKey(ref.key)
    const run = (driver: StorageDriver) => driver.write(key, body, hints)
    return this.#call({ storeId: ref.storeId, operation: 'write', run, body, signal: hints.signal })
  }

  /** The bytes, or those of a range within the object; null when there is no such object. */
  async read(ref: ObjectRef, range?: ByteRange): Promise<Readable | null> {
    const key = storageKey(ref.key)
    return this.#call({ storeId: ref.storeId, operation: 'read', run: driver => driver.read(key, range) })
  }

  /** As `read`, for an object that must be there: CONTENT_LOST when it is not. */
  async readOrLost(ref: ObjectRef, range?: ByteRange): Promise<Readable> {
    const stream = await this.read(ref, range)
    if (stream) return stream
    throw storageErrors.CONTENT_LOST('The bytes of this file are missing in the store. Tell the operator.', {
      cause: new Error(`no object ${ref.key} in the store ${ref.storeId}`),
    })
  }

  /**
   * The bytes of an object that must be there, for who has nothing to answer for them but the store: CONTENT_LOST when it is not
   * there, STORAGE_UNAVAILABLE also when they break off in the middle.
   */
  async *bytesOf(ref: ObjectRef): AsyncGenerator<Buffer> {
    const stream = await this.readOrLost(ref)
    try {
      yield* stream
    } catch (error) {
      throw storageFailure(error)
    }
  }

  async stat(ref: ObjectRef): Promise<{ size: number; modifiedAt: Date } | null> {
    const key = storageKey(ref.key)
    return this.#call({ storeId: ref.storeId, operation: 'stat', run: driver => driver.stat(key) })
  }

  /** Removes the object and what an unfinished write left behind. Deleting nothing succeeds. */
  async delete(ref: ObjectRef): Promise<void> {
    const key = storageKey(ref.key)
    return this.#call({ storeId: ref.storeId, operation: 'delete', run: driver => driver.delete(key) })
  }

  list(storeId: string, prefix = ''): AsyncIterable<StorageKey> {
    return this.#each(storeId, driver => driver.list(prefix))
  }

  listUnfinished(storeId: string): AsyncIterable<StorageKey> {
    return this.#each(storeId, driver => driver.listUnfinished())
  }

  /** Resumable writes of a store; undefined when it has none. */
  resumable(storeId: string): ResumableWrites | undefined {
    const writes = this.#driver(storeId).resumable
    if (!writes) return undefined
    const call = <T>(operation: string, run: () => Promise<T>, body?: Readable) =>
      this.#call({ storeId, operation, run, body })
    return {
      begin: (key, hints) => call('begin', () => writes.begin(storageKey(key), hints)),
      append: (handle, at, body) => call('append', () => writes.append(handle, at, body), body),
      offset: handle => call('offset', () => writes.offset(handle)),
      rewind: (handle, to) => call('rewind', () => writes.rewind(handle, to)),
      complete: handle => call('complete', () => writes.complete(handle)),
      abort: handle => call('abort', () => writes.abort(handle)),
    }
  }

  /** As `resumable`, for a store that must have them; throws a plain Error otherwise. */
  resumableOf(storeId: string): ResumableWrites {
    const writes = this.resumable(storeId)
    if (!writes) throw new Error(`the store ${storeId} has no resumable writes`)
    return writes
  }

  /** Whether the store makes one object of others at all. */
  canJoin(storeId: string): boolean {
    return this.#driver(storeId).join !== undefined
  }

  /** Makes one object of others within their store; null where the store cannot, or not of these. See `JoinedWrites`. */
  async join(
    { storeId, key }: ObjectRef,
    parts: readonly { readonly key: string; readonly size: number }[],
  ): Promise<{ size: number } | null> {
    const { join } = this.#driver(storeId)
    if (!join) return null
    const sources = parts.map(part => ({ key: storageKey(part.key), size: part.size }))
    return this.#call({ storeId, operation: 'join', run: () => join.join(storageKey(key), sources) })
  }

  /** Requests by which a client talks to the store itself; undefined when it has none. */
  presign(storeId: string): PresignedUrls | undefined {
    const urls = this.#driver(storeId).presign
    if (!urls) return undefined
    const { writes } = urls
    const call = <T>(run: () => Promise<T>) => this.#call({ storeId, operation: 'presign', run })
    return {
      get: (key, options) => call(() => urls.get(storageKey(key), options)),
      ...(writes && {
        writes: {
          maxPutBytes: writes.maxPutBytes,
          put: (key, options) => call(() => writes.put(storageKey(key), options)),
          parts: (handle, options) => call(() => writes.parts(handle, options)),
        },
      }),
    }
  }

  /** Rejects when the store cannot be used now. */
  check(storeId: string): Promise<void> {
    return this.#call({ storeId, operation: 'check', run: driver => driver.check() })
  }

  /** Releases what the drivers hold; no call follows. */
  async close(): Promise<void> {
    await Promise.all([...this.#deps.stores.values()].map(driver => driver.close()))
  }

  #driver(storeId: string): StorageDriver {
    const driver = this.#deps.stores.get(storeId)
    if (!driver)
      throw new Error(
        `no store ${JSON.stringify(storeId)} is configured; there are: ${this.storeIds.join(', ')}`,
      )
    return driver
  }

  async #call<T>(call: Call<T>): Promise<T> {
    const driver = this.#driver(call.storeId)
    const began = performance.now()
    const told = (outcome: StorageEvent['outcome']) =>
      this.#deps.observe?.({
        store: call.storeId,
        operation: call.operation,
        outcome,
        seconds: (performance.now() - began) / 1000,
      })
    // A body may break off before the driver listens to it; without a listener that would end the process.
    call.body?.on('error', () => undefined)
    let result: T
    try {
      result = await call.run(driver)
    } catch (error) {
      const broken = isCallers(error, call)
      told(broken ? 'broken' : 'failed')
      call.body?.destroy()
      if (!broken) throw storageFailure(error)
      throw call.signal?.aborted ? call.signal.reason : error
    }
    told('ok')
    return result
  }

  async *#each(
    storeId: string,
    run: (driver: StorageDriver) => AsyncIterable<StorageKey>,
  ): AsyncIterable<StorageKey> {
    try {
      yield* run(this.#driver(storeId))
    } catch (error) {
      throw storageFailure(error)
    }
  }
}

/** True when the body broke off or the caller gave up, which is no failure of the store. */
function isCallers(error: unknown, { body, signal }: Pick<Call<unknown>, 'body' | 'signal'>): boolean {
  if (signal?.aborted) return true
  if (!body) return false
  return error === body.errored || codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE'
}

function storageFailure(cause: unknown): AppError {
  if (cause instanceof StorageConflict) {
    return storageErrors.STORAGE_CONFLICT(
      'The upload is not in the state that this request supposes. Ask for its offset and go on from there.',
      { cause },
    )
  }
  const code = codeOf(cause)
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return storageErrors.INSUFFICIENT_STORAGE('The store is full. Ask its operator to make room.', { cause })
  }
  return storageErrors.STORAGE_UNAVAILABLE('The store cannot be used now. Try again later.', {
    cause,
    retryAfter: RETRY_AFTER_SECONDS,
  })
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}
