import type { SqlParameters, SqlText } from '../../platform/db/sql-builder.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { NOBODY } from '../access/numbered-owners.ts'
import { COLLECTION_PREFIX, reachableCollections } from '../access/policy.ts'
import type { Principal } from '../access/viewer.ts'
import type { MediaKind, MediaStatus, ScanState } from './media-kind.ts'
import { searchTerms } from './search-terms.ts'

/** Bounds; every given one must hold. */
export interface Range<T> {
  readonly gt?: T | null
  readonly gte?: T | null
  readonly lt?: T | null
  readonly lte?: T | null
}
export type TimeRange = Range<Date>

type OneOf<T extends string = string> = readonly T[] | null

/** Every given part must hold. A list means "one of these"; an empty one is met by nothing. */
export interface MediaFilter {
  readonly kind?: OneOf<MediaKind>
  readonly mimeType?: OneOf
  readonly status?: OneOf<MediaStatus>
  readonly scan?: OneOf<ScanState>
  readonly sourceType?: OneOf
  readonly name?: OneOf
  readonly ownerId?: OneOf
  /** By the integer id of the owner; 0 is what belongs to none. */
  readonly ownerNumber?: number | null
  /** What belongs to the owner whom the viewer acts for; true alone means something. */
  readonly own?: true | null
  readonly groupId?: OneOf
  readonly conversationId?: OneOf
  readonly tag?: OneOf
  readonly collectionId?: OneOf
  readonly sha256?: OneOf
  readonly public?: boolean | null
  readonly expired?: boolean | null
  /** The trash instead of what is not deleted; in the outermost filter alone. */
  readonly deleted?: boolean | null
  readonly createdAt?: TimeRange | null
  readonly updatedAt?: TimeRange | null
  readonly size?: Range<number> | null
  readonly search?: string | null
  readonly fileName?: string | null
  /** All of these; met by everything when empty. */
  readonly and?: readonly MediaFilter[] | null
  /** One of these at least; met by nothing when empty. */
  readonly or?: readonly MediaFilter[] | null
  readonly not?: MediaFilter | null
}

/** Whose media are looked through, and where the values go. */
export interface FilterScope {
  readonly viewer: Principal
  readonly parameters: SqlParameters
}

type Condition<T> = (value: T, scope: FilterScope) => SqlText
type List = readonly string[]

/** A single value is compared by `=`: along an index it keeps the order of the rest of its columns. */
const oneOf =
  (column: SqlText): Condition<List> =>
  (values, { parameters: p }) =>
    values.length === 1
      ? `${column} = ${p.add(values[0], 'text')}`
      : `${column} = ANY (${p.add(values, 'text[]')})`

const overlaps =
  (column: SqlText): Condition<List> =>
  (values, { parameters: p }) =>
    `${column} && ${p.add(values, 'text[]')}`

/** `image/*` stands for all types of a family. */
const mimeType: Condition<List> = (values, scope) => {
  const types = values.map(value => value.toLowerCase())
  const families = types.filter(type => type.endsWith('/*'))
  const exact = oneOf('m.mime_type')(
    types.filter(type => !type.endsWith('/*')),
    scope,
  )
  if (families.length === 0) return exact
  const patterns = families.map(family => `${family.slice(0, -1).replace(/[\\%_]/g, '\\$&')}%`)
  return `(${exact} OR m.mime_type LIKE ANY (${scope.parameters.add(patterns, 'text[]')}))`
}

/** By the id that the account's own systems know; the subquery is read once, ahead of the media. */
const ownerId: Condition<List> = (values, { viewer, parameters: p }) => {
  const owners = `SELECT o.id FROM owner o WHERE o.account_id = ${p.add(viewer.accountId)}
    AND o.external_id = ANY (${p.add(values, 'text[]')})`
  return values.length === 1 ? `m.owner_id = (${owners})` : `m.owner_id = ANY (ARRAY (${owners}))`
}

/** As `ownerId`; numbers of other accounts' owners are nobody's. */
const ownerNumber: Condition<number> = (number, { viewer, parameters: p }) =>
  number === NOBODY
    ? 'm.owner_id IS NULL'
    : `m.owner_id = (SELECT o.id FROM owner o WHERE o.account_id = ${p.add(viewer.accountId)} AND o.number = ${p.add(number, 'bigint')})`

