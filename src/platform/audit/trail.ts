import { withoutSecrets } from '../redaction.ts'
import { currentActor } from './actor.ts'

/** What may be known of a change beside its subject: ids, names of fields, numbers. No secret, and nothing of a content. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

export interface Change {
  /** `NO_ACCOUNT` where it concerns the installation. */
  readonly accountId: string
  /** `media.updated`, `key.revoked`: what of which thing was done. */
  readonly action: string
  /** Global id of what was changed. */
  readonly subjectId: string | null
  readonly details?: AuditDetails
}

export const NO_ACCOUNT = ''

/** A transaction, or a connection for what is none. */
interface Sql {
  query(text: string, values: unknown[]): Promise<unknown>
}

/** Records changes in the transaction that makes them, in the name of who acts: they happen together or not at all. One statement. */
export async function recordChanges(tx: Sql, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  await tx.query(`WITH change AS (${CHANGES}) ${RECORD}`, changeParameters(changes))
}

export const recordChange = (tx: Sql, change: Change): Promise<void> => recordChanges(tx, [change])

/** Of the parameters that `changeParameters` gives, the changes in their order; for who writes more of them in the same statement. */
export const CHANGES = `SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
  n int, "accountId" text, action text, "subjectId" text, details jsonb, event jsonb)`

/** Records what the `WITH` query `change` gives. */
export const RECORD = `INSERT INTO audit_event (id, account_id, principal, action, subject_id, outcome, rule, request_id, details)
  SELECT gen_random_uuid(), "accountId", $2, action, "subjectId", 'done', $3, $4, details FROM change ORDER BY n`

/** `event` is what else the statement writes of a change. */
export function changeParameters(changes: readonly (Change & { readonly event?: object })[]): unknown[] {
  const { name, rule, requestId } = currentActor()
  const rows = changes.map(({ details = {}, ...change }, n) => ({
    ...change,
    n,
    details: withoutSecrets(details),
  }))
  return [JSON.stringify(rows), name, rule, requestId]
}
