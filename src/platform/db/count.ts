import type { Total } from '../graphql/connection.ts'
import type { Sql } from './database.ts'
import { SqlParameters, type SqlText } from './sql-builder.ts'

/** Up to so many rows are counted one by one; beyond, the planner is asked. */
export const COUNT_BOUND = 10_000

/** FROM and WHERE of a list, its values added to the parameters. */
export type Rows = (parameters: SqlParameters) => SqlText

/** How many rows there are: exact up to COUNT_BOUND, above it an estimate that is larger than COUNT_BOUND. */
export async function countRows(sql: Sql, rows: Rows): Promise<Total> {
  const p = new SqlParameters()
  const [row] = await sql.query<{ n: number }>(`SELECT ${cappedCount(rows(p))} AS n`, p.values)
  return totalOf(sql, rows, row?.n ?? 0)
}

/** An expression that counts the rows, and stops behind COUNT_BOUND. */
export const cappedCount = (rows: SqlText): SqlText =>
  `(SELECT count(*)::int FROM (SELECT ${rows} LIMIT ${COUNT_BOUND + 1}) AS capped)`

/** The total that a capped count stands for. */
export async function totalOf(sql: Sql, rows: Rows, capped: number): Promise<Total> {
  if (capped <= COUNT_BOUND) return { count: capped, isEstimate: false }
  return { count: Math.max(COUNT_BOUND + 1, await estimate(sql, rows)), isEstimate: true }
}

interface Explained {
  readonly 'QUERY PLAN': readonly [{ readonly Plan: { readonly 'Plan Rows': number } }]
}

/** What the planner expects, to two digits: more of them would only tell of rows that are not in the list. */
async function estimate(sql: Sql, rows: Rows): Promise<number> {
  const p = new SqlParameters()
  const [plan] = await sql.query<Explained>(`EXPLAIN (FORMAT JSON) SELECT ${rows(p)}`, p.values)
  return Number(plan?.['QUERY PLAN'][0].Plan['Plan Rows'].toPrecision(2) ?? 0)
}
