import type { Sql } from '../../platform/db/database.ts'
import type { KeysetOrder, PageRequest } from '../../platform/db/keyset.ts'
import { readPage } from '../../platform/db/page.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { reachableMedia } from '../access/policy.ts'
import type { Principal } from '../access/viewer.ts'
import { filterConditions, type MediaFilter } from './media.filter.ts'
import { type MediaColumn, type MediaRow, selectList } from './media.row.ts'

export interface MediaListRequest {
  readonly viewer: Principal
  readonly filter: MediaFilter
  readonly order: KeysetOrder
  readonly page: PageRequest
  readonly columns: ReadonlySet<MediaColumn>
}

/** One page of the media that the viewer may see. */
export async function listMedia(sql: Sql, request: MediaListRequest): Promise<Connection<MediaRow>> {
  const { viewer, filter, order, page, columns } = request
  return readPage<MediaRow>(sql, {
    select: selectList(columns),
    from: 'media m',
    where: p => [reachableMedia(viewer, 'list', p), ...filterConditions(filter, p)].join(' AND '),
    order,
    page,
  })
}
