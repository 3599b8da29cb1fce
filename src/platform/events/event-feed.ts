import { untraced } from '../tracing/trace.ts'
import type { EventLog, RecordedEvent } from './event-log.ts'
import type { Position } from './position.ts'
import type { WakeUps } from './wake-ups.ts'

/** Told of what one account has committed, in its order; the same array for all who follow the account. */
export type EventListener = (events: readonly RecordedEvent[]) => void

export interface EventFeedDeps {
  readonly log: Pick<EventLog, 'now' | 'read'>
  readonly wakeUps: Pick<WakeUps, 'listen'>
  /** The feed goes on by itself. */
  readonly onError: (error: unknown) => void
}

/** A notification may be lost, and none comes of a transaction that was prepared elsewhere: nothing waits for longer. */
const LOOK_AFTER_MS = 1_000

/**
 * Live events of this process: one reader for all who follow, however many they are, and none while nobody does.
 */
export class EventFeed {
  readonly #listeners = new Map<string, Set<EventListener>>()
  #running: AbortController | undefined
  #wake: () => void = () => undefined
  #awake = false
  #joining: PromiseWithResolvers<void>[] = []

  constructor(private readonly deps: EventFeedDeps) {}

  /**
   * Calls back for all that is committed after this has resolved, and perhaps for some that was before. Gives what ends it.
   * Rejects when the database does not answer.
   */
  async join(accountId: string, listener: EventListener): Promise<() => void> {
    const listeners = this.#listeners.get(accountId) ?? new Set()
    this.#listeners.set(accountId, listeners.add(listener))
    const leave = () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(accountId) === listeners)
        this.#listeners.delete(accountId)
      if (this.#listeners.size === 0) this.close()
    }
    // A look that is under way has not asked for this account: the next one does.
    const joined = Promise.withResolvers<void>()
    this.#joining.push(joined)
    this.#start()
    this.#wakeUp()
    try {
      await joined.promise
    } catch (error) {
      leave()
      throw error
    }
    return leave
  }

  /** Ends the reader; who joins later starts it anew. */
  close(): void {
    this.#running?.abort()
    this.#running = undefined
    this.#wakeUp()
  }

  #start(): void {
    if (this.#running) return
    const running = new AbortController()
    this.#running = running
    untraced(() => {
      const stopListening = this.deps.wakeUps.listen(accountId => {
        if (accountId === null || this.#listeners.has(accountId)) this.#wakeUp()
      })
      void this.#run(running.signal).finally(stopListening)
    })
  }

  async #run(stopped: AbortSignal): Promise<void> {
    let position: Position | undefined
    let failing = false
    while (!stopped.aborted) {
      this.#awake = false
      const joining = this.#joining
      this.#joining = []
      try {
        const look = await this.#look(position, stopped)
        position = look.position
        failing = false
        for (const joined of joining) joined.resolve()
        if (!look.more) await this.#sleep(stopped)
      } catch (error) {
        for (const joined of joining) joined.reject(error)
        if (!failing && !stopped.aborted) this.deps.onError(error)
        failing = true
        await this.#sleep(stopped)
      }
    }
    if (!this.#running) for (const joined of this.#joining.splice(0)) joined.resolve()
  }

  async #look(
    position: Position | undefined,
    stopped: AbortSignal,
  ): Promise<{ position: Position; more: boolean }> {
    if (!position) return { position: await this.deps.log.now(), more: false }
    const page = await this.deps.log.read(position, [...this.#listeners.keys()])
    if (!stopped.aborted) this.#tell(page.events)
    return page
  }

  #tell(events: readonly RecordedEvent[]): void {
    for (const [accountId, theirs] of Map.groupBy(events, event => event.accountId))
      for (const listener of this.#listeners.get(accountId) ?? []) listener(theirs)
  }

  #wakeUp(): void {
    this.#awake = true
    this.#wake()
  }

  async #sleep(stopped: AbortSignal): Promise<void> {
    if (this.#awake || stopped.aborted) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, LOOK_AFTER_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
