import type { Readable } from 'node:stream'
import { releaseChunk } from '../../lib/release-chunk.ts'
import { StorageConflict } from '../driver.ts'

/** Bytes of the first buffer, which doubles until it holds a part: most bodies are smaller than one. */
const FIRST_BUFFER_BYTES = 64 * 1024

export interface CutOptions {
  /** Where in the object the first byte goes; at the beginning of a part. */
  readonly at: number
  /** Size of the part that begins at an offset, after so many others of this body. */
  readonly partBytes: (offset: number, before: number) => number
  /** Whether the chunks are given up to be released, see `WriteHints`. */
  readonly ownsChunks?: boolean
}

/** Cuts a body into parts. What does not fill a part is the rest, also after the body has broken off. */
export class PartCutter {
  #partBytes: number
  #position: number
  #cut = 0
  #options: CutOptions
  #buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES)
  #filled = 0

  constructor(options: CutOptions) {
    this.#options = options
    this.#position = options.at
    this.#partBytes = options.partBytes(options.at, 0)
  }

  /** The part that is being filled. */
  get rest(): Buffer {
    return this.#buffer.subarray(0, this.#filled)
  }

  /** The full parts, each of which is the caller's to release. */
  async *cut(body: Readable | Iterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of body) {
      for (let from = 0; from < chunk.byteLength; ) {
        from += this.#take(chunk, from)
        if (this.#filled === this.#partBytes) yield this.#next()
      }
      if (this.#options.ownsChunks) releaseChunk(chunk)
    }
  }

  #take(chunk: Uint8Array, from: number): number {
    const bytes = Math.min(chunk.byteLength - from, this.#partBytes - this.#filled)
    this.#reserve(this.#filled + bytes)
    this.#buffer.set(chunk.subarray(from, from + bytes), this.#filled)
    this.#filled += bytes
    return bytes
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#buffer.byteLength) return
    const doubled = Math.max(bytes, this.#buffer.byteLength * 2)
    const larger = Buffer.allocUnsafeSlow(Math.min(doubled, this.#partBytes))
    larger.set(this.rest)
    releaseChunk(this.#buffer)
    this.#buffer = larger
  }

  #next(): Buffer {
    const part = this.rest
    this.#position += part.byteLength
    this.#cut += 1
    this.#partBytes = this.#options.partBytes(this.#position, this.#cut)
    this.#buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES)
    this.#filled = 0
    return part
  }
}

/** A part on its way: the first has the number `firstNumber`. */
export interface SentPart {
  readonly number: number
  readonly bytes: Buffer
  readonly signal: AbortSignal
}

export interface SenderOptions<Stored> {
  readonly send: (part: SentPart) => Promise<Stored>
  /** How many parts of a size may be on the way at once. */
  readonly inFlight: (partBytes: number) => number
  readonly firstNumber: number
  readonly mostParts: number
}

/** Sends parts, some of them at once, and holds no more of them in memory than are on the way. */
export class PartSender<Stored extends { readonly number: number }> {
  readonly sent: Stored[] = []
  #options: SenderOptions<Stored>
  #next: number
  #running = new Set<Promise<void>>()
  #failure: { error: unknown } | null = null
  #stop = new AbortController()

  constructor(options: SenderOptions<Stored>) {
    this.#options = options
    this.#next = options.firstNumber
  }

  /** Takes the next part, which is released when it is sent; waits while too many are on the way. Rejects once one has failed. */
  async add(bytes: Buffer): Promise<void> {
    const { inFlight, mostParts } = this.#options
    while (this.#running.size >= inFlight(bytes.byteLength)) await Promise.race(this.#running)
    this.#rethrow()
    if (this.#next > mostParts) throw new StorageConflict(`an object has at most ${mostParts} parts`)
    const sending = this.#one(this.#next++, bytes).catch(error => {
      this.#failure ??= { error }
      this.#stop.abort()
    })
    this.#running.add(sending)
    void sending.then(() => this.#running.delete(sending))
  }

  /** Waits until nothing is on the way; rejects when a part has failed. */
  async end(): Promise<void> {
    await Promise.all(this.#running)
    this.#rethrow()
    this.sent.sort((a, b) => a.number - b.number)
  }

  /** Cuts off what is on the way. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  async #one(number: number, bytes: Buffer): Promise<void> {
    this.sent.push(await this.#options.send({ number, bytes, signal: this.#stop.signal }))
    releaseChunk(bytes)
  }

  #rethrow(): void {
    if (this.#failure) throw this.#failure.error
  }
}

/**
 * Sends a body in parts, begun with the first that is full; false where none is, and all of the body is the cutter's rest. What was on
 * the way has ended when this rejects.
 */
export async function sendInParts<Stored extends { readonly number: number }>(
  body: Readable,
  { cutter, sender, begin }: { cutter: PartCutter; sender: PartSender<Stored>; begin(): Promise<void> },
): Promise<boolean> {
  let isBegun = false
  try {
    for await (const part of cutter.cut(body)) {
      if (!isBegun) await begin()
      isBegun = true
      await sender.add(part)
    }
    if (!isBegun) return false
    if (cutter.rest.byteLength > 0) await sender.add(cutter.rest)
    await sender.end()
    return true
  } catch (error) {
    await sender.stop()
    throw error
  }
}
