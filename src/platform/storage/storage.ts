import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type {
  ByteRange,
  PresignedUrls,
  PresignGet,
  ResumableWrites,
  StorageDriver,
  WriteHints,
} from './driver.ts'
import { type GuardedOptions, GuardedStore } from './guarded-store.ts'
import { type StorageKey, storageKey } from './key.ts'
import { storageErrors } from './storage.errors.ts'
import { storageFailure } from './storage-failure.ts'
import type { StoreState } from './store-breaker.ts'

export type { StorageEvent, StoreStateEvent } from './guarded-store.ts'

/** Where an object lies; rows of the database have this shape. */
export interface ObjectRef {
  readonly storeId: string
  readonly key: string
}

export interface StorageDeps extends GuardedOptions {
  readonly stores: ReadonlyMap<string, StorageDriver>
  /** The id of the store that new objects go to. */
  readonly defaultStore: string
}

/**
 * The stores by id. Checks keys, measures calls, and turns what a driver throws into an AppError: STORAGE_UNAVAILABLE,
 * INSUFFICIENT_STORAGE or STORAGE_CONFLICT. What a body breaks off with, and the reason of an aborted signal, come
 * through as they are; a body is destroyed when its call rejects. An error in the middle of a stream that was read is
 * the stream's own. A store that is not configured is unavailable, too.
 *
 * A store that does not answer is left alone for a while: calls are then refused at once, with STORAGE_UNAVAILABLE and the rest of the
 * pause, and those to other stores go on. Calls that only ask, and deletions, are given up after a minute; those that change something
 * must not come late, and their driver bounds them. Nothing is tried again here: a driver knows what of its protocol may be.
 */
export class Storage {
  /** The id of the store that new objects go to. */
  readonly defaultStore: string
  readonly #stores: ReadonlyMap<string, GuardedStore>

  constructor({ stores, defaultStore, ...options }: StorageDeps) {
    this.defaultStore = defaultStore
    this.#stores = new Map([...stores].map(([id, driver]) => [id, new GuardedStore(id, driver, options)]))
    if (!stores.has(defaultStore))
      throw new Error(`there is no default store ${JSON.stringify(defaultStore)}`)
  }

