import type { Sql } from '../../platform/db/database.ts'
import { orderBy } from '../../platform/db/keyset.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { timesAsText } from '../../platform/db/type-parsers.ts'
import { authorize } from '../access/policy.ts'
import type { Principal, Viewer } from '../access/viewer.ts'
import type { MediaFilter } from './media.filter.ts'
import { listedMedia, listMedia } from './media.list.ts'
import { keysetOrder, type MediaOrder } from './media.order.ts'
import { type MediaColumn, type MediaRow, selectList } from './media.row.ts'

interface Listing {
  readonly filter: MediaFilter
  readonly order: MediaOrder
  /** Items that a page holds at most; the door's own limit. */
  readonly limit: number
  readonly columns: ReadonlySet<MediaColumn>
}

export interface PageByOffset extends Listing {
  /** Items ahead of the page. */
  readonly offset: number
}

export interface PageByCursor extends Listing {
  /** What the page before said to go on with; none for the first. */
  readonly cursor?: string
}

/**
 * Lists of media for clients that count pages or take more at once than a connection gives. They hold what the connection of the same
 * filter holds.
 */
export class MediaPages {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /**
   * The page behind so many items, and how many items there are, exactly. The items ahead are passed over within an index, from
   * the end that is nearer. Throws UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT.
   */
  async at(viewer: Viewer, page: PageByOffset): Promise<{ rows: MediaRow[]; total: number }> {
    const principal = authorize(viewer, 'list')
    const total = await this.count(principal, page.filter)
    const size = Math.min(page.limit, total - page.offset)
    return { total, rows: size > 0 ? await this.#read(principal, page, { total, size }) : [] }
  }

  /** How many items the list has, each of them counted. */
  async count(viewer: Viewer, filter: MediaFilter): Promise<number> {
    const principal = authorize(viewer, 'list')
    const p = new SqlParameters()
    const [row] = await this.deps.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM media m WHERE ${listedMedia(principal, filter, p)}`,
      p.values,
    )
    return row?.n ?? 0
  }

  /** The page behind a cursor, and the cursor of the next one; null on the last. At every depth the same price. Throws BAD_REQUEST for a cursor that is none. */
  async after(viewer: Viewer, page: PageByCursor): Promise<{ rows: MediaRow[]; next: string | null }> {
    const { filter, order, limit, columns, cursor: after } = page
    const { edges, hasNextPage } = await listMedia(this.deps.database, {
      viewer: authorize(viewer, 'list'),
      filter,
      order: keysetOrder(order),
      page: { limit, backward: false, after },
      columns,
    })
    const isLast = !(await hasNextPage())
    return { rows: edges.map(({ node }) => node), next: isLast ? null : (edges.at(-1)?.cursor ?? null) }
  }

  async #read(
    viewer: Principal,
    { filter, order, offset, columns }: PageByOffset,
    { total, size }: { readonly total: number; readonly size: number },
  ): Promise<MediaRow[]> {
    const p = new SqlParameters()
    const keys = keysetOrder(order)
    const behind = total - offset - size
    const fromEnd = behind < offset
    // Only the ids of what is passed over are read, and those from the index.
    const ids = `SELECT m.id FROM media m WHERE ${listedMedia(viewer, filter, p)} ORDER BY ${orderBy(keys, fromEnd)}
      LIMIT ${p.add(size, 'bigint')} OFFSET ${p.add(fromEnd ? behind : offset, 'bigint')}`
    return this.deps.database.query<MediaRow>(
      `SELECT ${selectList(columns)} FROM media m WHERE m.id IN (${ids}) ORDER BY ${orderBy(keys, false)}`,
      p.values,
      timesAsText,
    )
  }
}
