import { createHash, type Hash } from 'node:crypto'
import { type Readable, Transform, type TransformCallback, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { releaseChunk } from '../../platform/lib/release-chunk.ts'
import { fileTooLarge } from './upload.errors.ts'

export interface Measured {
  readonly size: number
  /** Lower-case hex. */
  readonly sha256: string
}

export interface MeterOptions {
  /** Largest number of bytes that passes; the first byte beyond it ends the stream with FILE_TOO_LARGE. */
  readonly limit: number
  /** Sees every chunk before it passes on: type sniffing, fault points. */
  readonly onChunk: (chunk: Buffer, total: number) => void | Promise<void>
  /** A hash that has seen what came before, and goes on; a new one without it. Null hashes nothing. */
  readonly hash?: Hash | null
}

/** Bytes pass through; counted, hashed and held to the limit on the way, none of them kept. */
export class Meter extends Transform {
  readonly #hash: Hash | null
  readonly #options: MeterOptions
  #size = 0
  #limit: number

  constructor(options: MeterOptions) {
    // One chunk at a time: a reader that finds several waiting would be given a copy of them in one.
    super({ highWaterMark: 1 })
    this.#options = options
    this.#limit = options.limit
    this.#hash = options.hash === undefined ? createHash('sha256') : options.hash
  }

  /** Bytes that have passed so far. */
  get passed(): number {
    return this.#size
  }

  /** Lets no more pass in all than `limit`, if that is less than before; ends the stream where more has passed. */
  narrow(limit: number): void {
    this.#limit = Math.min(this.#limit, limit)
    if (this.#size > this.#limit) this.destroy(fileTooLarge(this.#limit, null))
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { onChunk } = this.#options
    if (this.#size + chunk.length > this.#limit) {
      done(fileTooLarge(this.#limit, null))
      return
    }
    this.#size += chunk.length
    this.#hash?.update(chunk)
    const seen = onChunk(chunk, this.#size)
    if (seen instanceof Promise) seen.then(() => done(null, chunk), done)
    else done(null, chunk)
  }

  /** What passed; call it once, after the end, of a meter that hashes. */
  result(): Measured {
    if (!this.#hash) throw new Error('this meter hashes nothing')
    return { size: this.#size, sha256: this.#hash.digest('hex') }
  }
}

/** Takes bytes that nobody wants, and gives their memory back. */
export const nowhere = (): Writable =>
  new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      releaseChunk(chunk)
      done()
    },
  })

/** SHA-256 in lower-case hex of bytes that are wanted for nothing else; rejects with FILE_TOO_LARGE. */
export async function sha256Of(body: Readable, limit: number): Promise<string> {
  const meter = new Meter({ limit, onChunk: () => undefined })
  await pipeline(body, meter, nowhere())
  return meter.result().sha256
}
