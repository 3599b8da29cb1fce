import { likePattern, type SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { mediaErrors } from './media.errors.ts'
import type { MediaKind } from './media-kind.ts'

export interface TimeRange {
  readonly gt?: Date | null
  readonly gte?: Date | null
  readonly lt?: Date | null
  readonly lte?: Date | null
}

/** Every given part must hold. A list means "one of these". */
export interface MediaFilter {
  readonly kind?: readonly MediaKind[] | null
  readonly mimeType?: readonly string[] | null
  readonly tag?: readonly string[] | null
  readonly createdAt?: TimeRange | null
  readonly search?: string | null
}

const SEARCH_TEXT =
  'media_search_text(m.tags, m.metadata, m.name, m.original_file_name, m.title, m.description, m.alt_text, ' +
  'm.metadata_primary, m.metadata_secondary)'
const MAX_VALUES = 100
const MAX_SEARCH = 500

type Condition<T> = (value: T, parameters: SqlParameters) => SqlText

const oneOf =
  (field: keyof MediaFilter, sql: (placeholder: SqlText) => SqlText): Condition<readonly string[]> =>
  (values, p) => {
    if (values.length > MAX_VALUES) throw tooMuch(field, `takes at most ${MAX_VALUES} values`)
    return sql(
      p.add(
        values.map(value => readable(value, field)),
        'text[]',
      ),
    )
  }

/** `image/*` stands for all types of a family. */
const mimeType: Condition<readonly string[]> = (values, p) => {
  const [families, exact] = [values.filter(v => v.endsWith('/*')), values.filter(v => !v.endsWith('/*'))]
  const like = families.map(
    family =>
      `${readable(family, 'mimeType')
        .slice(0, -1)
        .replace(/[\\%_]/g, m => `\\${m}`)}%`,
  )
  if (values.length > MAX_VALUES) throw tooMuch('mimeType', `takes at most ${MAX_VALUES} values`)
  const isExact = `m.mime_type = ANY (${p.add(
    exact.map(v => readable(v, 'mimeType').toLowerCase()),
    'text[]',
  )})`
  return families.length === 0 ? isExact : `(${isExact} OR m.mime_type LIKE ANY (${p.add(like, 'text[]')}))`
}

const COMPARE = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const satisfies Record<keyof TimeRange, string>

const createdAt: Condition<TimeRange> = (range, p) =>
  (Object.keys(COMPARE) as (keyof TimeRange)[])
    .filter(key => range[key] != null)
    .map(key => `m.created_at ${COMPARE[key]} ${p.add(range[key], 'timestamptz')}`)
    .join(' AND ') || 'true'

/** All words must occur somewhere, in any case and any script; `%` and `_` are characters like any other. */
const search: Condition<string> = (text, p) => {
  if (text.length > MAX_SEARCH) throw tooMuch('search', `takes at most ${MAX_SEARCH} characters`)
  const words = readable(text, 'search').trim().split(/\s+/u).filter(Boolean).slice(0, 20)
  return (
    words.map(word => `${SEARCH_TEXT} LIKE lower(${p.add(likePattern(word), 'text')})`).join(' AND ') ||
    'true'
  )
}

const CONDITIONS = {
  kind: oneOf('kind', placeholder => `m.kind = ANY (${placeholder})`),
  mimeType,
  tag: oneOf('tag', placeholder => `m.tags && ${placeholder}`),
  createdAt,
  search,
} satisfies { [K in keyof Required<MediaFilter>]: Condition<NonNullable<MediaFilter[K]>> }

/** The filter as conditions on `media m`; throws INVALID_INPUT for what is too large or no text. */
export function filterConditions(filter: MediaFilter, parameters: SqlParameters): SqlText[] {
  return (Object.entries(CONDITIONS) as [keyof MediaFilter, Condition<unknown>][])
    .filter(([field]) => filter[field] != null)
    .map(([field, condition]) => condition(filter[field], parameters))
}

function readable(value: string, field: string): string {
  if (value.includes('\0') || !value.isWellFormed())
    throw tooMuch(field, 'holds U+0000 or half a surrogate pair')
  return value
}

const tooMuch = (field: string, why: string) =>
  mediaErrors.INVALID_INPUT(`filter.${field} ${why}.`, { field: ['filter', field] })
