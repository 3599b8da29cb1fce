import { AsyncLocalStorage } from 'node:async_hooks'
import { commonErrors } from '../errors.ts'

const current = new AsyncLocalStorage<Deadline | undefined>()

type Cancel = () => Promise<void>

/**
 * By when work must be done. What runs within it finds it by itself, so that no service is handed a deadline; the database
 * asks it before each statement and has it cancel those that still run.
 */
export class Deadline {
  #passed = false
  /** The answer is given, whichever it is. */
  #isOver = false
  /** Milliseconds that are left when the clock goes on. */
  #left: number
  #since = 0
  #aside = 0
  #timer: NodeJS.Timeout | undefined
  readonly #late = Promise.withResolvers<never>()
  readonly #running = new Map<Cancel, Promise<void> | undefined>()

  private constructor(readonly seconds: number) {
    this.#left = seconds * 1000
    // Nobody may be waiting for it.
    this.#late.promise.catch(() => undefined)
  }

  /** The one that the running code is within, if any. */
  static get current(): Deadline | undefined {
    return current.getStore()
  }

  /**
   * Does the work; rejects with TIMEOUT as soon as the time is over, and cancels what the database still does for it. What the
   * work itself comes to after that is dropped.
   */
  static async within<T>(seconds: number, work: () => Promise<T>): Promise<T> {
    const deadline = new Deadline(seconds)
    deadline.#goOn()
    const result = current.run(deadline, work)
    // Nobody waits any more for what is late.
    result.catch(() => undefined)
    return Promise.race([result, deadline.#late.promise]).finally(() => deadline.#end())
  }

  /**
   * Does work that takes as long as a file is large. Meanwhile the clock of the deadline stands still, and nothing that the work
   * asks of the database is cancelled.
   */
  static async aside<T>(work: () => Promise<T>): Promise<T> {
    const deadline = current.getStore()
    if (!deadline) return work()
    deadline.check()
    if (deadline.#aside++ === 0) deadline.#stop()
    try {
      return await current.run(undefined, work)
    } finally {
      if (--deadline.#aside === 0) deadline.#goOn()
    }
  }

  get passed(): boolean {
    return this.#passed
  }

  error() {
    return commonErrors.TIMEOUT(
      `The operation took longer than ${this.seconds} s and was given up. What it was to change may have been changed.`,
    )
  }

  /** @throws TIMEOUT once the time is over */
  check(): void {
    if (this.#passed) throw this.error()
  }

  /** Has `cancel` called when the time is over while something runs; the answer ends that, after a cancellation under way. */
  guard(cancel: Cancel): () => Promise<void> {
    this.#running.set(cancel, undefined)
    return async () => {
      const cancelling = this.#running.get(cancel)
      this.#running.delete(cancel)
      await cancelling
    }
  }

  #goOn(): void {
    if (this.#isOver) return
    this.#since = performance.now()
    this.#timer = setTimeout(() => this.#pass(), this.#left)
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#left = Math.max(0, this.#left - (performance.now() - this.#since))
  }

  #end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #pass(): void {
    this.#late.reject(this.error())
    this.#passed = true
    for (const cancel of this.#running.keys()) this.#running.set(cancel, cancel())
  }
}
