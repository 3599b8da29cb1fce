import { Transform, type TransformCallback } from 'node:stream'

/** A picture larger than this is sent from the store alone. */
const MOST_AT_HAND = 1024 * 1024

/** Passes on the bytes of a picture as they are made, and holds those of a small one, which no reader is waited for to take. */
export class MadeBytes extends Transform {
  #chunks: Buffer[] = []
  #size = 0
  readonly #overflow = Promise.withResolvers<void>()
  /** Resolves when it is more than is held: from then on somebody has to take it. */
  readonly overflowed = this.#overflow.promise

  constructor() {
    super({ readableHighWaterMark: MOST_AT_HAND + 1 })
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += chunk.length
    if (this.#size <= MOST_AT_HAND) this.#chunks.push(chunk)
    else {
      this.#chunks = []
      this.#overflow.resolve()
    }
    done(null, chunk)
  }

  /** All that has come, or null when it was too much. */
  get atHand(): Buffer | null {
    return this.#size <= MOST_AT_HAND ? Buffer.concat(this.#chunks) : null
  }
}
