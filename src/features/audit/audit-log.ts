import type { Sql } from '../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { readPage } from '../../platform/db/page.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { isStorable } from '../../platform/lib/storable-text.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { authorizeAdmin } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaErrors } from '../media/media.errors.ts'
import { AUDIT_COLUMNS, AUDIT_EVENT_PREFIX, type AuditRow } from './audit.rows.ts'

/** All parts must be met; what is absent or null is not asked. */
export interface AuditFilter {
  /** From this time on. */
  readonly since?: Date | null
  /** Before this time. */
  readonly until?: Date | null
  readonly principal?: string | null
  readonly action?: string | null
  readonly subjectId?: string | null
  readonly outcome?: 'done' | 'refused' | null
}

const NEWEST_FIRST: KeysetOrder = {
  name: 'audit-events',
  keys: [
    { sql: 'e.occurred_at', type: 'timestamptz', column: 'occurredAt' },
    { sql: 'e.id', type: 'uuid', column: 'id' },
  ],
  descending: true,
}

const COLUMNS = new Set(['occurredAt', 'id'])
const BATCH = 1_000

/** Reads the audit log: an account's own for its administrators, all of it for operators. Nobody writes or changes it here. */
export class AuditLog {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** What was done and refused in the viewer's account, newest first. Throws UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT. */
  async list(viewer: Viewer, filter: AuditFilter, page: PageArguments): Promise<Connection<AuditRow>> {
    const { accountId } = authorizeAdmin(viewer)
    checkTexts(filter)
    return readPage<AuditRow>(this.deps.database, {
      select: AUDIT_COLUMNS,
      columns: COLUMNS,
      from: 'audit_event e',
      where: p => conditions(accountId, filter, p),
      order: NEWEST_FIRST,
      page: pageRequest(page),
    })
  }

  /** Those of the viewer's account with these global ids, by id. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, AuditRow>> {
    const { accountId } = authorizeAdmin(viewer)
    const uuids = ids.map(id => id.slice(AUDIT_EVENT_PREFIX.length)).filter(isUuid)
    const rows = await this.deps.database.query<AuditRow>(
      `SELECT ${AUDIT_COLUMNS} FROM audit_event e WHERE e.account_id = $1 AND e.id = ANY ($2::uuid[])`,
      [accountId, uuids],
    )
    return new Map(rows.map(row => [AUDIT_EVENT_PREFIX + row.id, row]))
  }

  /** Rows of one account or of all, oldest first, however many there are. */
  async *export(accountId: string | null, { since, until }: AuditFilter): AsyncGenerator<AuditRow> {
    let after: readonly [Date, string] = [new Date(0), '00000000-0000-0000-0000-000000000000']
    for (;;) {
      const rows = await this.deps.database.query<AuditRow>(
        `SELECT ${AUDIT_COLUMNS} FROM audit_event e
         WHERE ($1::text IS NULL OR e.account_id = $1) AND (e.occurred_at, e.id) > ($2, $3)
           AND e.occurred_at >= coalesce($4::timestamptz, '-infinity') AND e.occurred_at < coalesce($5::timestamptz, 'infinity')
         ORDER BY e.occurred_at, e.id LIMIT ${BATCH}`,
        [accountId, ...after, since ?? null, until ?? null],
      )
      yield* rows
      const last = rows.at(-1)
      if (!last || rows.length < BATCH) return
      after = [last.occurredAt, last.id]
    }
  }
}

function checkTexts(filter: AuditFilter): void {
  for (const field of ['principal', 'action', 'subjectId'] as const)
    if (!isStorable(filter[field] ?? ''))
      throw mediaErrors.INVALID_INPUT(`filter.${field} holds U+0000 or half a surrogate pair.`, {
        field: ['filter', field],
      })
}

function conditions(accountId: string, filter: AuditFilter, p: SqlParameters): SqlText {
  const { since, until, principal, action, subjectId, outcome } = filter
  const all = [`e.account_id = ${p.add(accountId)}`]
  if (since) all.push(`e.occurred_at >= ${p.add(since)}`)
  if (until) all.push(`e.occurred_at < ${p.add(until)}`)
  if (principal != null) all.push(`e.principal = ${p.add(principal)}`)
  if (action != null) all.push(`e.action = ${p.add(action)}`)
  if (subjectId != null) all.push(`e.subject_id = ${p.add(subjectId)}`)
  // As a text of ours: the index of refusals serves no parameter.
  if (outcome != null) all.push(`e.outcome = '${outcome === 'refused' ? 'refused' : 'done'}'`)
  return all.join(' AND ')
}
