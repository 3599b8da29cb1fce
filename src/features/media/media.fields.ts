import { cacheDirectives } from '../../platform/lib/cache-control.ts'
import { isMediaType } from '../../platform/lib/media-type.ts'
import { isStorable } from '../../platform/lib/storable-text.ts'
import { mediaErrors } from './media.errors.ts'
import { type Expiry, GIVEN } from './media-expiry.ts'

/** What a user may say about a media. Absent = unchanged (or the default), null = cleared. */
export interface MediaFields {
  name?: string | null
  title?: string | null
  description?: string | null
  altText?: string | null
  tags?: readonly string[] | null
  metadataPrimary?: string | null
  metadataSecondary?: string | null
  metadata?: Readonly<Record<string, unknown>> | null
  geolocation?: { readonly latitude: number; readonly longitude: number } | null
  conversationId?: string | null
  groupIds?: readonly string[] | null
  sourceType?: string | null
  public?: boolean | null
  maxDownloads?: number | null
  cacheControl?: string | null
  /** What the content is said to be; uploads say so beside their bytes, so that it is no input of theirs. */
  declaredType?: string | null
  /** Null: it does not expire, whatever the rules say. Text where the fields were kept as JSON. */
  expiresAt?: Date | string | null
}

type Columns = Readonly<Record<string, unknown>>
/** Turns a value that is not null into columns; throws INVALID_INPUT. */
type Rule<T> = { readonly cleared: Columns; readonly read: (value: T, field: string) => Columns }

const fail = (field: string, allowed: string): never => {
  throw mediaErrors.INVALID_INPUT(`${field} ${allowed}.`, { field: ['input', field] })
}

/** The text, if it is one that can be kept; throws INVALID_INPUT. */
export function checkedText(value: string, field: string, max: number): string {
  if (!isStorable(value)) fail(field, 'holds U+0000 or half a surrogate pair, which no text may')
  return [...value].length <= max ? value : fail(field, `is longer than ${max} characters`)
}

/** Whether objects and lists lie in each other more than so deep; itself goes no deeper, since a stack ends somewhere. */
const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(inner => isDeeper(inner, levels - 1)))

const textRule = (column: keyof MediaFields, max: number): Rule<string> => ({
  cleared: { [column]: null },
  read: (value, field) => ({ [column]: checkedText(value, field, max) }),
})

const listRule = (column: keyof MediaFields, max: number): Rule<readonly string[]> => ({
  cleared: { [column]: [] },
  read: (values, field) => {
    if (values.length > max) fail(field, `has more than ${max} items`)
    if (values.some(value => value.trim() === '')) fail(field, 'has an empty item')
    return { [column]: [...new Set(values.map(value => checkedText(value, field, 100)))] }
  },
})

const givenExpiry = (expiresAt: Date | null): Expiry => ({
  expiresAt,
  expiresBy: GIVEN,
  expiresForGood: false,
})

const METADATA_BYTES = 64 * 1024
const METADATA_DEPTH = 100
const MAX_COUNT = 2_147_483_647
const MOST_OF_CACHE_CONTROL = 200
const RULES = {
  name: {
    cleared: { name: null },
    read: (value, field) => {
      if (value === '') fail(field, 'is empty; leave it out, or give null, for no name')
      return { name: checkedText(value, field, 512) }
    },
  },
  title: textRule('title', 1_000),
  description: textRule('description', 10_000),
  altText: textRule('altText', 2_000),
  tags: listRule('tags', 100),
  metadataPrimary: textRule('metadataPrimary', 10_000),
  metadataSecondary: textRule('metadataSecondary', 10_000),
  metadata: {
    cleared: { metadata: {} },
    read: (value, field) => {
      if (isDeeper(value, METADATA_DEPTH)) fail(field, `is nested deeper than ${METADATA_DEPTH} levels`)
      const json = JSON.stringify(value)
      if (Buffer.byteLength(json) > METADATA_BYTES)
        fail(field, `is larger than ${METADATA_BYTES} bytes of JSON`)
      if (/\\u0000|\\ud[89a-f]/i.test(json))
        fail(field, 'holds U+0000 or half a surrogate pair, which no text may')
      return { metadata: value }
    },
  },
  geolocation: {
    cleared: { latitude: null, longitude: null },
    read: ({ latitude, longitude }, field) => {
      const ok = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
      return ok
        ? { latitude, longitude }
        : fail(field, 'is no place: latitude -90 to 90, longitude -180 to 180')
    },
  },
  conversationId: textRule('conversationId', 200),
  groupIds: listRule('groupIds', 100),
  sourceType: {
    cleared: { sourceType: 'unknown' },
    read: (value, field) => ({ sourceType: checkedText(value, field, 64) || 'unknown' }),
  },
  public: { cleared: { public: false }, read: value => ({ public: value }) },
  maxDownloads: {
    cleared: { maxDownloads: 0 },
    read: (value, field) =>
      value >= 0 && value <= MAX_COUNT
        ? { maxDownloads: value }
        : fail(field, `is a number from 0 to ${MAX_COUNT}; 0 means any number`),
  },
  cacheControl: {
    cleared: { cacheControl: null },
    read: (value, field) => {
      const directives = value.length <= MOST_OF_CACHE_CONTROL ? cacheDirectives(value) : null
      if (!directives) return fail(field, 'is no Cache-Control value, such as "max-age=3600"')
      // A list of nothing says nothing.
      return { cacheControl: directives.length > 0 ? value : null }
    },
  },
  declaredType: {
    cleared: { declaredType: null },
    read: (value, field) => {
      const [type = ''] = value.split(';', 1)
      const declaredType = type.trim().toLowerCase()
      return isMediaType(declaredType)
        ? { declaredType }
        : fail(field, 'is no media type, such as "audio/mpeg"')
    },
  },
  expiresAt: {
    // What is cleared is a word, too: it does not expire.
    cleared: givenExpiry(null),
    read: (value, field) => {
      const time = new Date(value)
      // Years of five digits are none of RFC 3339.
      return time.getUTCFullYear() <= 9_999
        ? givenExpiry(time)
        : fail(field, 'is no time up to the year 9999')
    },
  },
} satisfies { [K in keyof Required<MediaFields>]: Rule<NonNullable<MediaFields[K]>> }

/** The columns that the given fields stand for, each checked; throws INVALID_INPUT at the first that is not allowed. */
export function mediaColumns(fields: MediaFields): Record<string, unknown> {
  const columns: Record<string, unknown> = {}
  for (const [field, rule] of Object.entries(RULES) as [keyof MediaFields, Rule<unknown>][]) {
    const value = fields[field]
    if (value === undefined) continue
    Object.assign(columns, value === null ? rule.cleared : rule.read(value, field))
  }
  return columns
}

/** What a client calls a file: a label, never a path; at most 255 characters, `unnamed` where nothing is left. */
export function fileLabel(name: string | undefined): string {
  const last = (name ?? '').toWellFormed().replaceAll('\0', '').split(/[/\\]/).at(-1) ?? ''
  const label = [...last].slice(0, 255).join('').trim()
  // What stands for a folder is no name of a file, on no system.
  return /^\.{0,2}$/.test(label) ? 'unnamed' : label
}
