import type { MediaFilter } from '../../media/media.filter.ts'
import { WEBHOOK_PREFIX } from '../webhook-ids.ts'

export const DISABLED_REASONS = {
  REQUESTED: 'Somebody has disabled it.',
  FAILING: 'Its receiver has taken nothing for days.',
  GONE: 'Its receiver has answered 410 Gone: it wants no more.',
} as const satisfies Record<string, string>
export type DisabledReason = keyof typeof DISABLED_REASONS

/** A webhook as it is shown; its secret never is. */
export interface WebhookRow {
  /** `whk_` and a UUID. */
  readonly id: string
  readonly url: string
  readonly description: string
  /** Names as the outbox has them; null = all. */
  readonly recordedTypes: readonly string[] | null
  readonly filter: MediaFilter | null
  readonly payloadVersion: number
  readonly createdBy: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly disabledAt: Date | null
  readonly disabledReason: DisabledReason | null
  readonly failingSince: Date | null
  readonly oldSecretUntil: Date | null
  readonly missedEventsAt: Date | null
}

/** The select list for `webhook w`. */
export const WEBHOOK_COLUMNS = `'${WEBHOOK_PREFIX}' || w.id AS id, w.url, w.description, w.event_types AS "recordedTypes", w.filter,
  w.payload_version AS "payloadVersion", w.created_by AS "createdBy", w.created_at AS "createdAt", w.updated_at AS "updatedAt",
  w.disabled_at AS "disabledAt", w.disabled_reason AS "disabledReason", w.failing_since AS "failingSince",
  CASE WHEN w.old_secret_until > clock_timestamp() THEN w.old_secret_until END AS "oldSecretUntil", w.gap_at AS "missedEventsAt"`