/** Of collections that the viewer may see. */
const collectionId: Condition<List> = (values, { viewer, parameters: p }) => {
  const ids = values
    .filter(id => id.startsWith(COLLECTION_PREFIX))
    .map(id => id.slice(COLLECTION_PREFIX.length))
  return `m.id IN (SELECT i.media_id FROM collection_media i JOIN collection c ON c.id = i.collection_id
    WHERE i.collection_id = ANY (${p.add(ids.filter(isUuid), 'uuid[]')}) AND ${reachableCollections(viewer, 'read', p)})`
}

const COMPARE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const satisfies Record<
  keyof Range<unknown>,
  string
>

const range =
  (expression: SqlText, type: string): Condition<Range<unknown>> =>
  (bounds, { parameters: p }) =>
    (Object.keys(COMPARE) as (keyof typeof COMPARE)[])
      .filter(key => bounds[key] != null)
      .map(key => `${expression} ${COMPARE[key]} ${p.add(bounds[key], type)}`)
      .join(' AND ') || 'true'

/** By the expression of the index; a size that is not known lies within no bounds, but for none at all. */
const size: Condition<Range<number>> = (bounds, scope) => {
  const condition = range('coalesce(m.size, -1)', 'bigint')(bounds, scope)
  return condition === 'true' ? condition : `(m.size IS NOT NULL AND ${condition})`
}

const search: Condition<string> = (text, { parameters: p }) =>
  searchTerms(text)
    .map(term => `m.search_text LIKE media_search_pattern(${p.add(term, 'text')})`)
    .join(' AND ') || 'true'

/** Folded as search is, and of the file name alone; the index of search narrows it. */
const fileName: Condition<string> = (text, { parameters: p }) => {
  const pattern = `media_search_pattern(${p.add(text, 'text')})`
  return `(m.search_text LIKE ${pattern} AND media_search_form(m.original_file_name) LIKE ${pattern})`
}

/** As `IS_EXPIRED`, by the time of the transaction: by `clock_timestamp()`, which is another at each row, no index is asked. */
const HAS_EXPIRED: SqlText = 'm.expires_at <= now() AND m.open_holds = 0'

const CONDITIONS = {
  kind: oneOf('m.kind'),
  mimeType,
  status: oneOf('m.status'),
  scan: oneOf('m.scan'),
  sourceType: oneOf('m.source_type'),
  name: oneOf('m.name'),
  ownerId,
  ownerNumber,
  own: (_, { viewer, parameters: p }) => `m.owner_id = ${p.add(viewer.ownerId, 'uuid')}`,
  groupId: overlaps('m.group_ids'),
  conversationId: oneOf('m.conversation_id'),
  tag: overlaps('m.tags'),
  collectionId,
  sha256: (values, scope) =>
    oneOf('m.sha256')(
      values.map(value => value.toLowerCase()),
      scope,
    ),
  public: value => (value ? 'm.public' : 'NOT m.public'),
  expired: value => (value ? HAS_EXPIRED : `(${HAS_EXPIRED}) IS NOT TRUE`),
  createdAt: range('m.created_at', 'timestamptz'),
  updatedAt: range('m.updated_at', 'timestamptz'),
  size,
  search,
  fileName,
  and: (filters, scope) => both(filters.map(filter => conjunction(filter, scope))),
  or: (filters, scope) => `(${filters.map(filter => conjunction(filter, scope)).join(' OR ') || 'false'})`,
  // What cannot be told of a media, for it has no value there, is not so: then the negation is.
  not: (filter, scope) => `(${conjunction(filter, scope)}) IS NOT TRUE`,
} satisfies { [K in keyof Omit<Required<MediaFilter>, 'deleted'>]: Condition<NonNullable<MediaFilter[K]>> }

const both = (conditions: readonly SqlText[]): SqlText => conditions.join(' AND ') || 'true'

const conjunction = (filter: MediaFilter, scope: FilterScope): SqlText =>
  `(${both(filterConditions(filter, scope))})`

/** A filter that `checkFilter` let pass as conditions on `media m`; whether the trash is meant, the caller decides. */
export function filterConditions(filter: MediaFilter, scope: FilterScope): SqlText[] {
  return (Object.entries(CONDITIONS) as [keyof typeof CONDITIONS, Condition<unknown>][])
    .filter(([field]) => filter[field] != null)
    .map(([field, condition]) => condition(filter[field], scope))
}
