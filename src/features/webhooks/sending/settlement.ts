import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import type { Outbox } from '../../../platform/events/outbox.ts'
import type { Attempt } from '../deliveries/delivery.row.ts'
import type { DisabledReason } from '../endpoints/webhook.row.ts'
import { WEBHOOK_PREFIX } from '../webhook-ids.ts'
import type { Claimed } from './claims.ts'
import { nextStep, type RetryRules } from './retry.ts'
import type { Outcome } from './sender.ts'

export interface SettlementDeps {
  readonly database: Database
  readonly outbox: Pick<Outbox, 'append'>
  readonly rules: RetryRules
  /** Told when the gateway has disabled a webhook. */
  readonly onDisabled: (webhookId: string, reason: DisabledReason) => void
}

/** A webhook that was asked for so long, and has taken nothing, is disabled. */
export const FAILING_DAYS = 3
/** Attempts that a delivery tells of. */
const SHOWN_ATTEMPTS = 20

const NOTED = `lease = NULL, leased_until = NULL, attempt_log =
  CASE WHEN jsonb_array_length(d.attempt_log) >= ${SHOWN_ATTEMPTS} THEN d.attempt_log - 0 ELSE d.attempt_log END || $3::jsonb`

/** Notes what became of attempts. Who has lost the lease notes nothing about the delivery: somebody else has it. */
export class Settlement {
  constructor(private readonly deps: SettlementDeps) {}

  async settle(claimed: Claimed, outcome: Outcome): Promise<void> {
    if (outcome.result === 'delivered') await this.#delivered(claimed, outcome)
    else await this.#failed(claimed, outcome)
  }

  async #delivered({ id, lease, webhookId, isFailing, ...at }: Claimed, outcome: Outcome): Promise<void> {
    const { database } = this.deps
    await database.query(
      `UPDATE webhook_delivery d SET state = 'DELIVERED', settled_at = clock_timestamp(), ${NOTED}
       WHERE d.id = $1 AND d.lease = $2`,
      [id, lease, attemptOf(at, outcome)],
    )
    if (!isFailing) return
    await database.query(
      'UPDATE webhook SET failures = 0, failing_since = NULL, paused_until = NULL WHERE id = $1 AND failures > 0',
      [webhookId],
    )
  }

  async #failed(claimed: Claimed, outcome: Outcome): Promise<void> {
    const { id, lease, webhookId } = claimed
    const { retryIn, pause } = nextStep(claimed.attempts, outcome, this.deps.rules)
    const disabled = await this.deps.database.transaction(async tx => {
      const [[webhook]] = (await tx.query(
        `UPDATE webhook SET failures = failures + 1, failing_since = coalesce(failing_since, clock_timestamp()),
           paused_until = greatest(paused_until, clock_timestamp() + nullif($2::float8, 0) * interval '1 second')
         WHERE id = $1 RETURNING failing_since < clock_timestamp() - ${FAILING_DAYS} * interval '1 day' AS "isLasting"`,
        [webhookId, pause],
      )) as [{ isLasting: boolean }[], number]
      // Deleted meanwhile.
      if (!webhook) return null
      await tx.query(
        `UPDATE webhook_delivery d SET state = CASE WHEN $4::float8 IS NULL THEN 'DEAD' ELSE 'WAITING' END,
           settled_at = CASE WHEN $4::float8 IS NULL THEN clock_timestamp() END,
           next_attempt_at = clock_timestamp() + coalesce($4::float8, 0) * interval '1 second', ${NOTED}
         WHERE d.id = $1 AND d.lease = $2`,
        [id, lease, attemptOf(claimed, outcome), retryIn],
      )
      const reason = outcome.result === 'gone' ? 'GONE' : webhook.isLasting ? 'FAILING' : null
      if (reason) return this.#disable(tx, claimed, reason)
      if (retryIn === null) await this.#rest(tx, webhookId)
      return null
    })
    if (disabled) this.deps.onDisabled(WEBHOOK_PREFIX + webhookId, disabled)
  }

  /** Where nothing waits any more nobody asks the receiver: that time is none in which it takes nothing. */
  async #rest(tx: EntityManager, webhookId: string): Promise<void> {
    await tx.query(
      `UPDATE webhook w SET failing_since = NULL WHERE w.id = $1
       AND NOT EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'WAITING')`,
      [webhookId],
    )
  }

  /** The reason, if it was not disabled before; the other webhooks of the account are told. */
  async #disable(
    tx: EntityManager,
    { webhookId: id, accountId }: Claimed,
    reason: DisabledReason,
  ): Promise<DisabledReason | null> {
    const [[disabled]] = (await tx.query(
      `UPDATE webhook SET disabled_at = clock_timestamp(), disabled_reason = $2, updated_at = clock_timestamp()
       WHERE id = $1 AND disabled_at IS NULL RETURNING id`,
      [id, reason],
    )) as [{ id: string }[], number]
    if (!disabled) return null
    const payload = { webhookId: WEBHOOK_PREFIX + id, reason }
    await this.deps.outbox.append(tx, { accountId, type: 'webhook.disabled', mediaId: null, payload })
    return reason
  }
}

function attemptOf({ claimedAt }: Pick<Claimed, 'claimedAt'>, outcome: Outcome): string {
  const { status, error, milliseconds } = outcome
  return JSON.stringify({ at: claimedAt.toISOString(), status, error, milliseconds } satisfies Attempt)
}
