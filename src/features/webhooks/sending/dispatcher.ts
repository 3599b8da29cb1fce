import type { Sql } from '../../../platform/db/database.ts'
import type { WakeUps } from '../../../platform/events/wake-ups.ts'
import type { Payloads } from '../payload/payloads.ts'
import type { WebhookSecrets } from '../webhook-secrets.ts'
import type { Claimed, Claims } from './claims.ts'
import type { Outcome, Sender } from './sender.ts'
import type { Settlement } from './settlement.ts'
import type { Spread } from './spread.ts'

export interface DispatcherDeps {
  readonly database: Sql
  readonly wakeUps: Pick<WakeUps, 'listen'>
  readonly spread: Pick<Spread, 'behind' | 'take'>
  readonly claims: Pick<Claims, 'claim'>
  readonly payloads: Pick<Payloads, 'bodies'>
  readonly secrets: Pick<WebhookSecrets, 'signatures'>
  readonly sender: Pick<Sender, 'send'>
  readonly settlement: Pick<Settlement, 'settle'>
  readonly observe: (outcome: Outcome) => void
  /** The dispatcher goes on by itself. */
  readonly onError: (error: unknown) => void
}

/** Attempts that are under way at one node. */
const MOST_SENDING = 32
/** What nobody tells of: a retry that is due, a notification that was lost, the lease of a node that is gone. */
const LOOK_AFTER_MS = 1_000
/** Where no webhook is enabled: one that another node makes is told of from then on. */
const LOOK_FOR_WEBHOOKS_MS = 5_000

/**
 * Sends webhooks: reads the outbox on for those that are behind, and attempts what is due. Any number of nodes at once; what one
 * of them leaves unfinished another one takes up. While a receiver is waited for, no connection of the database is held.
 */
export class Dispatcher {
  readonly #sending = new Set<Promise<void>>()
  #stopped = new AbortController()
  #running: Promise<void> | undefined
  #wake: () => void = () => undefined
  #isAwake = false
  /** Whether the outbox may hold something new. */
  #isNews = true
  /** Those that have webhooks. */
  #accounts: ReadonlySet<string> = new Set()
  #lookedForWebhooks = Number.NEGATIVE_INFINITY

  constructor(private readonly deps: DispatcherDeps) {}

  start(): void {
    if (this.#running) return
    this.#stopped = new AbortController()
    const stopListening = this.deps.wakeUps.listen(accountId => {
      if (accountId !== null && !this.#accounts.has(accountId)) return
      this.#isNews = true
      this.#awaken()
    })
    this.#running = this.#run(this.#stopped.signal).finally(stopListening)
  }

  /** Begins no attempt any more, and waits for those under way: each ends within its time limit. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    this.#awaken()
    await this.#running
    await Promise.all(this.#sending)
    this.#running = undefined
  }

  /** Something was made due, or a webhook was made or changed. */
  look(): void {
    this.#lookedForWebhooks = Number.NEGATIVE_INFINITY
    this.#awaken()
  }

  #awaken(): void {
    this.#isAwake = true
    this.#wake()
  }

  async #run(stopped: AbortSignal): Promise<void> {
    let isFailing = false
    while (!stopped.aborted) {
      this.#isAwake = false
      try {
        await this.#look()
        isFailing = false
      } catch (error) {
        if (!isFailing) this.deps.onError(error)
        isFailing = true
        this.#isAwake = false
      }
      await this.#sleep(stopped)
    }
  }

  async #look(): Promise<void> {
    if (performance.now() - this.#lookedForWebhooks > LOOK_FOR_WEBHOOKS_MS) await this.#lookForWebhooks()
    if (this.#accounts.size === 0) return
    if (this.#isNews) await this.#read()
    const free = MOST_SENDING - this.#sending.size
    if (free <= 0) return
    const claimed = await this.deps.claims.claim(free)
    const bodies = claimed.length > 0 ? await this.deps.payloads.bodies(claimed) : []
    for (const [i, delivery] of claimed.entries()) this.#begin(delivery, bodies[i] ?? '')
  }

  async #lookForWebhooks(): Promise<void> {
    const rows = await this.deps.database.query<{ id: string }>(
      'SELECT DISTINCT account_id AS id FROM webhook WHERE disabled_at IS NULL',
    )
    this.#accounts = new Set(rows.map(({ id }) => id))
    this.#lookedForWebhooks = performance.now()
    this.#isNews = true
  }

  /** One page for each that is behind; then those that are due have their turn. */
  async #read(): Promise<void> {
    const behind = await this.deps.spread.behind()
    this.#isNews = false
    for (const webhookId of behind) {
      try {
        await this.deps.spread.take(webhookId)
        // There may be another page.
        this.#isNews = true
        this.#isAwake = true
      } catch (error) {
        // One that cannot be read for must not stop the others.
        this.deps.onError(error)
      }
    }
  }

  #begin(delivery: Claimed, body: string): void {
    const sending = this.#attempt(delivery, body)
      .catch(error => this.deps.onError(error))
      .finally(() => {
        this.#sending.delete(sending)
        this.#awaken()
      })
    this.#sending.add(sending)
  }

  async #attempt(delivery: Claimed, body: string): Promise<void> {
    const { eventId: id, webhookId, url, salts, claimedAt } = delivery
    const { secrets, sender, settlement, observe } = this.deps
    const timestamp = Math.floor(claimedAt.getTime() / 1000)
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': secrets.signatures(webhookId, salts, { id, timestamp, body }),
    }
    const outcome = await sender.send({ url, headers, body })
    observe(outcome)
    await settlement.settle(delivery, outcome)
  }

  async #sleep(stopped: AbortSignal): Promise<void> {
    if (this.#isAwake || stopped.aborted) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => {
        this.#isNews = true
        resolve()
      }, LOOK_AFTER_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
