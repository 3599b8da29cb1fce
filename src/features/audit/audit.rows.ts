import type { SqlText } from '../../platform/db/sql-builder.ts'
import type { SealedText } from './seals.ts'

/** The prefix of an audit event's global id. */
export const AUDIT_EVENT_PREFIX = 'aud_'

/** A row as it may be shown. */
export interface AuditRow extends SealedText {
  readonly number: number | null
}

/** A row with what it is sealed by. */
export interface ChainedRow extends AuditRow {
  readonly keyId: string | null
  readonly seal: Buffer | null
}

export const AUDIT_COLUMNS: SqlText = `e.id, e.account_id AS "accountId", e.occurred_at AS "occurredAt", e.principal, e.action,
  e.subject_id AS "subjectId", e.outcome, e.code, e.rule, e.request_id AS "requestId", e.details, e.count, e.number::float8 AS number`

export const CHAINED_COLUMNS: SqlText = `${AUDIT_COLUMNS}, e.key_id AS "keyId", e.seal`
