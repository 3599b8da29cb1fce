import type { Sql } from '../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { readPage } from '../../platform/db/page.ts'
import type { SqlParameters } from '../../platform/db/sql-builder.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { isStorable } from '../../platform/lib/storable-text.ts'
import { authorize, reachableMedia, reachesAllMedia } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaErrors } from './media.errors.ts'

/** A tag, and how many media have it. */
export interface TagRow {
  readonly name: string
  readonly mediaCount: number
}

export interface TagRequest {
  readonly page: PageArguments
  /** How the names begin, letter by letter. */
  readonly prefix?: string | null
}

/** By code point, as names are everywhere; the expression is that of the index `media_by_tag`. */
const BY_NAME: KeysetOrder = {
  name: 'tags',
  keys: [{ sql: 't.tag COLLATE "C"', type: 'text' }],
  descending: false,
}

/** The tags of the media that a viewer may list, counted over those media alone. */
export class Tags {
  constructor(private readonly deps: { readonly database: Sql }) {}

  async list(viewer: Viewer, { page, prefix }: TagRequest): Promise<Connection<TagRow>> {
    const principal = authorize(viewer, 'list')
    const start = prefix ?? ''
    if (!isStorable(start)) {
      throw mediaErrors.INVALID_INPUT('prefix holds U+0000 or half a surrogate pair.', { field: ['prefix'] })
    }
    // Who sees the whole account is answered from the index of tags alone: it holds nothing that is deleted.
    const all = reachesAllMedia(principal, 'list')
    return readPage<TagRow>(this.deps.database, {
      select: 't.tag COLLATE "C" AS name, count(*)::int AS "mediaCount"',
      from: all ? 'media_tag t' : 'media_tag t JOIN media m ON m.id = t.media_id',
      where: p =>
        [
          `t.account_id = ${p.add(principal.accountId)}`,
          ...(all ? [] : [reachableMedia(principal, 'list', p)]),
          ...(start ? startsWith(start, p) : []),
        ].join(' AND '),
      groupBy: 't.tag COLLATE "C"',
      order: BY_NAME,
      page: pageRequest(page),
    })
  }
}

/** A range along the index, and the very prefix. */
function startsWith(prefix: string, p: SqlParameters): string[] {
  const text = p.add(prefix, 'text')
  return [`t.tag COLLATE "C" >= ${text}`, `starts_with(t.tag, ${text})`]
}
