import { within } from './within.ts'

/** Lets so many in at the same time; the others wait in the order in which they came. */
export class Turns {
  readonly #most: number
  readonly #queue: Array<() => void> = []
  #inside = 0

  constructor(most: number) {
    this.#most = most
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves when it is one's turn; rejects with the signal's reason. Who has entered must leave. */
  async enter(signal: AbortSignal): Promise<void> {
    if (this.#inside < this.#most) {
      this.#inside++
      return
    }
    let turn: () => void = () => undefined
    const waiting = new Promise<void>(resolve => {
      turn = resolve
      this.#queue.push(resolve)
    })
    try {
      await within(signal, waiting)
    } catch (error) {
      const at = this.#queue.indexOf(turn)
      if (at >= 0) this.#queue.splice(at, 1)
      // Its turn came together with the end of its patience.
      else this.leave()
      throw error
    }
  }

  leave(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#inside--
  }
}
