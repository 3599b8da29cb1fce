/** Lets at most `running` works run at once and `waiting` wait, in the order in which they came. */
export class Gate {
  #running = 0
  readonly #queue: (() => void)[] = []

  constructor(private readonly limits: { readonly running: number; readonly waiting: number }) {}

  /** Runs the work when its turn comes; rejects at once with what `full` makes when too many wait already. */
  async run<T>(work: () => Promise<T>, full: () => Error): Promise<T> {
    if (this.#running >= this.limits.running) {
      if (this.#queue.length >= this.limits.waiting) throw full()
      // Whoever ends hands its place over, so that nobody who comes just then takes it.
      await new Promise<void>(resolve => this.#queue.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#queue.shift()
      if (next) next()
      else this.#running--
    }
  }
}
