import DataLoader from 'dataloader'
import type { Connection } from '../graphql/connection.ts'
import { cappedCount, totalOf } from './count.ts'
import type { Sql } from './database.ts'
import type { KeysetOrder, PageRequest } from './keyset.ts'
import { connection, type ListQuery, pageStatement, readPage } from './page.ts'
import { SqlParameters, type SqlText } from './sql-builder.ts'

/** The same list under each of many parents, such as the links of every media of a page. */
export interface NestedList {
  readonly select: SqlText
  readonly from: SqlText
  /** What belongs to the list of the parent whose UUID the SQL expression is. */
  where(parent: SqlText, parameters: SqlParameters): SqlText
  /** Its name names the list; cursors are bound to the parent as well. */
  readonly order: KeysetOrder
}

export interface NestedRequest {
  readonly list: NestedList
  /** UUID of the parent. */
  readonly parent: string
  readonly page: PageRequest
}

type Loader<Row> = DataLoader<NestedRequest, Connection<Row>, NestedRequest>

/**
 * Reads nested lists: what one asker wants of many parents at the same time is one statement, and their totals are another.
 * Nothing is remembered between statements.
 */
export class NestedPages<Row extends object> {
  readonly #loaders = new WeakMap<object, Loader<Row>>()

  constructor(private readonly deps: { readonly database: Sql }) {}

  /** The page of one parent; `asker` stands for all that the list's conditions depend on but the parent. */
  load(asker: object, request: NestedRequest): Promise<Connection<Row>> {
    const known = this.#loaders.get(asker)
    const loader: Loader<Row> =
      known ?? new DataLoader(requests => readAll(this.deps.database, requests), { cache: false })
    if (!known) this.#loaders.set(asker, loader)
    return loader.load(request)
  }
}

type Answer<Row> = Connection<Row> | Error

async function readAll<Row extends object>(
  sql: Sql,
  requests: readonly NestedRequest[],
): Promise<Answer<Row>[]> {
  const groups = Map.groupBy(requests, ({ list, page }) =>
    JSON.stringify([list.order.name, list.select, page]),
  )
  const answers = new Map<NestedRequest, Answer<Row>>()
  await Promise.all(
    [...groups.values()].map(async group => {
      const read = await readGroup<Row>(sql, group).catch((error: Error) => group.map(() => error))
      for (const [i, request] of group.entries()) answers.set(request, read[i] as Answer<Row>)
    }),
  )
  return requests.map(request => answers.get(request) as Answer<Row>)
}

async function readGroup<Row extends object>(
  sql: Sql,
  group: readonly NestedRequest[],
): Promise<Answer<Row>[]> {
  const [{ page }] = group as [NestedRequest]
  // A cursor belongs to one parent: for the others it is refused before anything is read.
  if (group.length > 1 && page.after === undefined && page.before === undefined) return readMany(sql, group)
  return Promise.all(group.map(request => readPage<Row>(sql, listOf(request)).catch((error: Error) => error)))
}

function listOf({ list, parent, page }: NestedRequest): ListQuery {
  return {
    select: list.select,
    from: list.from,
    where: p => list.where(p.add(parent, 'uuid'), p),
    order: orderOf(list, parent),
    page,
  }
}

const orderOf = ({ order }: NestedList, parent: string): KeysetOrder => ({
  ...order,
  name: `${order.name}:${parent}`,
})

/** One statement for the first or last pages of all parents. */
async function readMany<Row extends object>(
  sql: Sql,
  group: readonly NestedRequest[],
): Promise<Connection<Row>[]> {
  const [{ list, page }] = group as [NestedRequest]
  const parents = [...new Set(group.map(({ parent }) => parent))]
  const p = new SqlParameters()
  const ids = p.add(parents, 'uuid[]')
  const rows = `FROM ${list.from} WHERE ${list.where('parent.id', p)}`
  const keys = list.order.keys.map(
    (_, i) => `k${i} ${list.order.descending === page.backward ? 'ASC' : 'DESC'}`,
  )
  const read = await sql.query<Row & { parent_id: string }>(
    `SELECT parent.id AS parent_id, item.* FROM unnest(${ids}) AS parent (id)
     CROSS JOIN LATERAL (${pageStatement({ ...list, page }, rows)}) AS item ORDER BY ${keys.join(', ')}`,
    p.values,
  )
  const byParent = Map.groupBy(read, row => row.parent_id)
  let counts: Promise<ReadonlyMap<string, number>> | undefined
  const countOf = async (parent: string) => {
    counts ??= countMany(sql, list, parents)
    return (await counts).get(parent) ?? 0
  }
  return group.map(request => {
    const { parent } = request
    return connection<Row>({
      list: { ...list, order: orderOf(list, parent), page },
      read: byParent.get(parent) ?? [],
      hasBehind: async () => false,
      total: async () => totalOf(sql, p => rowsIn(request, p), await countOf(parent)),
    })
  })
}

const rowsIn = ({ list, parent }: NestedRequest, p: SqlParameters): SqlText =>
  `FROM ${list.from} WHERE ${list.where(p.add(parent, 'uuid'), p)}`

async function countMany(
  sql: Sql,
  list: NestedList,
  parents: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const p = new SqlParameters()
  const ids = p.add(parents, 'uuid[]')
  const count = cappedCount(`FROM ${list.from} WHERE ${list.where('parent.id', p)}`)
  const rows = await sql.query<{ id: string; n: number }>(
    `SELECT parent.id, ${count} AS n FROM unnest(${ids}) AS parent (id)`,
    p.values,
  )
  return new Map(rows.map(({ id, n }) => [id, n]))
}
