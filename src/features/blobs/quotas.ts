import type { Sql } from '../../platform/db/database.ts'

export type QuotaKind = 'BYTES' | 'ITEMS'

/** What does not fit, in bytes or media, as it stood when it was refused. */
export interface Shortage {
  readonly quota: QuotaKind
  readonly limit: number
  readonly used: number
  /** What uploads hold that are under way. */
  readonly reserved: number
  readonly requested: number
}

/** Media of an account, and how many it may have; null is any number. */
export interface ItemCount {
  readonly used: number
  readonly limit: number | null
}

/** What the accounts may have. Blobs keep to it, and know no more of it. */
export interface Quotas {
  /** Of accounts that have no quota of their own; null is any number. */
  readonly defaults: { readonly bytes: number | null; readonly items: number | null }
  /** The error that who uploads is told. */
  exceeded(shortage: Shortage): Error
}

/** The limit of `account a` as an expression, null where there is none; the parameter holds the default, -1 for none. */
export const limitOf = (kind: 'bytes' | 'items', parameter: string): string =>
  `nullif(coalesce(a.quota_${kind}, ${parameter}::bigint), -1)`

/** A default as a parameter of `limitOf`. */
export const asParameter = (limit: number | null): number => limit ?? -1

/** What an account uses and may have, as one statement sees it. Bytes and media. */
export interface AccountFigures {
  readonly bytes: { readonly used: number; readonly reserved: number; readonly limit: number | null }
  readonly items: ItemCount
}

type Row = Record<'bytes' | 'reserved' | 'items', number> & Record<'mostBytes' | 'mostItems', number | null>

/** Null where there is no such account. */
export async function figuresOf(
  sql: Sql,
  accountId: string,
  { bytes, items }: Quotas['defaults'],
): Promise<AccountFigures | null> {
  const [row] = await sql.query<Row>(
    `SELECT a.used_bytes::float8 AS bytes, a.reserved_bytes::float8 AS reserved, ${limitOf('bytes', '$2')}::float8 AS "mostBytes",
            a.used_items::float8 AS items, ${limitOf('items', '$3')}::float8 AS "mostItems"
     FROM account a WHERE a.id = $1`,
    [accountId, asParameter(bytes), asParameter(items)],
  )
  if (!row) return null
  return {
    bytes: { used: row.bytes, reserved: row.reserved, limit: row.mostBytes },
    items: { used: row.items, limit: row.mostItems },
  }
}
