import { addAbortSignal, Readable } from 'node:stream'
import {
  type ByteRange,
  type ResumableWrites,
  StorageConflict,
  type StorageDriver,
  type UploadHandle,
  type WriteHints,
} from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'

interface Pieces {
  readonly chunks: Uint8Array[]
  size: number
}

/** What a memory store holds. Drivers that are given the same one are nodes of the same store. */
export interface MemoryState {
  readonly objects: Map<StorageKey, { readonly bytes: Buffer; readonly modifiedAt: Date }>
  readonly unfinished: Map<StorageKey, Pieces>
}

export function emptyMemoryState(): MemoryState {
  return { objects: new Map(), unfinished: new Map() }
}

/** Bytes of one chunk of a read. */
const READ_BYTES = 64 * 1024

/** Keeps whole objects in memory, for tests and demonstrations; all is gone when the process ends. */
export class MemoryDriver implements StorageDriver {
  readonly name = 'memory'
  readonly resumable: ResumableWrites
  #state: MemoryState
  #now: () => Date

  constructor(options: { state?: MemoryState; now?: () => Date } = {}) {
    this.#state = options.state ?? emptyMemoryState()
    this.#now = options.now ?? (() => new Date())
    this.resumable = {
      begin: async key => {
        this.#claim(key)
        return key
      },
      append: (handle, at, body) => this.#append(handle, at, body),
      offset: async handle => this.#pieces(handle).size,
      rewind: async (handle, to) => this.#rewind(handle, to),
      complete: async handle => this.#complete(handle),
      abort: async handle => {
        if (isStorageKey(handle)) this.#state.unfinished.delete(handle)
      },
    }
  }

  async write(key: StorageKey, body: Readable, { signal }: WriteHints): Promise<{ size: number }> {
    const pieces = this.#claim(key)
    try {
      if (signal) addAbortSignal(signal, body)
      await collect(body, pieces)
      signal?.throwIfAborted()
      if (this.#state.unfinished.get(key) !== pieces) {
        throw new StorageConflict(`the write of the key ${key} was removed meanwhile`)
      }
      return this.#publish(key, pieces)
    } finally {
      if (this.#state.unfinished.get(key) === pieces) this.#state.unfinished.delete(key)
    }
  }

  async read(key: StorageKey, range?: ByteRange): Promise<Readable | null> {
    const object = this.#state.objects.get(key)
    return object ? Readable.from(slices(object.bytes.subarray(range?.start, range && range.end + 1))) : null
  }

  async stat(key: StorageKey): Promise<{ size: number; modifiedAt: Date } | null> {
    const object = this.#state.objects.get(key)
    return object ? { size: object.bytes.byteLength, modifiedAt: object.modifiedAt } : null
  }

  async delete(key: StorageKey): Promise<void> {
    this.#state.unfinished.delete(key)
    this.#state.objects.delete(key)
  }

  async *list(prefix: string): AsyncIterable<StorageKey> {
    for (const key of this.#state.objects.keys()) if (key.startsWith(prefix)) yield key
  }

  async *listUnfinished(): AsyncIterable<StorageKey> {
    yield* this.#state.unfinished.keys()
  }

  async check(): Promise<void> {
    // Memory is always there.
  }

  async close(): Promise<void> {
    // Nothing is held that others could miss.
  }

  #claim(key: StorageKey): Pieces {
    if (this.#state.unfinished.has(key) || this.#state.objects.has(key)) {
      throw new StorageConflict(`the key ${key} is taken`)
    }
    const pieces: Pieces = { chunks: [], size: 0 }
    this.#state.unfinished.set(key, pieces)
    return pieces
  }

  #publish(key: StorageKey, pieces: Pieces): { size: number } {
    this.#state.unfinished.delete(key)
    this.#state.objects.set(key, { bytes: Buffer.concat(pieces.chunks), modifiedAt: this.#now() })
    return { size: pieces.size }
  }

  #pieces(handle: UploadHandle): Pieces {
    const pieces = isStorageKey(handle) ? this.#state.unfinished.get(handle) : undefined
    if (!pieces) throw new StorageConflict(`no unfinished write of the handle ${handle}`)
    return pieces
  }

  async #append(handle: UploadHandle, at: number, body: Readable): Promise<{ offset: number }> {
    const pieces = this.#pieces(handle)
    if (pieces.size !== at) throw new StorageConflict(`append at ${at}, but the offset is ${pieces.size}`)
    await collect(body, pieces)
    return { offset: pieces.size }
  }

  #rewind(handle: UploadHandle, to: number): void {
    const pieces = this.#pieces(handle)
    if (to < 0 || to > pieces.size)
      throw new StorageConflict(`back to ${to}, but the offset is ${pieces.size}`)
    const kept = Buffer.concat(pieces.chunks).subarray(0, to)
    pieces.chunks.splice(0, pieces.chunks.length, kept)
    pieces.size = to
  }

  #complete(handle: UploadHandle): { size: number } {
    const finished = isStorageKey(handle) ? this.#state.objects.get(handle) : undefined
    if (finished) return { size: finished.bytes.byteLength }
    return this.#publish(handle as StorageKey, this.#pieces(handle))
  }
}

async function collect(body: Readable, pieces: Pieces): Promise<void> {
  for await (const chunk of body) {
    pieces.chunks.push(chunk)
    pieces.size += chunk.byteLength
  }
}

function* slices(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += READ_BYTES) {
    // Copies: the reader may release what it gets.
    yield Buffer.from(bytes.subarray(at, at + READ_BYTES))
  }
}
