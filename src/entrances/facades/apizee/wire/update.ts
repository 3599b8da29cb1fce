import type { MediaColumn, MediaRow } from '../../../../features/media/media.row.ts'
import type { ChangedFields } from '../../../../features/media/media-change.ts'
import { commonErrors } from '../../../../platform/errors.ts'
import { decimal, type Given, text, time } from '../../forms/given.ts'
import { parts, texts } from '../../forms/given-lists.ts'
import { objectIn } from '../../forms/given-objects.ts'

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
  const expiresAt = retentionIn(given)
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

const RETENTION = [
  'retention_date',
  'retentionDate',
  'retention',
  'expires_at',
  'expiresAt',
  'expiration_date',
  'expirationDate',
]

/** A form has no null: an empty text, and the word, take the date away. */
function retentionIn(given: Given): Date | null | undefined {
  const name = RETENTION.find(each => given.has(each))
  if (name === undefined) return undefined
  const isAway = !given.isTyped(name) && ['', 'null'].includes(text(given, name) ?? '')
  return isAway ? null : time(given, name)
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

/**
 * Null takes it away, of both or of one: half a place is none. Who gets an item, changes its latitude and puts it sends the old `geoloc` along: what
 * the documented names say counts, and of `geoloc` what they leave open; one without a place leaves the other half to what is there.
 */
function placeOf(given: Given): Partial<Place> | null | undefined {
  const said = halvesIn(given)
  const nested = objectIn(given, 'geoloc', 'geolocation')
  if (Object.values(said).includes(null)) return null
  const shown = nested && halvesIn(nested)
  const isShownAway = shown === null || Object.values(shown ?? {}).includes(null)
  if (isShownAway) return Object.keys(said).length > 0 ? (said as Partial<Place>) : null
  const place = { ...shown, ...said } as Partial<Place>
  return Object.keys(place).length > 0 ? place : undefined
}

/** Those that something is said of. */
function halvesIn(given: Given): Partial<Record<keyof Place, number | null>> {
  const latitude = decimal(given, 'latitude', 'lat')
  const longitude = decimal(given, 'longitude', 'lng', 'lon')
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

function metadataOf(given: Given): Values | null | undefined {
  const members = objectIn(given, 'metadata', 'custom_metadata', 'customMetadata')
  return members && Object.fromEntries(members)
}

/** Its client does not see what is there, and so takes away only what it names: by null, as RFC 7396 has it, of members of the first level. */
function merged(present: Values, given: Values): Values {
  const entries = Object.entries({ ...present, ...given }).filter(([name]) => given[name] !== null)
  return Object.fromEntries(entries)
}
