import type { Sql } from '../../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../../platform/db/keyset.ts'
import { readPage } from '../../../platform/db/page.ts'
import type { SqlText } from '../../../platform/db/sql-builder.ts'
import { timesAsText } from '../../../platform/db/type-parsers.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { authorize, endingMedia } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { type MediaColumn, type MediaRow, selectList } from '../../media/media.row.ts'

export interface PreviewRequest {
  readonly page: PageArguments
  /** What goes by then; all that will go without it. */
  readonly until?: Date | null
  readonly columns: ReadonlySet<MediaColumn>
  readonly counted?: boolean
}

/** When a media goes, as its index has it: from the trash for good, otherwise into it. */
const END: SqlText = 'coalesce(m.purge_at, m.expires_at)'

const NEXT_FIRST: KeysetOrder = {
  name: 'retention',
  keys: [
    { sql: END, type: 'timestamptz' },
    { sql: 'm.id', type: 'uuid', column: 'id' },
  ],
  descending: false,
}

/** What will go, in its order. */
export class RetentionPreview {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** Media that expire and those in the trash, for who could let them go; throws UNAUTHENTICATED, FORBIDDEN, BAD_REQUEST. */
  async list(
    viewer: Viewer,
    { page, until, columns, counted }: PreviewRequest,
  ): Promise<Connection<MediaRow>> {
    authorize(viewer, 'list')
    const principal = authorize(viewer, 'expire')
    return readPage<MediaRow>(this.deps.database, {
      select: selectList(columns),
      columns,
      types: timesAsText,
      from: 'media m',
      where: p =>
        [
          endingMedia(principal, p),
          until == null ? `${END} IS NOT NULL` : `${END} <= ${p.add(until, 'timestamptz')}`,
        ].join(' AND '),
      order: NEXT_FIRST,
      page: pageRequest(page),
      counted,
    })
  }
}
