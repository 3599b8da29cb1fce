import type { Readable } from 'node:stream'
import { type ResumableWrites, StorageConflict, type UploadHandle } from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'
import { type LocalFiles, syncFolder } from './local-files.ts'
import { writeBody } from './local-sink.ts'

/**
 * Appends to the staging file of the key; the handle is the key itself. The durable offset is the file's length after
 * an fsync: file systems with a journal (ext4 in its default mode, XFS, Btrfs, ZFS, APFS) never show a length beyond
 * the bytes that were written.
 */
export class LocalResumable implements ResumableWrites {
  #files: LocalFiles

  constructor(files: LocalFiles) {
    this.#files = files
  }

  async begin(key: StorageKey): Promise<UploadHandle> {
    const file = await this.#files.claim(key)
    await file.close()
    await syncFolder(this.#files.staging)
    return key
  }

  async append(handle: UploadHandle, at: number, body: Readable): Promise<{ offset: number }> {
    await using file = await this.#files.reopen(keyOf(handle))
    const { size } = await file.stat()
    if (size !== at) throw new StorageConflict(`append at ${at}, but the offset is ${size}`)
    try {
      return { offset: await writeBody(file, body, { at, ownsChunks: true }) }
    } finally {
      await file.sync()
    }
  }

  async offset(handle: UploadHandle): Promise<number> {
    await using file = await this.#files.reopen(keyOf(handle))
    await file.sync()
    return (await file.stat()).size
  }

  async rewind(handle: UploadHandle, to: number): Promise<void> {
    await using file = await this.#files.reopen(keyOf(handle))
    const { size } = await file.stat()
    if (to < 0 || to > size) throw new StorageConflict(`back to ${to}, but the offset is ${size}`)
    await file.truncate(to)
    await file.sync()
  }

  async complete(handle: UploadHandle): Promise<{ size: number }> {
    const key = keyOf(handle)
    const finished = await this.#files.find(key)
    if (finished) {
      // The completion before may have ended between the rename and its fsync.
      await this.#files.settle(key)
      return { size: finished.stats.size }
    }
    const size = await this.offset(handle)
    await this.#files.publish(key)
    return { size }
  }

  async abort(handle: UploadHandle): Promise<void> {
    await this.#files.removeStaging(keyOf(handle))
  }
}

function keyOf(handle: UploadHandle): StorageKey {
  if (!isStorageKey(handle)) throw new StorageConflict('not a handle of this store')
  return handle
}
