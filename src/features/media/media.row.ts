import { snakeCase } from '../../platform/db/naming.ts'
import type { MediaFacts } from '../access/policy.ts'
import type { Media } from './media.entity.ts'

/** The columns of a media as TypeScript knows them, but for what search alone reads, and what is large and seldom asked for. */
export type MediaColumn = Exclude<
  keyof Media,
  'account' | 'owner' | 'blob' | 'searchText' | 'technicalMetadata'
>
/** A media as it is read: the columns that were asked for, and always its id. */
export type MediaRow = Pick<Media, 'id'> & { [Column in MediaColumn]?: Read<Media[Column]> }
/** Who reads has times as text, ready to be written; what a change gives back has them as dates. */
type Read<Value> = Date extends Value ? Value | string : Value

/** bigint comes as text; as double precision it is a number, exact up to 2⁵³. */
const WIDE: ReadonlySet<string> = new Set<MediaColumn>(['size', 'timesDownloaded'])

const select = (column: string): string =>
  `m.${snakeCase(column)}${WIDE.has(column) ? '::float8' : ''} AS "${column}"`

const lists = new WeakMap<ReadonlySet<MediaColumn>, string>()

/** The select list for `media m`. Columns are names of ours, never of a client; a set that comes again must be unchanged. */
export function selectList(columns: ReadonlySet<MediaColumn>): string {
  const known = lists.get(columns)
  if (known !== undefined) return known
  const list = ['id', ...[...columns].filter(column => column !== 'id')].map(select).join(', ')
  lists.set(columns, list)
  return list
}

/** The row that every mutation answers with, whatever the client then selects. A column that is forgotten does not compile. */
const COLUMNS = {
  id: true,
  number: true,
  hash: true,
  accountId: true,
  applicationId: true,
  door: true,
  name: true,
  originalFileName: true,
  title: true,
  description: true,
  altText: true,
  tags: true,
  metadataPrimary: true,
  metadataSecondary: true,
  metadata: true,
  latitude: true,
  longitude: true,
  ownerId: true,
  groupIds: true,
  conversationId: true,
  sourceType: true,
  kind: true,
  mimeType: true,
  declaredType: true,
  status: true,
  statusReason: true,
  size: true,
  sha256: true,
  etag: true,
  width: true,
  height: true,
  durationSeconds: true,
  pageCount: true,
  facts: true,
  scan: true,
  scanDetail: true,
  storeId: true,
  blobId: true,
  contentVersion: true,
  version: true,
  public: true,
  timesDownloaded: true,
  maxDownloads: true,
  cacheControl: true,
  createdAt: true,
  updatedAt: true,
  contentUpdatedAt: true,
  openHolds: true,
  expiresAt: true,
  expiresBy: true,
  expiresForGood: true,
  deletedAt: true,
  purgeAt: true,
} as const satisfies Record<MediaColumn, true>

export const ALL_COLUMNS: ReadonlySet<MediaColumn> = new Set(Object.keys(COLUMNS) as MediaColumn[])

/** The columns by which the policy decides. */
export const FACT_COLUMNS: ReadonlySet<MediaColumn> = new Set<MediaColumn & keyof MediaFacts>([
  'id',
  'accountId',
  'ownerId',
  'groupIds',
  'public',
  'openHolds',
])
