import type { EntityManager } from 'typeorm'
import { type AuditDetails, CHANGES, changeParameters, RECORD } from '../audit/trail.ts'

export interface NewEvent {
  readonly accountId: string
  readonly type: string
  readonly mediaId: string | null
  /** What must be known of it when the rows that it is about are gone. */
  readonly payload?: Readonly<Record<string, unknown>>
  /** What the audit log says of it beside. */
  readonly details?: AuditDetails
}

/**
 * Writes events in the transaction of the change that they tell of: they happen together or not at all. Each is recorded in
 * the audit log by the same statement: no change can be told and not be recorded.
 */
export class Outbox {
  constructor(private readonly deps: { readonly newId: () => string }) {}

  async append(tx: EntityManager, event: NewEvent): Promise<void> {
    await this.appendAll(tx, [event])
  }

  /** In their order, by one statement. */
  async appendAll(tx: EntityManager, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return
    const changes = events.map(({ accountId, type, mediaId, payload = {}, details }) => ({
      accountId,
      action: type,
      subjectId: mediaId,
      details,
      event: { id: this.deps.newId(), payload },
    }))
    await tx.query(APPEND, changeParameters(changes))
  }
}

const APPEND = `WITH change AS (${CHANGES}),
  told AS (INSERT INTO outbox (id, xid, account_id, type, media_id, payload)
    SELECT (event ->> 'id')::uuid, pg_current_xact_id()::text::bigint, "accountId", action, "subjectId"::uuid, event -> 'payload'
    FROM change ORDER BY n)
  ${RECORD}`
