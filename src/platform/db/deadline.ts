import { AsyncLocalStorage } from 'node:async_hooks'
import { commonErrors } from '../errors.ts'

const current = new AsyncLocalStorage<Deadline>()

type Cancel = () => Promise<void>

/**
 * By when work must be done. What runs within it finds it by itself, so that no service is handed a deadline; the database
 * asks it before each statement and has it cancel those that still run.
 */
export class Deadline {
  #passed = false
  readonly #running = new Map<Cancel, Promise<void> | undefined>()

  private constructor(readonly seconds: number) {}

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
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(deadline.error())
        deadline.#pass()
      }, seconds * 1000)
    })
    const result = current.run(deadline, work)
    // Nobody waits any more for what is late.
    result.catch(() => undefined)
    return Promise.race([result, late]).finally(() => clearTimeout(timer))
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

  #pass(): void {
    this.#passed = true
    for (const cancel of this.#running.keys()) this.#running.set(cancel, cancel())
  }
}
