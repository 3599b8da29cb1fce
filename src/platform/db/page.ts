import type { CustomTypesConfig } from 'pg'
import type { Connection, Edge, Total } from '../graphql/connection.ts'
import { countRows } from './count.ts'
import type { Sql } from './database.ts'
import {
  type Boundary,
  boundary,
  cursorOf,
  isAhead,
  type KeysetOrder,
  orderBy,
  type PageRequest,
  sortColumns,
} from './keyset.ts'
import { SqlParameters, type SqlText } from './sql-builder.ts'

/** A list in SQL; none of its texts holds a value of a client. */
export interface ListQuery {
  readonly select: SqlText
  /** Columns that `select` is known to read, by their names in a row. */
  readonly columns?: ReadonlySet<string>
  /** How values are read, if not as usual. */
  readonly types?: CustomTypesConfig
  /** Whether the total will be asked for: then it is counted while the page is read. */
  readonly counted?: boolean
  readonly from: SqlText
  /** What belongs to the list. */
  where(parameters: SqlParameters): SqlText
  /** What makes one item of several rows: sort keys, or what depends on them. */
  readonly groupBy?: SqlText
  readonly order: KeysetOrder
  readonly page: PageRequest
}

type Condition = Boundary['inside']

/** One page of a list: a row comparison along an index, at every depth the same price. */
export async function readPage<Row extends object>(sql: Sql, list: ListQuery): Promise<Connection<Row>> {
  const { order, page } = list
  const after = page.after === undefined ? undefined : boundary(order, 'after', page.after)
  const before = page.before === undefined ? undefined : boundary(order, 'before', page.before)
  // The specification looks for `before` in what `after` has left: where it is not, it cuts nothing off.
  const cuts = before && (after === undefined || isAhead(order, after, before))
  const inside = [...(after ? [after.inside] : []), ...(cuts ? [before.inside] : [])]
  const count = () => countRows(sql, p => rowsOf(list, [], p))
  const counting = list.counted ? count() : undefined
  // Who asks for the total is told what went wrong; if the page itself fails, nobody asks.
  counting?.catch(() => undefined)
  const p = new SqlParameters()
  const read = await sql.query<Row>(pageStatement(list, rowsOf(list, inside, p)), p.values, list.types)
  // The far side is looked at only when a client selects it, and then by one row along the same index.
  const lies = async (side?: Boundary) => side !== undefined && (await exists(sql, list, side.outside))
  return connection({
    list,
    read,
    hasBehind: () => lies(page.backward ? before : after),
    total: () => counting ?? count(),
  })
}

const rowsOf = (
  { from, where, groupBy }: ListQuery,
  bounds: readonly Condition[],
  p: SqlParameters,
): SqlText => {
  const conditions = [where(p), ...bounds.map(bound => bound(p))].join(' AND ')
  return `FROM ${from} WHERE ${conditions}${groupBy ? ` GROUP BY ${groupBy}` : ''}`
}

type Paged = Pick<ListQuery, 'select' | 'columns' | 'order' | 'page'>

/** One row more than the page holds: it tells whether there is a next one. */
export const pageStatement = ({ select, columns, order, page }: Paged, rows: SqlText): SqlText =>
  `SELECT ${[select, ...sortColumns(order, columns)].join(', ')} ${rows} ` +
  `ORDER BY ${orderBy(order, page.backward)} LIMIT ${page.limit + 1}`

interface Reading<Row> {
  readonly list: Paged
  /** In the direction of the page, one more than it holds where there is more. */
  readonly read: readonly Row[]
  /** Whether anything lies on the side that the page comes from. */
  hasBehind(): Promise<boolean>
  total(): Promise<Total>
}

/** The connection of what was read; what it does not tell is asked for when it is selected, and once. */
export function connection<Row extends object>({ list, read, ...ask }: Reading<Row>): Connection<Row> {
  const { order, page } = list
  const rows = read.slice(0, page.limit)
  if (page.backward) rows.reverse()
  const hasAhead = async () => read.length > page.limit
  let total: Promise<Total> | undefined
  return {
    edges: rows.map(node => new RowEdge(node, order)),
    hasNextPage: page.backward ? ask.hasBehind : hasAhead,
    hasPreviousPage: page.backward ? hasAhead : ask.hasBehind,
    total: () => {
      total ??= ask.total()
      return total
    },
  }
}

/** An edge whose cursor is made when it is asked for, and once. */
class RowEdge<Row extends object> implements Edge<Row> {
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

async function exists(sql: Sql, list: ListQuery, bound: Condition): Promise<boolean> {
  const p = new SqlParameters()
  const found = await sql.query(`SELECT ${rowsOf(list, [bound], p)} LIMIT 1`, p.values)
  return found.length > 0
}
