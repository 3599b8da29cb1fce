import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import type { Telling } from '../payload/payloads.ts'

/** A delivery that is ours to attempt, until its lease ends. */
export interface Claimed extends Telling {
  /** UUID of the delivery. */
  readonly id: string
  readonly lease: string
  /** This one included. */
  readonly attempts: number
  readonly url: string
  /** Of the secrets that sign. */
  readonly salts: readonly Buffer[]
  /** Whether the last attempt at this webhook has failed. */
  readonly isFailing: boolean
  /** The database's clock when it was claimed. */
  readonly claimedAt: Date
}

/** Deliveries that are under way to one webhook, from all nodes; while it fails, one asks whether it is back. */
export const AT_ONCE = 8
/** Longer than an attempt and what is noted of it can take: of a node that is gone somebody takes over then. */
export const LEASE_SECONDS = 20

type Row = Omit<Claimed, 'salts'> & { readonly salt: Buffer; readonly oldSalt: Buffer | null }

/** What is due, and may be sent now: nothing of a media for which something earlier waits, whatever it waits for. */
const DUE = `d.state = 'WAITING' AND d.next_attempt_at <= clock_timestamp()
  AND (d.leased_until IS NULL OR d.leased_until <= clock_timestamp())
  AND NOT EXISTS (SELECT 1 FROM webhook_delivery e
    WHERE e.webhook_id = d.webhook_id AND e.media_id = d.media_id AND e.state = 'WAITING' AND e.seq < d.seq)`

const READY = `w.disabled_at IS NULL AND (w.paused_until IS NULL OR w.paused_until <= clock_timestamp())`

/** Hands out deliveries: each to one node at a time, no more to a webhook than it is meant to bear. */
export class Claims {
  constructor(private readonly deps: { readonly database: Database }) {}

  /** Up to so many. */
  async claim(most: number): Promise<Claimed[]> {
    // Without a lock first: most of the time nothing is due.
    const ready = await this.deps.database.query<{ id: string }>(
      `SELECT w.id FROM webhook w WHERE ${READY}
       AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = w.id AND ${DUE})`,
    )
    if (ready.length === 0) return []
    return this.deps.database.transaction(tx =>
      this.#claim(tx, { most, webhookIds: ready.map(({ id }) => id) }),
    )
  }

  /**
   * A webhook's row is locked while it is claimed for: whoever comes next counts what was claimed before. Who has it locked does
   * the same work, or changes it.
   */
  async #claim(
    tx: EntityManager,
    wanted: { most: number; webhookIds: readonly string[] },
  ): Promise<Claimed[]> {
    const locked: { id: string }[] = await tx.query(
      `SELECT w.id FROM webhook w WHERE w.id = ANY ($1::uuid[]) AND ${READY} FOR NO KEY UPDATE SKIP LOCKED`,
      [wanted.webhookIds],
    )
    if (locked.length === 0) return []
    const [rows] = (await tx.query(
      `WITH picked AS (
         SELECT due.id FROM webhook w CROSS JOIN LATERAL (
           SELECT d.id, row_number() OVER (ORDER BY d.seq) AS turn FROM webhook_delivery d
           WHERE d.webhook_id = w.id AND ${DUE} ORDER BY d.seq
           LIMIT greatest(0, CASE WHEN w.failures > 0 THEN 1 ELSE ${AT_ONCE} END - (
             SELECT count(*) FROM webhook_delivery r
             WHERE r.webhook_id = w.id AND r.state = 'WAITING' AND r.leased_until > clock_timestamp()))
         ) AS due
         WHERE w.id = ANY ($1::uuid[])
         -- By turns: a webhook with much to be told leaves room for the others.
         ORDER BY due.turn LIMIT $2)
       UPDATE webhook_delivery d SET attempts = d.attempts + 1, lease = $3,
         leased_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second'
       FROM picked, webhook w WHERE d.id = picked.id AND w.id = d.webhook_id
       RETURNING d.id, d.lease, d.attempts, d.event_id AS "eventId", d.type, d.media_id AS "mediaId", d.details,
         d.occurred_at AS "occurredAt", w.id AS "webhookId", w.account_id AS "accountId", w.url,
         w.payload_version AS "payloadVersion", w.failures > 0 AS "isFailing", w.secret_salt AS salt,
         CASE WHEN w.old_secret_until > clock_timestamp() THEN w.old_secret_salt END AS "oldSalt",
         clock_timestamp() AS "claimedAt"`,
      [locked.map(({ id }) => id), wanted.most, randomUUID()],
    )) as [Row[], number]
    return rows.map(({ salt, oldSalt, ...row }) => ({ ...row, salts: oldSalt ? [salt, oldSalt] : [salt] }))
  }
}
