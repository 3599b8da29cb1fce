/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'

/** Reads parts of a file of any size, but not more than so many bytes altogether. */
export class BoundedReader {
  readonly size: number
  readonly #tools: TaskTools
  readonly #most: number
  #left: number

  constructor(tools: TaskTools, most: number) {
    this.#tools = tools
    this.size = tools.size
    this.#most = most
    this.#left = most
  }

  /** Whether more has been asked for than may be read. */
  get isSpent(): boolean {
    return this.#left < 0
  }

  /** The bytes from `start` up to but not including `end`, as far as there are any. */
  async read(start: number, end: number): Promise<Buffer> {
    const [from, behind] = [Math.max(0, start), Math.min(end, this.size)]
    this.#left -= Math.max(0, behind - from)
    if (this.isSpent)
      throw new HandlerFailure('too-large', `more than ${this.#most} bytes would have to be read`)
    return behind > from ? this.#tools.read(from, behind - 1) : Buffer.alloc(0)
  }
}
