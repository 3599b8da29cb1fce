import type { Connection } from '../graphql/connection.ts'
import type { Sql } from './database.ts'
import {
  type Boundary,
  boundary,
  cursorOf,
  type KeysetOrder,
  orderBy,
  type PageRequest,
  sortColumns,
} from './keyset.ts'
import { SqlParameters, type SqlText } from './sql-builder.ts'

/** A list in SQL; none of its texts holds a value of a client. */
export interface ListQuery {
  readonly select: SqlText
  readonly from: SqlText
  /** What belongs to the list. */
  where(parameters: SqlParameters): SqlText
  readonly order: KeysetOrder
  readonly page: PageRequest
}

type Condition = Boundary['inside']

/** One page of a list: a row comparison along an index, at every depth the same price. */
export async function readPage<Row extends object>(sql: Sql, list: ListQuery): Promise<Connection<Row>> {
  const { order, page } = list
  const after = page.after === undefined ? undefined : boundary(order, 'after', page.after)
  const before = page.before === undefined ? undefined : boundary(order, 'before', page.before)
  const inside = [after, before].flatMap(side => (side ? [side.inside] : []))
  const read = await readRows<Row & Record<string, unknown>>(sql, list, inside)
  const rows = read.slice(0, page.limit)
  if (page.backward) rows.reverse()
  const more = read.length > page.limit
  // The far side is looked at only when a client selects it, and then by one row along the same index.
  const lies = async (side?: Boundary) => side !== undefined && (await exists(sql, list, side.outside))
  return {
    edges: rows.map(node => new RowEdge(node, order)),
    hasNextPage: () => (page.backward ? lies(before) : Promise.resolve(more)),
    hasPreviousPage: () => (page.backward ? Promise.resolve(more) : lies(after)),
    totalCount: () => count(sql, list),
  }
}

/** An edge whose cursor is made when it is asked for, and once. */
class RowEdge<Row extends object> {
  #cursor: string | undefined

  constructor(
    readonly node: Row,
    readonly order: KeysetOrder,
  ) {}

  get cursor(): string {
    this.#cursor ??= cursorOf(this.order, this.node as Readonly<Record<string, unknown>>)
    return this.#cursor
  }
}

const where = (list: ListQuery, bounds: readonly Condition[], p: SqlParameters): SqlText =>
  [list.where(p), ...bounds.map(bound => bound(p))].join(' AND ')

/** One row more than the page holds: it tells whether there is a next one. */
function readRows<Row>(sql: Sql, list: ListQuery, bounds: readonly Condition[]): Promise<Row[]> {
  const { order, page } = list
  const p = new SqlParameters()
  const select = [list.select, ...sortColumns(order)].join(', ')
  const text =
    `SELECT ${select} FROM ${list.from} WHERE ${where(list, bounds, p)} ` +
    `ORDER BY ${orderBy(order, page.backward)} LIMIT ${page.limit + 1}`
  return sql.query<Row>(text, p.values)
}

async function exists(sql: Sql, list: ListQuery, bound: Condition): Promise<boolean> {
  const p = new SqlParameters()
  const text = `SELECT 1 FROM ${list.from} WHERE ${where(list, [bound], p)} LIMIT 1`
  return (await sql.query(text, p.values)).length > 0
}

async function count(sql: Sql, list: ListQuery): Promise<number> {
  const p = new SqlParameters()
  const text = `SELECT count(*)::float8 AS n FROM ${list.from} WHERE ${where(list, [], p)}`
  const [row] = await sql.query<{ n: number }>(text, p.values)
  return row?.n ?? 0
}
