import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from 'pg'

export interface WakeUpsDeps {
  /** A connection of its own, not yet opened: LISTEN belongs to one, and the pool's go from hand to hand. */
  readonly newClient: () => Client
  readonly onError: (error: unknown) => void
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/**
 * Hears that events were committed, by LISTEN on the channel `outbox`, whose payload is the account. What is told while the
 * connection is lost is lost: who listens looks by itself, too, from time to time.
 */
export class WakeUps {
  constructor(private readonly deps: WakeUpsDeps) {}

  /** Calls back for each notification, and once with null whenever nobody knows what was missed; gives what ends it. */
  listen(onWake: (accountId: string | null) => void): () => void {
    const stopped = new AbortController()
    void this.#keepListening(onWake, stopped.signal)
    return () => stopped.abort()
  }

  async #keepListening(onWake: (accountId: string | null) => void, stopped: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (!stopped.aborted) {
      const client = this.deps.newClient()
      const lost = new Promise<void>(resolve => {
        client.once('end', resolve)
        client.on('error', error => {
          if (!stopped.aborted) this.deps.onError(error)
          resolve()
        })
        stopped.addEventListener('abort', () => resolve(), { once: true })
      })
      try {
        await client.connect()
        client.on('notification', ({ payload }) => onWake(payload ?? null))
        await client.query('LISTEN outbox')
        pause = FIRST_PAUSE_MS
        onWake(null)
        await lost
      } catch (error) {
        if (!stopped.aborted) this.deps.onError(error)
      }
      await client.end().catch(() => undefined)
      await delay(pause, undefined, { signal: stopped }).catch(() => undefined)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
  }
}
