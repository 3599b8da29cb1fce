import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { releaseChunk } from '../../lib/release-chunk.ts'

/** Bytes of one write call: large enough that system calls cost nothing, small enough for many uploads at once. */
const BATCH_BYTES = 1024 * 1024
/** Chunks of one write call: Linux takes 1 024 at most, and a body of tiny chunks must not pile them up. */
const BATCH_CHUNKS = 1024
/** Bytes after which the disk is set to work, so that the last fsync does not have the whole file to wait for. */
const SYNC_BYTES = 64 * 1024 * 1024

/** What is asked of a file. */
export type SinkFile = Pick<FileHandle, 'writev' | 'datasync'>

export interface SinkOptions {
  /** Where in the file the first byte goes. */
  readonly at: number
  /** Whether the chunks are given up to be released, see `WriteHints`. */
  readonly ownsChunks?: boolean
}

/**
 * Writes `body` into the file; gives the position after the last byte, which is written but durable
 * only after an fsync. Holds two batches at most. When the body breaks off, what arrived is written before it rejects.
 */
export async function writeBody(file: SinkFile, body: Readable, options: SinkOptions): Promise<number> {
  const sink = new BatchSink(file, options)
  try {
    for await (const chunk of body) {
      const full = sink.add(chunk)
      if (full) await sink.flush()
    }
  } finally {
    await sink.end()
  }
  return sink.position
}

class BatchSink {
  position: number
  #file: SinkFile
  #ownsChunks: boolean
  #chunks: Uint8Array[] = []
  #bytes = 0
  #unsynced = 0
  #syncing = false
  #write: Promise<void> = Promise.resolve()
  #sync: Promise<void> = Promise.resolve()

  constructor(file: SinkFile, { at, ownsChunks = false }: SinkOptions) {
    this.#file = file
    this.#ownsChunks = ownsChunks
    this.position = at
  }

  /** True when it is time to flush. */
  add(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk)
    this.#bytes += chunk.byteLength
    return this.#bytes >= BATCH_BYTES || this.#chunks.length >= BATCH_CHUNKS
  }

  /** Waits for the batch before and sets this one going, so that the next is read while this one is written. */
  async flush(): Promise<void> {
    await this.#write
    this.#write = this.#store(this.#chunks, this.position)
    // The rejection is seen by the next flush or by end(); until then it must not count as unhandled.
    this.#write.catch(() => undefined)
    this.position += this.#bytes
    this.#unsynced += this.#bytes
    this.#chunks = []
    this.#bytes = 0
    if (this.#unsynced >= SYNC_BYTES && !this.#syncing) this.#syncBehind()
  }

  async end(): Promise<void> {
    await this.flush()
    await this.#write
    await this.#sync
  }

  async #store(chunks: readonly Uint8Array[], at: number): Promise<void> {
    await writeFully(this.#file, chunks, at)
    if (this.#ownsChunks) for (const chunk of chunks) releaseChunk(chunk)
  }

  /** An error of the disk is told to a descriptor only once: it is kept for end(), and no further sync hides it. */
  #syncBehind(): void {
    this.#unsynced = 0
    this.#syncing = true
    this.#sync = this.#file.datasync().then(() => {
      this.#syncing = false
    })
    this.#sync.catch(() => undefined)
  }
}

/** A write may be cut short by a signal or a disk that is nearly full; the next call then tells which. */
async function writeFully(file: SinkFile, chunks: readonly Uint8Array[], at: number): Promise<void> {
  let rest = chunks.filter(chunk => chunk.byteLength > 0)
  let position = at
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, position)
    position += bytesWritten
    rest = after(rest, bytesWritten)
  }
}

function after(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skipped = 0
  for (const [index, chunk] of chunks.entries()) {
    if (skipped + chunk.byteLength > bytes) {
      return [chunk.subarray(bytes - skipped), ...chunks.slice(index + 1)]
    }
    skipped += chunk.byteLength
  }
  return []
}
