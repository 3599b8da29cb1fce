import type { Sql } from '../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { type NestedList, NestedPages } from '../../platform/db/nested-pages.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { authorize, type MediaFacts, reachableMedia } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import { FACT_COLUMNS, selectList } from './media.row.ts'
import type { ScanState } from './media-kind.ts'

/** A content that a media has or had, with the facts of the media that decide on it. */
export interface MediaVersionRow extends MediaFacts {
  readonly contentVersion: number
  readonly size: number
  readonly sha256: string
  readonly mimeType: string
  readonly originalFileName: string
  readonly scan: ScanState
  readonly scanDetail: string | null
  readonly createdAt: Date
}

const COLUMNS = `${selectList(FACT_COLUMNS)}, v.n AS "contentVersion", v.size::float8 AS size, v.sha256,
  v.mime_type AS "mimeType", v.original_file_name AS "originalFileName", v.scan, v.scan_detail AS "scanDetail", v.created_at AS "createdAt"`

const NEWEST_FIRST: KeysetOrder = {
  name: 'media-versions',
  keys: [{ sql: 'v.n', type: 'bigint' }],
  descending: true,
}

/** The contents of media that are kept. */
export class MediaVersions {
  readonly #pages: NestedPages<MediaVersionRow>

  constructor(private readonly deps: { readonly database: Sql; readonly keep: number }) {
    this.#pages = new NestedPages(deps)
  }

  /** Those of one media, newest first, the present one included; none when the viewer may not read it. */
  async ofMedia(viewer: Viewer, mediaId: string, page: PageArguments): Promise<Connection<MediaVersionRow>> {
    const principal = authorize(viewer, 'read')
    const list: NestedList = {
      select: COLUMNS,
      from: 'media_version v JOIN media m ON m.id = v.media_id',
      where: (parent, p) =>
        `v.media_id = ${parent} AND v.n > m.content_version - ${p.add(this.deps.keep, 'int')}
         AND ${reachableMedia(principal, 'read', p)}`,
      order: NEWEST_FIRST,
    }
    return this.#pages.load(principal, { list, parent: mediaId, page: pageRequest(page) })
  }
}
