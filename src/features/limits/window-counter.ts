import type { Clock } from '../../platform/clock.ts'
import type { Rate } from './limits.config.ts'

export interface Taken {
  /** Whether this one was still within the rate. */
  readonly granted: boolean
  /** How many more are, until the window ends. */
  readonly left: number
  /** Whole seconds until the window ends; at least 1. */
  readonly endsIn: number
}

/** More names than these within one window share one count. */
const MOST_NAMES = 100_000

/**
 * Counts by name within fixed windows, in the memory of this node alone: a window of a second does not pay a way to the
 * database. Twice the rate can pass around the end of a window; never more.
 */
export class WindowCounter {
  #counts = new Map<string, number>()
  #endsAt = 0

  constructor(private readonly deps: { readonly rate: Rate; readonly clock: Clock }) {}

  take(name: string): Taken {
    const { rate, clock } = this.deps
    const now = clock.now().getTime()
    const length = rate.seconds * 1000
    // Also when the clock was set back: nobody waits for longer than a window.
    if (now >= this.#endsAt || this.#endsAt - now > length) {
      this.#counts = new Map()
      this.#endsAt = now + length
    }
    const slot = this.#counts.size < MOST_NAMES || this.#counts.has(name) ? name : ''
    const count = (this.#counts.get(slot) ?? 0) + 1
    this.#counts.set(slot, count)
    return {
      granted: count <= rate.most,
      left: Math.max(0, rate.most - count),
      endsIn: Math.ceil((this.#endsAt - now) / 1000),
    }
  }
}
