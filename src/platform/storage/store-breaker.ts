/** `closed`: calls reach the store · `open`: they are refused for a pause · `probing`: it is over, and the store is being asked. */
export type StoreState = 'closed' | 'open' | 'probing'

export interface BreakerOptions {
  /** Rejects when the store cannot be used now. */
  readonly probe: () => Promise<void>
  /** Whether an error of the probe tells that the store does not answer, and not that it answers with a refusal. */
  readonly isOutage: (error: unknown) => boolean
  readonly onState?: (state: StoreState, cause: unknown) => void
  readonly pauses?: { readonly firstMs: number; readonly longestMs: number }
}

/** A call that was not made, since the store did not answer those before it. */
export class StoreAway extends Error {
  override readonly name = 'StoreAway'

  constructor(
    readonly retryAfterSeconds: number,
    cause: unknown,
  ) {
    super(`the store is left alone for ${retryAfterSeconds} s more`, { cause })
  }
}

/** Calls for as many objects must fail, one after the other and none between them succeed, until the others are spared. */
const FAILURES = 5
const PAUSES = { firstMs: 1_000, longestMs: 30_000 }

/**
 * Keeps calls from a store that does not answer, so that callers need not wait for it, nor it for them. A store that fails at one object
 * alone is not away, however often that is asked for. Pauses grow until a call succeeds: a store that says it is well and
 * fails at everything is spared, too. Time is monotonic: a clock that is set back does not keep a store away.
 */
export class StoreBreaker {
  readonly #options: BreakerOptions
  readonly #pauses: { readonly firstMs: number; readonly longestMs: number }
  /** What has failed since something has succeeded. */
  readonly #failing = new Set<unknown>()
  #state: StoreState = 'closed'
  #pausesInRow = 0
  #pauseEnds = 0
  #cause: unknown

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#pauses = options.pauses ?? PAUSES
  }

  get state(): StoreState {
    return this.#state
  }

  /** Whether a call that came now would be refused without a look at the store. */
  get refuses(): boolean {
    return this.#state === 'probing' || (this.#state === 'open' && this.#restMs() > 0)
  }

  /** Resolves when a call may be made; rejects with StoreAway. The first call after a pause waits until the store has been asked. */
  async admit(): Promise<void> {
    if (this.#state === 'closed') return
    if (this.refuses) throw this.#away()
    await this.check().catch(() => undefined)
    if (this.state !== 'closed') throw this.#away()
  }

  /** Asks the store itself, whatever the state, and rejects with what it answers. Calls are made again from the moment it is well. */
  async check(): Promise<void> {
    const isDue = this.#state === 'open' && !this.refuses
    if (isDue) this.#become('probing', this.#cause)
    try {
      await this.#options.probe()
    } catch (error) {
      // A store that is full, or lets nobody write, answers: each call shall hear what it says to it.
      if (!this.#options.isOutage(error)) this.#close()
      else if (isDue) this.#open(error)
      else this.failed(error)
      throw error
    }
    this.#close()
  }

  /** A call has come to its end. */
  succeeded(): void {
    if (this.#state !== 'closed') return
    this.#failing.clear()
    this.#pausesInRow = 0
  }

  /** A call failed for the store's reasons. Failures for one and the same subject count once. */
  failed(cause: unknown, subject: unknown = Symbol('a call for no object')): void {
    if (this.#state !== 'closed') return
    this.#failing.add(subject)
    if (this.#failing.size >= FAILURES) this.#open(cause)
  }

  #open(cause: unknown): void {
    const { firstMs, longestMs } = this.#pauses
    const most = Math.min(longestMs, firstMs * 2 ** this.#pausesInRow)
    // Half of it by chance, so that many nodes do not come back at the same moment.
    this.#pauseEnds = performance.now() + (most / 2) * (1 + Math.random())
    this.#pausesInRow++
    this.#become('open', cause)
  }

  #close(): void {
    if (this.#state === 'closed') return
    this.#failing.clear()
    this.#become('closed', null)
  }

  #become(state: StoreState, cause: unknown): void {
    if (state === this.#state) return
    this.#state = state
    this.#cause = cause
    this.#options.onState?.(state, cause)
  }

  #restMs(): number {
    return this.#pauseEnds - performance.now()
  }

  #away(): StoreAway {
    return new StoreAway(Math.max(1, Math.ceil(this.#restMs() / 1_000)), this.#cause)
  }
}
