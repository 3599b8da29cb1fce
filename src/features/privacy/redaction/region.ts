import type { ByteSource } from './byte-source.ts'
import { RedactionImpossible } from './impossible.ts'
import { ordered, type Patch } from './patch.ts'

/** What one file's patches may come to: they are kept, and looked at for each chunk that is sent. */
const MOST_PATCHES = 20_000
const MOST_PATCH_BYTES = 512 * 1024
/** A blank that changes nothing is found out for what is not longer. */
const COMPARED = 64 * 1024

interface Written {
  readonly patches: Patch[]
  bytes: number
}

interface Place {
  readonly source: ByteSource
  readonly base: number
  readonly size: number
  readonly written: Written
}

/**
 * A part of a file, or all of it, to read and to write over; offsets are counted from its beginning, and nothing reaches beyond its end.
 * All parts of one file write into one list.
 */
export class Region {
  readonly size: number
  readonly #place: Place

  private constructor(place: Place) {
    this.#place = place
    this.size = place.size
  }

  static of(source: ByteSource): Region {
    return new Region({ source, base: 0, size: source.size, written: { patches: [], bytes: 0 } })
  }

  part(at: number, size: number): Region {
    const start = Math.min(at, this.size)
    const fits = Math.max(0, Math.min(size, this.size - start))
    return new Region({ ...this.#place, base: this.#place.base + start, size: fits })
  }

  /** As many of the `length` bytes as there are. */
  read(at: number, length: number): Promise<Buffer> {
    return this.#place.source.read(this.#place.base + at, Math.max(0, Math.min(length, this.size - at)))
  }

  /** Some of what follows, at least one byte where there is one. */
  async ahead(at: number): Promise<Buffer> {
    if (at >= this.size) return Buffer.alloc(0)
    return (await this.#place.source.ahead(this.#place.base + at)).subarray(0, this.size - at)
  }

  /** Writes the bytes, and zeros behind them up to `length`. */
  async put(at: number, bytes: Buffer, length = bytes.length): Promise<void> {
    const fits = Math.min(length, this.size - at)
    const head = bytes.subarray(0, Math.max(0, fits))
    if (fits <= 0 || (length === head.length && head.equals(await this.read(at, fits)))) return
    this.#add({ offset: this.#place.base + at, length: fits, bytes: Buffer.from(head), fill: 0 })
  }

  /** Writes one byte over and over. */
  async blank(at: number, length: number, fill = 0): Promise<void> {
    const fits = Math.min(length, this.size - at)
    if (fits <= 0) return
    if (fits <= COMPARED && (await this.read(at, fits)).every(byte => byte === fill)) return
    this.#add({ offset: this.#place.base + at, length: fits, bytes: Buffer.alloc(0), fill })
  }

  /** All that was written into the file. Throws RedactionImpossible where it contradicts itself. */
  patches(): Patch[] {
    const patches = ordered(this.#place.written.patches)
    if (!patches) throw new RedactionImpossible('parts of it overlap')
    return patches
  }

  #add(patch: Patch): void {
    this.#place.written.patches.push(patch)
    this.#place.written.bytes += patch.bytes.length
    if (this.#place.written.patches.length > MOST_PATCHES || this.#place.written.bytes > MOST_PATCH_BYTES)
      throw new RedactionImpossible('too many parts of it would have to go')
  }
}
