import type { Sql } from '../../platform/db/database.ts'
import type { KeysetOrder, PageRequest } from '../../platform/db/keyset.ts'
import { readPage } from '../../platform/db/page.ts'
import { type SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { timesAsText } from '../../platform/db/type-parsers.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { authorize, deletedMedia, reachableMedia } from '../access/policy.ts'
import type { Principal } from '../access/viewer.ts'
import { checkFilter } from './filter.limits.ts'
import { filterConditions, type MediaFilter } from './media.filter.ts'
import { type MediaColumn, type MediaRow, selectList } from './media.row.ts'

export interface MediaListRequest {
  readonly viewer: Principal
  readonly filter: MediaFilter
  readonly order: KeysetOrder
  readonly page: PageRequest
  readonly columns: ReadonlySet<MediaColumn>
  readonly counted?: boolean
}

/**
 * What a list of the viewer holds, as a condition on `media m`; throws INVALID_INPUT for a filter that is too large. The trash
 * is for who may delete: it holds what they could have deleted themselves.
 */
export function listedMedia(viewer: Principal, filter: MediaFilter, parameters: SqlParameters): SqlText {
  checkFilter(filter)
  const reach = filter.deleted
    ? deletedMedia(authorize(viewer, 'delete'), parameters)
    : reachableMedia(viewer, 'list', parameters)
  return [reach, ...filterConditions(filter, { viewer, parameters })].join(' AND ')
}

/** One page of the media that the viewer may see. */
export async function listMedia(sql: Sql, request: MediaListRequest): Promise<Connection<MediaRow>> {
  const { viewer, filter, order, page, columns, counted } = request
  return readPage<MediaRow>(sql, {
    select: selectList(columns),
    columns,
    types: timesAsText,
    from: 'media m',
    where: p => listedMedia(viewer, filter, p),
    order,
    page,
    counted,
  })
}
