import { setTimeout as pause } from 'node:timers/promises'

/** Keeps work to a rate: who takes faster waits. What was not taken is not saved up for more than a second. */
export class Pace {
  #free = performance.now()

  constructor(private readonly perSecond: number) {}

  /** Resolves when so many more may be taken; rejects with the signal's AbortError. */
  async take(amount: number, signal?: AbortSignal): Promise<void> {
    const now = performance.now()
    this.#free = Math.max(this.#free, now - 1000) + (amount / this.perSecond) * 1000
    if (this.#free > now) await pause(this.#free - now, undefined, { signal })
    else signal?.throwIfAborted()
  }
}
