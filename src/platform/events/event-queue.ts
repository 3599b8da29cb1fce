import type { RecordedEvent } from './event-log.ts'
import { tooSlow } from './events.errors.ts'

/** Events that may wait for one subscriber. */
const MOST_WAITING = 1_000

/** What waits for one subscriber, up to a bound. Ends when the signal is aborted; throws SUBSCRIBER_TOO_SLOW beyond the bound. */
export class EventQueue implements AsyncIterable<readonly RecordedEvent[]> {
  readonly #ended: AbortSignal
  #waiting: (readonly RecordedEvent[])[] = []
  #count = 0
  #overrun = false
  #wake: () => void = () => undefined

  constructor(ended: AbortSignal) {
    this.#ended = ended
    ended.addEventListener('abort', () => this.#wake(), { once: true })
  }

  add(events: readonly RecordedEvent[]): void {
    this.#count += events.length
    // One batch is always taken, however large: it was not the subscriber who was slow.
    if (this.#count > MOST_WAITING && this.#waiting.length > 0) {
      this.#overrun = true
      this.#waiting = []
    }
    if (!this.#overrun) this.#waiting.push(events)
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly RecordedEvent[], void> {
    while (!this.#ended.aborted) {
      if (this.#overrun) throw tooSlow()
      const next = this.#waiting.shift()
      if (next) {
        this.#count -= next.length
        yield next
      } else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }
}
