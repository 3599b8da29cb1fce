import { commonErrors } from '../errors.ts'
import { decodeCursor, encodeCursor } from '../lib/cursor.ts'
import type { SqlParameters, SqlText } from './sql-builder.ts'

/** One expression to sort by, as in the index, with the type that its cursor value is cast to. */
export interface SortKey {
  readonly sql: SqlText
  readonly type: 'timestamptz' | 'text' | 'bigint' | 'boolean' | 'uuid'
  /** The column of a row that has the same value, where the row is read with it. */
  readonly column?: string
}

/** What a cursor may hold for each type: a forged one must not reach the database as a value that it cannot read. */
const FORMS: Readonly<Record<SortKey['type'], RegExp>> = {
  timestamptz: /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  text: /^[^\0]*$/,
  bigint: /^-?\d{1,18}$/,
  boolean: /^(true|false)$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
}

/** A total order: its last key is unique. Descending is the exact mirror of ascending. */
export interface KeysetOrder {
  /** Names the list and its order in its cursors: a cursor of another list or order is refused. */
  readonly name: string
  readonly keys: readonly SortKey[]
  readonly descending: boolean
}

/** `first`/`after` or `last`/`before` of the Relay cursor specification. */
export interface PageRequest {
  readonly limit: number
  readonly backward: boolean
  readonly after?: string
  readonly before?: string
}

export const DEFAULT_PAGE = 20
export const MAX_PAGE = 100

export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}

/** Checks paging arguments; throws BAD_REQUEST with what is allowed. */
export function pageRequest({ first, after, last, before }: PageArguments): PageRequest {
  if (first != null && last != null) {
    throw commonErrors.BAD_REQUEST('Give first or last, not both.', { field: ['last'] })
  }
  const limit = first ?? last ?? DEFAULT_PAGE
  if (limit < 0 || limit > MAX_PAGE) {
    throw commonErrors.BAD_REQUEST(`A page holds 0 to ${MAX_PAGE} items.`, {
      field: [first != null ? 'first' : 'last'],
    })
  }
  return { limit, backward: last != null, after: after ?? undefined, before: before ?? undefined }
}

type Condition = (parameters: SqlParameters) => SqlText

/** What a cursor parts: the rows that paging goes on with, and those on its other side, its own row among them. */
export interface Boundary {
  readonly inside: Condition
  readonly outside: Condition
  /** The sort values of its row. */
  readonly values: readonly string[]
}

/** The row comparisons of `after` or `before` a cursor; throws BAD_REQUEST for a cursor of another list or order. */
export function boundary(order: KeysetOrder, side: 'after' | 'before', cursor: string): Boundary {
  const values = decodeCursor(cursor, order.name)?.values.map(String) ?? []
  const readable =
    values.length === order.keys.length &&
    order.keys.every(({ type }, i) => isReadable(type, values[i] ?? ''))
  if (!readable) {
    throw commonErrors.BAD_REQUEST(
      'This cursor does not belong to this list in this order; page from the start instead.',
      { field: [side] },
    )
  }
  const upwards = (side === 'after') !== order.descending
  const compare =
    (operator: string): Condition =>
    parameters => {
      const placeholders = order.keys.map((key, i) => parameters.add(values[i], key.type))
      return `(${order.keys.map(key => key.sql).join(', ')}) ${operator} (${placeholders.join(', ')})`
    }
  return { inside: compare(upwards ? '>' : '<'), outside: compare(upwards ? '<=' : '>='), values }
}

/** Whether one row comes ahead of the other in the order, as the database compares them. */
export function isAhead(order: KeysetOrder, one: Boundary, other: Boundary): boolean {
  for (const [i, { type }] of order.keys.entries()) {
    const [a, b] = [one.values[i] ?? '', other.values[i] ?? '']
    // All other types are written so that they compare as their texts do.
    const difference =
      type === 'bigint' ? Number(BigInt(a) - BigInt(b)) : Buffer.compare(Buffer.from(a), Buffer.from(b))
    if (difference !== 0) return difference < 0 !== order.descending
  }
  return false
}

const isReadable = (type: SortKey['type'], value: string): boolean =>
  FORMS[type].test(value) && (type !== 'timestamptz' || isTime(value))

/** The form leaves room for the 31st of February and for 25 o'clock, which PostgreSQL refuses. */
function isTime(text: string): boolean {
  const time = new Date(text)
  return !Number.isNaN(time.getTime()) && time.toISOString() === text
}

/** ORDER BY for the order, or for its mirror. */
export function orderBy(order: KeysetOrder, backward: boolean): SqlText {
  const direction = order.descending === backward ? 'ASC' : 'DESC'
  return order.keys.map(key => `${key.sql} ${direction}`).join(', ')
}

const NONE: ReadonlySet<string> = new Set()

/** The sort values as columns `k0, k1, …`, to make cursors from, but for those that are read anyway. */
export const sortColumns = (order: KeysetOrder, read = NONE): SqlText[] =>
  order.keys.flatMap(({ sql, column }, i) => (column && read.has(column) ? [] : `${sql} AS k${i}`))

export function cursorOf(order: KeysetOrder, row: Readonly<Record<string, unknown>>): string {
  const values = order.keys.map(({ column = '' }, i) => {
    const value = row[`k${i}`] ?? row[column]
    return value instanceof Date ? value.toISOString() : (value as string | number | boolean)
  })
  return encodeCursor({ order: order.name, values })
}
