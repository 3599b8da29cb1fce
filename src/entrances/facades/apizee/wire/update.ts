import type { MediaColumn, MediaRow } from '../../../../features/media/media.row.ts'
import type { ChangedFields } from '../../../../features/media/media-change.ts'
import { commonErrors } from '../../../../platform/errors.ts'
import { decimal, type Given, givenIn, text, time } from '../../forms/given.ts'
import { parts, texts } from '../../forms/given-lists.ts'

type Values = Readonly<Record<string, unknown>>

/** What the rest of an update depends on. */
export const PRESENT_COLUMNS: ReadonlySet<MediaColumn> = new Set(['latitude', 'longitude', 'metadata'])

export interface UpdateWish {
  /** What is said whole. */
  readonly fields: ChangedFields
  /** What is said in part, joined to what the media has; absent where nothing is. */
  readonly joined?: (present: MediaRow) => ChangedFields
}

/** What an update may say, by any of its names, field by field; whatever else is sent is not looked at. Throws BAD_REQUEST. */
export function updateWish(given: Given): UpdateWish {
  const title = text(given, 'title')
  const description = text(given, 'description')
  const tags = tagsOf(given)
  const expiresAt = time(
    given,
    'retention_date',
    'retentionDate',
    'retention',
    'expires_at',
    'expiresAt',
    'expiration_date',
    'expirationDate',
  )
  const place = placeOf(given)
  const metadata = metadataOf(given)
  const fields: ChangedFields = {
    ...(title !== undefined && { title: title || null }),
    // Shown as an empty text where there is none, which comes back as one.
    ...(description !== undefined && { description: description || null }),
    ...(tags !== undefined && { tags }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(place === null && { geolocation: null }),
    ...(metadata === null && { metadata: null }),
    ...(isWhole(place) && { geolocation: place }),
  }
  const part = place && !isWhole(place) ? place : undefined
  if (!part && !metadata) return { fields }
  return {
    fields,
    joined: present => ({
      ...fields,
      ...(part && { geolocation: placed(part, present) }),
      ...(metadata && { metadata: merged(present.metadata ?? {}, metadata) }),
    }),
  }
}

/** A list, or a text with commas; an empty one takes them all away. */
function tagsOf(given: Given): string[] | null | undefined {
  const names = ['tags', 'tag', 'labels', 'label']
  const isList = names.some(name => Array.isArray(given.get(name)) || given.has(`${name}[]`))
  return isList ? texts(given, ...names) : parts(given, ...names)
}

interface Place {
  readonly latitude: number
  readonly longitude: number
}

const isWhole = (place: Partial<Place> | null | undefined): place is Place =>
  place?.latitude !== undefined && place.longitude !== undefined

/** Null takes it away, of both or of one: half a place is none. */
function placeOf(given: Given): Partial<Place> | null | undefined {
  const nested = objectOf(given, 'geoloc', 'geolocation')
  if (nested === null) return null
  const inner = nested ? givenIn(nested) : given
  const latitude = decimal(inner, 'latitude', 'lat', 'geoloc[lat]', 'geoloc[latitude]')
  const longitude = decimal(inner, 'longitude', 'lng', 'lon', 'geoloc[lng]', 'geoloc[longitude]')
  if (latitude === null || longitude === null) return null
  if (latitude === undefined && longitude === undefined) return undefined
  return { ...(latitude !== undefined && { latitude }), ...(longitude !== undefined && { longitude }) }
}

function placed(part: Partial<Place>, { latitude, longitude }: MediaRow): Place {
  const whole = { latitude: part.latitude ?? latitude, longitude: part.longitude ?? longitude }
  if (whole.latitude != null && whole.longitude != null)
    return { latitude: whole.latitude, longitude: whole.longitude }
  throw commonErrors.BAD_REQUEST('latitude and longitude are given together: this media has neither yet.', {
    field: ['latitude'],
  })
}

const metadataOf = (given: Given): Values | null | undefined =>
  objectOf(given, 'metadata', 'custom_metadata', 'customMetadata')

/** Its client does not see what is there, and so takes away only what it names: by null, as RFC 7396 has it, of members of the first level. */
function merged(present: Values, given: Values): Values {
  const entries = Object.entries({ ...present, ...given }).filter(([name]) => given[name] !== null)
  return Object.fromEntries(entries)
}

/** The object that one of these names has, in a form as JSON; an empty text says nothing. */
function objectOf(given: Given, ...names: string[]): Values | null | undefined {
  const name = names.find(each => given.has(each))
  const value = name === undefined ? undefined : parsed(given.get(name))
  if (value === undefined || value === null) return value
  if (typeof value === 'object' && !Array.isArray(value)) return value as Values
  throw commonErrors.BAD_REQUEST(`${name} is an object.`, { field: [String(name)] })
}

function parsed(value: unknown): unknown {
  if (value === '') return undefined
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
