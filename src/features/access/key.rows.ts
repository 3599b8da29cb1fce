import type { EntityManager } from 'typeorm'
import type { SqlText } from '../../platform/db/sql-builder.ts'
import { keyNotFound } from './access.errors.ts'
import { ALL_SCOPES, type Scope } from './scopes.ts'

/** An API key as it may be shown. */
export interface KeyRow {
  readonly id: string
  readonly accountId: string
  readonly label: string
  readonly scopes: string[]
  /** The external id of whom it acts for. */
  readonly ownerId: string | null
  readonly ownerName: string | null
  readonly groupIds: string[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
  /** How many secrets and tokens prove it now; with two, one is being replaced. */
  readonly liveSecrets: number
}

export const KEY_COLUMNS: SqlText = `k.id, k.account_id AS "accountId", k.label, k.scopes, o.external_id AS "ownerId",
  o.name AS "ownerName", k.group_ids AS "groupIds", k.created_at AS "createdAt", k.expires_at AS "expiresAt",
  k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt",
  (SELECT count(*)::int FROM api_secret s WHERE s.key_id = k.id AND (s.expires_at IS NULL OR s.expires_at > now()))
    AS "liveSecrets"`
export const KEY_TABLES: SqlText = 'api_key k LEFT JOIN owner o ON o.id = k.owner_id'

/** Throws NOT_FOUND. */
export async function readKey(tx: EntityManager, id: string): Promise<KeyRow> {
  const [key] = await select<KeyRow>(tx, `SELECT ${KEY_COLUMNS} FROM ${KEY_TABLES} WHERE k.id = $1`, [id])
  if (!key) throw keyNotFound()
  return key
}

/** Locks a key and says whether it is revoked; throws NOT_FOUND. */
export async function lockKey(tx: EntityManager, id: string): Promise<{ isRevoked: boolean }> {
  const [key] = await select<{ isRevoked: boolean }>(
    tx,
    'SELECT revoked_at IS NOT NULL AS "isRevoked" FROM api_key WHERE id = $1 FOR UPDATE',
    [id],
  )
  if (!key) throw keyNotFound()
  return key
}

/**
 * Locks a key together with those that can administer its account, so that of two that are revoked at once one stays; says
 * whether it is the last of them. Throws NOT_FOUND.
 */
export async function lockAmongAdmins(tx: EntityManager, id: string): Promise<{ isLastAdmin: boolean }> {
  const locked = await select<{ id: string; isAdmin: boolean }>(
    tx,
    `SELECT id, scopes && $2::text[] AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) AS "isAdmin"
     FROM api_key WHERE account_id = (SELECT account_id FROM api_key WHERE id = $1) AND (id = $1 OR scopes && $2::text[])
     ORDER BY id FOR UPDATE`,
    [id, ['admin' satisfies Scope, ALL_SCOPES]],
  )
  if (!locked.some(key => key.id === id)) throw keyNotFound()
  const admins = locked.filter(key => key.isAdmin)
  return { isLastAdmin: admins.length === 1 && admins[0]?.id === id }
}

/** Ends the newest secret of a key in `keepFor` seconds, or now when that is none, and all older ones now. */
export async function endSecrets(tx: EntityManager, keyId: string, keepFor: number): Promise<void> {
  await tx.query(
    `DELETE FROM api_secret WHERE key_id = $1 AND ($2::float8 <= 0 OR id <>
       (SELECT id FROM api_secret WHERE key_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1))`,
    [keyId, keepFor],
  )
  await tx.query(
    `UPDATE api_secret SET expires_at = least(expires_at, now() + $2::float8 * interval '1 second') WHERE key_id = $1`,
    [keyId, keepFor],
  )
}

/** No id holds U+0000, and the database would not take it as a text. */
async function select<Row>(
  tx: EntityManager,
  text: string,
  values: [id: string, ...unknown[]],
): Promise<Row[]> {
  if (values[0].includes('\0')) return []
  return tx.query<Row[]>(text, values)
}
