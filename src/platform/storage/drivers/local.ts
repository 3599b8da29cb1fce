import { constants } from 'node:fs'
import { type FileHandle, open, opendir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { addAbortSignal, Readable } from 'node:stream'
import type { ByteRange, ObjectFiles, StorageDriver, WriteHints } from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'
import { isMissing, LocalFiles } from './local-files.ts'
import { LocalResumable } from './local-resumable.ts'
import { writeBody } from './local-sink.ts'

/** Bytes that one read asks of the disk, and about what a slow reader holds in memory. */
const READ_BYTES = 256 * 1024

/** Opens a folder of the local disk, or of a network disk that all nodes mount, as a store; makes it when missing. */
export async function openLocalDriver(options: { root: string }): Promise<StorageDriver> {
  return new LocalDriver(await LocalFiles.open(options.root))
}

class LocalDriver implements StorageDriver {
  readonly name = 'file'
  readonly resumable: LocalResumable
  readonly files: ObjectFiles = { open: key => this.#open(key) }
  #files: LocalFiles

  constructor(files: LocalFiles) {
    this.#files = files
    this.resumable = new LocalResumable(files)
  }

  async write(
    key: StorageKey,
    body: Readable,
    { signal, ownsChunks }: WriteHints,
  ): Promise<{ size: number }> {
    const file = await this.#files.claim(key)
    try {
      if (signal) addAbortSignal(signal, body)
      let size: number
      try {
        size = await writeBody(file, body, { at: 0, ownsChunks })
        await file.sync()
      } finally {
        await file.close()
      }
      signal?.throwIfAborted()
      await this.#files.publish(key)
      return { size }
    } catch (error) {
      // The claim says that all there is of this key is ours. Should this fail too, the caller deletes the key later.
      await this.delete(key).catch(() => undefined)
      throw error
    }
  }

  async read(key: StorageKey, range?: ByteRange): Promise<Readable | null> {
    const found = await this.#files.find(key)
    if (!found) return null
    const start = range?.start ?? 0
    const end = range?.end ?? found.stats.size - 1
    if (end < start) return Readable.from([])
    const file = await openToRead(found.path)
    return file?.createReadStream({ start, end, highWaterMark: READ_BYTES }) ?? null
  }

  async stat(key: StorageKey): Promise<{ size: number; modifiedAt: Date } | null> {
    const found = await this.#files.find(key)
    return found && { size: found.stats.size, modifiedAt: found.stats.mtime }
  }

  async delete(key: StorageKey): Promise<void> {
    await this.#files.remove(key)
  }

  list(prefix: string): AsyncIterable<StorageKey> {
    return this.#walk('', prefix)
  }

  async *listUnfinished(): AsyncIterable<StorageKey> {
    for await (const entry of await opendir(this.#files.staging)) {
      const key = this.#files.keyOfStaging(entry.name)
      if (key) yield key
    }
  }

  /** Writes, syncs and removes a file: a disk that is full, read-only or gone says so here. */
  async check(): Promise<void> {
    const path = join(this.#files.staging, '.probe')
    const file = await open(path, 'w')
    try {
      await file.write('probe')
      await file.sync()
    } finally {
      await file.close()
      await rm(path, { force: true })
    }
  }

  async close(): Promise<void> {
    // Every call closes what it opened.
  }

  async #open(key: StorageKey): Promise<FileHandle | null> {
    const found = await this.#files.find(key)
    return found && openToRead(found.path)
  }

  /** Goes only into folders that can hold the prefix; the prefix itself never becomes a path. */
  async *#walk(folder: string, prefix: string): AsyncGenerator<StorageKey> {
    for await (const entry of await opendir(join(this.#files.root, folder))) {
      const key = folder + entry.name
      const below = `${key}/`
      if (
        entry.isDirectory() &&
        isStorageKey(key) &&
        (below.startsWith(prefix) || prefix.startsWith(below))
      ) {
        yield* this.#walk(below, prefix)
      } else if (entry.isFile() && isStorageKey(key) && key.startsWith(prefix)) yield key
    }
  }
}

const openToRead = (path: string): Promise<FileHandle | null> =>
  open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(error => {
    if (isMissing(error)) return null
    throw error
  })
