import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { snakeCase } from '../../platform/db/naming.ts'
import { isUniqueViolation } from '../../platform/db/pg-errors.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import type { AppError } from '../../platform/errors.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { notYours } from '../access/access.errors.ts'
import type { Action } from '../access/actions.ts'
import { authorize, type Decision, decide, type MediaFacts, reachableMedia } from '../access/policy.ts'
import { hasScope, type Principal, type Viewer } from '../access/viewer.ts'
import { mediaNotFound, nameTaken } from './media.errors.ts'
import { type MediaFields, mediaColumns } from './media.fields.ts'
import type { MediaFilter } from './media.filter.ts'
import { listMedia } from './media.list.ts'
import { keysetOrder, type MediaOrder, NEWEST_FIRST } from './media.order.ts'
import { ALL_COLUMNS, type MediaColumn, type MediaRow, selectList } from './media.row.ts'

export type Columns = ReadonlySet<MediaColumn>

export interface ListRequest {
  readonly page: PageArguments
  readonly filter?: MediaFilter | null
  readonly order?: MediaOrder | null
  readonly columns: Columns
}

/** The columns by which the policy decides. */
const FACTS: Columns = new Set(['id', 'accountId', 'ownerId', 'groupIds', 'public'])

interface Change {
  readonly id: string
  readonly columns: Record<string, unknown>
  readonly action: 'update' | 'delete'
  readonly event: string
}

/** The library of an account: find, list, change, delete. What a viewer may not see is not there. */
export class MediaService {
  constructor(private readonly deps: { readonly database: Database; readonly outbox: Outbox }) {}

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

  /** What the policy says of an action, and by which rule; throws NOT_FOUND for who may not see the media. */
  async explain(viewer: Viewer, id: string, action: Action): Promise<Decision> {
    const media = await this.get(viewer, id, FACTS)
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
    })
  }

  /** Changes the given fields and no others; throws NOT_FOUND, NAME_TAKEN, INVALID_INPUT. */
  async update(viewer: Viewer, id: string, fields: MediaFields): Promise<MediaRow> {
    const principal = authorize(viewer, 'update')
    const columns = mediaColumns(fields)
    return this.deps.database
      .transaction(tx =>
        this.#change(tx, principal, { id, columns, action: 'update', event: 'media.updated' }),
      )
      .catch(error => {
        throw isUniqueViolation(error, 'media_name_key') ? nameTaken(error) : error
      })
  }

  /** Takes the media out of every list and every read; its bytes go when its time in the trash is over. */
  async delete(viewer: Viewer, id: string): Promise<string> {
    const principal = authorize(viewer, 'delete')
    const columns = { deletedAt: new Date() }
    const media = await this.deps.database.transaction(tx =>
      this.#change(tx, principal, { id, columns, action: 'delete', event: 'media.deleted' }),
    )
    return media.id
  }

  async #change(tx: EntityManager, viewer: Principal, change: Change): Promise<MediaRow> {
    if (!isUuid(change.id)) throw mediaNotFound(['input', 'id'])
    const p = new SqlParameters()
    const set = Object.entries(change.columns).map(([column, value]) => {
      // The database's clock is the one that counts.
      return `${snakeCase(column)} = ${value instanceof Date ? 'clock_timestamp()' : p.add(value)}`
    })
    const [rows] = (await tx.query(
      `UPDATE media m SET ${[...set, 'updated_at = clock_timestamp()', 'version = version + 1'].join(', ')}
       WHERE m.id = ${p.add(change.id)} AND ${reachableMedia(viewer, change.action, p)} RETURNING ${selectList(ALL_COLUMNS)}`,
      p.values,
    )) as [MediaRow[], number]
    const [media] = rows
    if (!media) throw await this.#refusal(viewer, change)
    await this.deps.outbox.append(tx, {
      accountId: viewer.accountId,
      type: change.event,
      mediaId: media.id,
      // By these it is decided who may hear of it once the row is gone.
      payload: { ownerId: media.ownerId, groupIds: media.groupIds },
    })
    return media
  }

  /** Not found for who may not see the media; for who may, the refusal of the change. */
  async #refusal(viewer: Principal, { id, action }: Change): Promise<AppError> {
    const seen =
      hasScope(viewer, 'media:read') &&
      (await this.#select(viewer, new Set(), p => `m.id = ${p.add(id)}`)).length > 0
    return seen ? notYours(action) : mediaNotFound(['input', 'id'])
  }

  #select(viewer: Principal, columns: Columns, condition: (p: SqlParameters) => string): Promise<MediaRow[]> {
    const p = new SqlParameters()
    const where = `${reachableMedia(viewer, 'read', p)} AND ${condition(p)}`
    return this.deps.database.query<MediaRow>(
      `SELECT ${selectList(columns)} FROM media m WHERE ${where}`,
      p.values,
    )
  }
}