  get storeIds(): readonly string[] {
    return [...this.#stores.keys()]
  }

  /** Whether calls reach a store now. */
  stateOf(storeId: string): StoreState {
    return this.#store(storeId).state
  }

  /** Whether a call that came now would be refused without a look at the store. */
  refuses(storeId: string): boolean {
    return this.#store(storeId).refuses
  }

  /** See `StorageDriver.write`. */
  async write(ref: ObjectRef, body: Readable, hints: WriteHints = {}): Promise<{ size: number }> {
    const key = storageKey(ref.key)
    const run = (driver: StorageDriver) => driver.write(key, body, hints)
    const { signal } = hints
    return this.#store(ref.storeId).call({ operation: 'write', subject: key, run, body, signal })
  }

  /** The bytes, or those of a range within the object; null when there is no such object. */
  async read(ref: ObjectRef, range?: ByteRange): Promise<Readable | null> {
    const key = storageKey(ref.key)
    return this.#store(ref.storeId).open(key, driver => driver.read(key, range))
  }

  /** As `read`, for an object that must be there: CONTENT_LOST when it is not. */
  async readOrLost(ref: ObjectRef, range?: ByteRange): Promise<Readable> {
    const stream = await this.read(ref, range)
    if (stream) return stream
    throw storageErrors.CONTENT_LOST('The bytes of this file are missing in the store. Tell the operator.', {
      cause: new Error(`no object ${ref.key} in the store ${ref.storeId}`),
    })
  }

  /** The object as an open file, which the caller closes; null where its store has no files, or no such object. */
  async openFile(ref: ObjectRef): Promise<FileHandle | null> {
    const key = storageKey(ref.key)
    const store = this.#store(ref.storeId)
    const { files } = store.driver
    if (!files) return null
    const call = { operation: 'read', subject: key, run: () => files.open(key), tellsNothing: true }
    return store.ask(call, late => void late?.close().catch(() => undefined))
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
    return this.#store(ref.storeId).ask({ operation: 'stat', subject: key, run: driver => driver.stat(key) })
  }

  /** Removes the object and what an unfinished write left behind. Deleting nothing succeeds. */
  async delete(ref: ObjectRef): Promise<void> {
    const key = storageKey(ref.key)
    return this.#store(ref.storeId).ask({
      operation: 'delete',
      subject: key,
      run: driver => driver.delete(key),
    })
  }

  list(storeId: string, prefix = ''): AsyncIterable<StorageKey> {
    return this.#store(storeId).each(driver => driver.list(prefix))
  }

  listUnfinished(storeId: string): AsyncIterable<StorageKey> {
    return this.#store(storeId).each(driver => driver.listUnfinished())
  }

  /** Resumable writes of a store; undefined when it has none. */
  resumable(storeId: string): ResumableWrites | undefined {
    const store = this.#store(storeId)
    const writes = store.driver.resumable
    if (!writes) return undefined
    const change = <T>(operation: string, subject: string, run: () => Promise<T>) =>
      store.call({ operation, subject, run })
    return {
      begin: (key, hints) => change('begin', key, () => writes.begin(storageKey(key), hints)),
      append: (handle, at, body) =>
        store.call({
          operation: 'append',
          subject: handle,
          run: () => writes.append(handle, at, body),
          body,
        }),
      offset: handle => store.ask({ operation: 'offset', subject: handle, run: () => writes.offset(handle) }),
      rewind: (handle, to) => change('rewind', handle, () => writes.rewind(handle, to)),
      complete: handle => change('complete', handle, () => writes.complete(handle)),
      abort: handle => change('abort', handle, () => writes.abort(handle)),
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
    return this.#store(storeId).driver.join !== undefined
  }

  /** Makes one object of others within their store; null where the store cannot, or not of these. See `JoinedWrites`. */
  async join(
    { storeId, key }: ObjectRef,
    parts: readonly { readonly key: string; readonly size: number }[],
  ): Promise<{ size: number } | null> {
    const store = this.#store(storeId)
    const { join } = store.driver
    if (!join) return null
    const sources = parts.map(part => ({ key: storageKey(part.key), size: part.size }))
    const run = () => join.join(storageKey(key), sources)
    return store.call({ operation: 'join', subject: key, run })
  }

  /** Requests by which a client talks to the store itself; undefined when it has none. */
  presign(storeId: string): PresignedUrls | undefined {
    const store = this.#store(storeId)
    const urls = store.driver.presign
    if (!urls) return undefined
    const { writes } = urls
    // Most are made without a question to the store, and tell nothing of it.
    const call = <T>(run: () => Promise<T>) => store.ask({ operation: 'presign', run, tellsNothing: true })
    return {
      redirects: urls.redirects,
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

  /** A URL of the store itself that gives the object; null where its readers are not sent there. */
  async urlFor({ storeId, key }: ObjectRef, options: PresignGet): Promise<string | null> {
    const urls = this.presign(storeId)
    return urls?.redirects ? urls.get(storageKey(key), options) : null
  }

  /** Rejects when the store cannot be used now. Asks the store in any case, and ends its pause when it is well. */
  check(storeId: string): Promise<void> {
    return this.#store(storeId).check()
  }

  /** Releases what the drivers hold; no call follows. */
  async close(): Promise<void> {
    await Promise.all([...this.#stores.values()].map(({ driver }) => driver.close()))
  }

  #store(storeId: string): GuardedStore {
    const store = this.#stores.get(storeId)
    if (store) return store
    throw storageErrors.STORAGE_UNAVAILABLE(
      'These bytes lie in a store that is no part of the configuration. Tell the operator.',
      {
        cause: new Error(
          `no store ${JSON.stringify(storeId)} is configured; there are: ${this.storeIds.join(', ')}`,
        ),
      },
    )
  }
}
