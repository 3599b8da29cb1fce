import { RedactionImpossible } from './impossible.ts'

/** The bytes from `start` to `end`, both included, which lie within the file. */
export type ReadRange = (start: number, end: number) => Promise<Buffer>

const SMALLEST_WINDOW = 16 * 1024
const LARGEST_WINDOW = 1024 * 1024
/** What one file may cost. A picture is read once from end to end; of a film only the parts that say where the others are. */
const MOST_BYTES = 512 * 1024 * 1024
const MOST_READS = 2_000

/**
 * Reads a stored file here and there: one window of it is held, which grows while reading goes on where it was and is small again after a
 * leap.
 */
export class ByteSource {
  #window: Buffer = Buffer.alloc(0)
  #start = 0
  #step = SMALLEST_WINDOW
  #bytes = 0
  #reads = 0

  constructor(
    readonly size: number,
    private readonly readRange: ReadRange,
  ) {}

  /** The bytes from `at` on, `length` of them or as many as there are. Throws RedactionImpossible when the file costs too much. */
  async read(at: number, length: number): Promise<Buffer> {
    const end = Math.min(this.size, at + length)
    if (at >= end) return Buffer.alloc(0)
    if (at < this.#start || end > this.#start + this.#window.length) await this.#fetch(at, end)
    return this.#window.subarray(at - this.#start, end - this.#start)
  }

  /** What is known without another read from `at` on: at least one byte, where there is one. */
  async ahead(at: number): Promise<Buffer> {
    if (at >= this.size) return Buffer.alloc(0)
    await this.read(at, 1)
    return this.#window.subarray(at - this.#start)
  }

  async #fetch(at: number, end: number): Promise<void> {
    const before = this.#start + this.#window.length
    const goesOn = at >= this.#start && at <= before + this.#step
    this.#step = goesOn ? Math.min(LARGEST_WINDOW, this.#step * 2) : SMALLEST_WINDOW
    const to = Math.min(this.size, Math.max(end, at + this.#step))
    this.#bytes += to - at
    this.#reads += 1
    if (this.#bytes > MOST_BYTES || this.#reads > MOST_READS)
      throw new RedactionImpossible('it would take too long to read')
    this.#window = await this.readRange(at, to - 1)
    this.#start = at
    if (this.#window.length !== to - at)
      throw new Error('the store gave another number of bytes than asked for')
  }
}
