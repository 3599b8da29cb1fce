import { commonErrors } from '../../../platform/errors.ts'
import { timeIn } from '../../../platform/lib/rfc3339.ts'
import { mediaErrors } from '../../media/media.errors.ts'
import type { MediaFields } from '../../media/media.fields.ts'
import { declaredTypeIn } from '../declared-type.ts'
import { DUPLICATE_POLICIES, type DuplicatePolicy } from '../duplicate-policy.ts'
import { readMetadata } from './tus-headers.ts'

/** What Upload-Metadata says: the file's name and type, and the fields of `UploadMediaInput`. */
export interface TusSaid {
  readonly fileName: string | undefined
  readonly declaredType: string | undefined
  readonly fields: MediaFields
  readonly onDuplicate: DuplicatePolicy
  readonly storeId: string | undefined
  readonly idempotencyKey: string | undefined
}

type Read = (value: string, field: string) => unknown

const invalid = (field: string, allowed: string) =>
  mediaErrors.INVALID_INPUT(`${field} ${allowed}.`, { field: ['input', field] })

const asText: Read = value => value

function asJson(value: string, field: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw invalid(field, 'is no JSON')
  }
}

/** A JSON list of texts, or texts parted by commas. */
const asList: Read = (value, field) => {
  const list = value.startsWith('[') ? asJson(value, field) : value.split(',').map(item => item.trim())
  if (!Array.isArray(list) || !list.every(item => typeof item === 'string'))
    throw invalid(field, 'is a list of texts')
  return value === '' ? [] : list
}

const asObject: Read = (value, field) => {
  const object = asJson(value, field)
  if (typeof object !== 'object' || object === null || Array.isArray(object))
    throw invalid(field, 'is an object in JSON')
  return object
}

const asPlace: Read = (value, field) => {
  const { latitude, longitude } = asObject(value, field) as Record<string, unknown>
  if (typeof latitude !== 'number' || typeof longitude !== 'number')
    throw invalid(field, 'is {"latitude": …, "longitude": …}')
  return { latitude, longitude }
}

const asBoolean: Read = (value, field) => {
  if (value !== 'true' && value !== 'false') throw invalid(field, 'is true or false')
  return value === 'true'
}

const asCount: Read = (value, field) => {
  if (!/^\d{1,10}$/.test(value)) throw invalid(field, 'is a whole number')
  return Number(value)
}

/** Nothing, as of every empty value in Upload-Metadata, is null: it does not expire. */
const asTime: Read = (value, field) => {
  if (value === '') return null
  const time = timeIn(value)
  if (!time) throw invalid(field, 'is a time as in RFC 3339, with its offset, or empty')
  return time
}

const FIELDS = {
  name: asText,
  title: asText,
  description: asText,
  altText: asText,
  tags: asList,
  metadataPrimary: asText,
  metadataSecondary: asText,
  metadata: asObject,
  geolocation: asPlace,
  conversationId: asText,
  groupIds: asList,
  sourceType: asText,
  public: asBoolean,
  maxDownloads: asCount,
  cacheControl: asText,
  expiresAt: asTime,
  // What it is declared to be is in `filetype`.
} satisfies Record<Exclude<keyof MediaFields, 'declaredType'>, Read>

/** What was said of an upload when it was created. */
export const saidOf = ({ metadata }: { readonly metadata: string }): TusSaid =>
  tusSaid(readMetadata(metadata))

/**
 * Reads what clients say in Upload-Metadata: `filename`, `filetype`, and the fields of a media by their names; other keys are the
 * client's own. A `name` that is the file's name is no name of a media: Uppy sends it with every file. Throws INVALID_INPUT.
 */
export function tusSaid(metadata: ReadonlyMap<string, string>): TusSaid {
  const fileName = metadata.get('filename')
  const fields: Record<string, unknown> = {}
  for (const [field, read] of Object.entries(FIELDS)) {
    const value = metadata.get(field)
    if (value === undefined || (field === 'name' && value === fileName)) continue
    fields[field] = read(value, field)
  }
  const policy = metadata.get('onDuplicate') ?? 'KEEP'
  const onDuplicate = DUPLICATE_POLICIES.find(known => known === policy)
  if (!onDuplicate) throw invalid('onDuplicate', `is one of ${DUPLICATE_POLICIES.join(', ')}`)
  const idempotencyKey = metadata.get('idempotencyKey')
  if (idempotencyKey === '') throw commonErrors.BAD_REQUEST('idempotencyKey is empty.')
  return {
    fileName: fileName || undefined,
    declaredType: declaredTypeIn(metadata.get('filetype')),
    fields: fields as MediaFields,
    onDuplicate,
    storeId: metadata.get('storeId'),
    idempotencyKey,
  }
}
