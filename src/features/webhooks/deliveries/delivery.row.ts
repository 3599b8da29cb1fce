import { DELIVERY_PREFIX, WEBHOOK_PREFIX } from '../webhook-ids.ts'

export const DELIVERY_STATES = {
  WAITING: 'It waits for its turn, for its next attempt, or for an earlier event of the same media.',
  DELIVERED: 'The receiver has taken it.',
  DEAD: 'It was tried as often as anything is, and is tried again only when somebody asks for it.',
} as const satisfies Record<string, string>
export type DeliveryState = keyof typeof DELIVERY_STATES

/** What became of one attempt. Of the answer nothing is kept but its status: it may hold anything. */
export interface Attempt {
  /** ISO 8601. */
  readonly at: string
  /** HTTP status; null when none has come. */
  readonly status: number | null
  /** Why it does not count, in words of ours; null where it does. */
  readonly error: string | null
  readonly milliseconds: number
}

/** A delivery as it is shown. */
export interface DeliveryRow {
  /** `dlv_` and a UUID. */
  readonly id: string
  /** `whk_` and a UUID. */
  readonly webhookId: string
  readonly eventId: string
  readonly type: string
  readonly mediaId: string | null
  readonly occurredAt: Date
  readonly createdAt: Date
  readonly state: DeliveryState
  readonly attemptCount: number
  readonly attempts: readonly Attempt[]
  /** Null unless it waits. */
  readonly nextAttemptAt: Date | null
  readonly settledAt: Date | null
}

/** The select list for `webhook_delivery d`. */
export const DELIVERY_COLUMNS = `'${DELIVERY_PREFIX}' || d.id AS id, '${WEBHOOK_PREFIX}' || d.webhook_id AS "webhookId",
  d.event_id AS "eventId", d.type, d.media_id AS "mediaId", d.occurred_at AS "occurredAt", d.created_at AS "createdAt", d.state,
  d.attempts AS "attemptCount", d.attempt_log AS attempts,
  CASE WHEN d.state = 'WAITING' THEN d.next_attempt_at END AS "nextAttemptAt", d.settled_at AS "settledAt"`
