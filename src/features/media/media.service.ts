import type { Sql } from '../../platform/db/database.ts'
import { type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { timesAsText } from '../../platform/db/type-parsers.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import type { Action } from '../access/actions.ts'
import { authorize, type Decision, decide, type MediaFacts, reachableMedia } from '../access/policy.ts'
import type { Principal, Viewer } from '../access/viewer.ts'
import { mediaNotFound } from './media.errors.ts'
import type { MediaFilter } from './media.filter.ts'
import { listMedia } from './media.list.ts'
import { keysetOrder, type MediaOrder, NEWEST_FIRST } from './media.order.ts'
import { ALL_COLUMNS, FACT_COLUMNS, type MediaColumn, type MediaRow, selectList } from './media.row.ts'

/** Numbers have 32 bits. */
const isNumber = (number: number): boolean =>
  Number.isInteger(number) && number > 0 && number <= 2_147_483_647

export type Columns = ReadonlySet<MediaColumn>

export interface ListRequest {
  readonly page: PageArguments
  readonly filter?: MediaFilter | null
  readonly order?: MediaOrder | null
  readonly columns: Columns
  /** Whether the total will be asked for. */
  readonly counted?: boolean
}

/** The library of an account as it is read: find, list, explain. What a viewer may not see is not there. */
export class MediaService {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** The media of these ids that the viewer may see, in one query; a text that is no id finds nothing. */
  async getMany(
    viewer: Viewer,
    ids: readonly string[],
    columns: Columns = ALL_COLUMNS,
  ): Promise<Map<string, MediaRow>> {
    const principal = authorize(viewer, 'read')
    const known = ids.filter(isUuid)
    if (known.length === 0) return new Map()
    const rows = await this.#select(principal, columns, p => `m.id = ANY (${p.add(known, 'uuid[]')})`)
    return new Map(rows.map(row => [row.id, row]))
  }

  async get(viewer: Viewer, id: string, columns?: Columns): Promise<MediaRow | null> {
    return (await this.getMany(viewer, [id], columns)).get(id) ?? null
  }

  async getByName(viewer: Viewer, name: string, columns: Columns = ALL_COLUMNS): Promise<MediaRow | null> {
    const principal = authorize(viewer, 'read')
    if (name.includes('\0')) return null
    return (await this.#select(principal, columns, p => `m.name = ${p.add(name)}`))[0] ?? null
  }

  /** By the integer id that a media has for systems with such ids; what cannot be one finds nothing. */
  async getByNumber(
    viewer: Viewer,
    number: number,
    columns: Columns = ALL_COLUMNS,
  ): Promise<MediaRow | null> {
    const principal = authorize(viewer, 'read')
    if (!isNumber(number)) return null
    return (await this.#select(principal, columns, p => `m.number = ${p.add(number, 'int')}`))[0] ?? null
  }

  /**
   * The id of the account's media of that number, seen or not, deleted or not: for who then asks for something to be done to it by its
   * id, which decides whether it may. Throws UNAUTHENTICATED, and FORBIDDEN for who may do that to no media at all.
   */
  async idOfNumber(viewer: Viewer, number: number, action: Action): Promise<string | null> {
    const { accountId } = authorize(viewer, action)
    if (!isNumber(number)) return null
    const [row] = await this.deps.database.query<{ id: string }>(
      'SELECT id FROM media WHERE number = $1 AND account_id = $2',
      [number, accountId],
    )
    return row?.id ?? null
  }

  /** What the policy says of an action, and by which rule; throws NOT_FOUND for who may not see the media. */
  async explain(viewer: Viewer, id: string, action: Action): Promise<Decision> {
    const media = await this.get(viewer, id, FACT_COLUMNS)
    if (!media) throw mediaNotFound(['mediaId'])
    return decide(viewer, action, media as MediaFacts)
  }

  async list(viewer: Viewer, request: ListRequest): Promise<Connection<MediaRow>> {
    return listMedia(this.deps.database, {
      viewer: authorize(viewer, 'list'),
      filter: request.filter ?? {},
      order: keysetOrder(request.order ?? NEWEST_FIRST),
      page: pageRequest(request.page),
      columns: request.columns,
      counted: request.counted,
    })
  }

  #select(viewer: Principal, columns: Columns, condition: (p: SqlParameters) => string): Promise<MediaRow[]> {
    const p = new SqlParameters()
    const where = `${reachableMedia(viewer, 'read', p)} AND ${condition(p)}`
    return this.deps.database.query<MediaRow>(
      `SELECT ${selectList(columns)} FROM media m WHERE ${where}`,
      p.values,
      timesAsText,
    )
  }
}
