import type { Readable } from 'node:stream'
import { eachInTime, inTime } from '../lib/in-time.ts'
import { spanned } from '../tracing/trace.ts'
import type { StorageDriver } from './driver.ts'
import type { StorageKey } from './key.ts'
import { type Callers, isBrokenStream, isCallers, isOutage, storageFailure } from './storage-failure.ts'
import { type BreakerOptions, StoreAway, StoreBreaker, type StoreState } from './store-breaker.ts'

/**
 * One call of a driver, listings apart. `broken` is a body that broke off or a caller that gave up, `refused` a call that was not
 * made because the store is away: neither is a failure of the store.
 */
export interface StorageEvent {
  readonly store: string
  readonly operation: string
  readonly outcome: 'ok' | 'failed' | 'broken' | 'refused'
  /** For a read, until the stream is open; for a write, until the bytes are durable. */
  readonly seconds: number
}

/** A store went away or came back. */
export interface StoreStateEvent {
  readonly store: string
  readonly state: StoreState
  /** What it failed with last; null when it is back. */
  readonly cause: unknown
}

export interface GuardedOptions {
  readonly observe?: (event: StorageEvent) => void
  readonly onState?: (event: StoreStateEvent) => void
  /** How long a store is left alone that does not answer. */
  readonly pauses?: BreakerOptions['pauses']
  /** How long a call may take whose late end does no harm, and a check. */
  readonly limits?: { readonly callMs: number; readonly checkMs: number }
}

export interface StoreCall<T> extends Callers {
  readonly operation: string
  /** What the call is about, when it is one object or upload. */
  readonly subject?: string
  readonly run: (driver: StorageDriver) => Promise<T>
  /** Whether its end says nothing of the store, or not yet. */
  readonly tellsNothing?: boolean
}

const LIMITS = { callMs: 60_000, checkMs: 5_000 }

/** One store behind its breaker: calls that are measured, bounded, and end with an AppError or with the caller's own error. */
export class GuardedStore {
  readonly #id: string
  readonly #observe: GuardedOptions['observe']
  readonly #limits: { readonly callMs: number; readonly checkMs: number }
  readonly #breaker: StoreBreaker

  constructor(
    id: string,
    readonly driver: StorageDriver,
    { observe, onState, pauses, limits = LIMITS }: GuardedOptions,
  ) {
    this.#id = id
    this.#observe = observe
    this.#limits = limits
    // A question that hangs is not asked a second time: on a disk, each would keep a thread.
    let asked: Promise<void> | null = null
    const probe = () => {
      asked ??= (async () => driver.check())().finally(() => {
        asked = null
      })
      return inTime(asked, limits.checkMs)
    }
    const tell = (state: StoreState, cause: unknown) => onState?.({ store: id, state, cause })
    this.#breaker = new StoreBreaker({ probe, isOutage, onState: tell, pauses })
  }

  get state(): StoreState {
    return this.#breaker.state
  }

  get refuses(): boolean {
    return this.#breaker.refuses
  }

  /** A call that changes something: it must not come late, and the driver bounds it. */
  async call<T>(call: StoreCall<T>): Promise<T> {
    // A body may break off before the driver listens to it; without a listener that would end the process.
    call.body?.on('error', () => undefined)
    try {
      const result = await this.#measured(call, async () => {
        await this.#breaker.admit()
        return call.run(this.driver)
      })
      if (!call.tellsNothing) this.#breaker.succeeded()
      return result
    } catch (error) {
      call.body?.destroy()
      if (isCallers(error, call)) throw call.signal?.aborted ? call.signal.reason : error
      if (isOutage(error)) this.#breaker.failed(error, call.subject)
      throw storageFailure(error)
    }
  }

  /** A call that only asks, or does no harm when it comes late: nobody waits longer for it than a minute. `late` takes what still comes. */
  ask<T>(call: StoreCall<T>, late?: (result: T) => void): Promise<T> {
    return this.call({ ...call, run: driver => inTime(call.run(driver), this.#limits.callMs, late) })
  }

  /** A stream of the store: whether the call has succeeded shows at its end. */
  async open(key: StorageKey, run: StoreCall<Readable | null>['run']): Promise<Readable | null> {
    const call = { operation: 'read', subject: key, run, tellsNothing: true }
    const stream = await this.ask(call, late => late?.destroy())
    stream?.once('end', () => this.#breaker.succeeded())
    stream?.once('error', error => isBrokenStream(error) && this.#breaker.failed(error, key))
    return stream
  }

  async *each(run: (driver: StorageDriver) => AsyncIterable<StorageKey>): AsyncIterable<StorageKey> {
    try {
      await this.#breaker.admit()
      yield* eachInTime(run(this.driver), this.#limits.callMs)
      this.#breaker.succeeded()
    } catch (error) {
      if (isOutage(error)) this.#breaker.failed(error)
      throw storageFailure(error)
    }
  }

  /** Asks the store in any case, and ends its pause when it is well. */
  async check(): Promise<void> {
    await this.#measured({ operation: 'check' }, () => this.#breaker.check()).catch(error => {
      throw storageFailure(error)
    })
  }

  #measured<T>(call: Callers & { readonly operation: string }, run: () => Promise<T>): Promise<T> {
    const facts = { store: this.#id, operation: call.operation }
    return spanned(`storage ${call.operation}`, { kind: 'client', facts }, tell =>
      this.#told(call, outcome => tell({ outcome }), run),
    )
  }

  async #told<T>(
    call: Callers & { readonly operation: string },
    tell: (outcome: StorageEvent['outcome']) => void,
    run: () => Promise<T>,
  ): Promise<T> {
    const began = performance.now()
    const told = (outcome: StorageEvent['outcome']) => {
      tell(outcome)
      const seconds = (performance.now() - began) / 1000
      this.#observe?.({ store: this.#id, operation: call.operation, outcome, seconds })
    }
    let result: T
    try {
      result = await run()
    } catch (error) {
      told(error instanceof StoreAway ? 'refused' : isCallers(error, call) ? 'broken' : 'failed')
      throw error
    }
    told('ok')
    return result
  }
}
