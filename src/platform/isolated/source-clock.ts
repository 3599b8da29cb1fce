/** Adds up how long a task has waited for the bytes of its source. */
export class SourceClock {
  #waited = 0
  #since: number | null = null

  /** Milliseconds. */
  get waitedMs(): number {
    return this.#waited + (this.#since === null ? 0 : performance.now() - this.#since)
  }

  /** The chunks as they come. */
  async *of(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        this.#since = performance.now()
        const next = await chunks.next().finally(() => this.#stop())
        if (next.done) return
        yield next.value
      }
    } finally {
      await chunks.return(undefined)
    }
  }

  #stop(): void {
    this.#waited = this.waitedMs
    this.#since = null
  }
}
