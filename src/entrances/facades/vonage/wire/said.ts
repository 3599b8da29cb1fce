import type { MediaFields } from '../../../../features/media/media.fields.ts'
import { commonErrors } from '../../../../platform/errors.ts'
import { Fields, flag, type Given, integer, text } from '../../forms/given.ts'

type Reading<Field extends keyof MediaFields> = (given: Given) => MediaFields[Field]

/** What may be said of an item, by the names of its API, of which the first is the present one. */
const FIELDS = {
  public: { names: ['public', 'public_item'], read: given => flag(given, 'public', 'public_item') },
  metadataPrimary: { names: ['metadata_primary'], read: given => text(given, 'metadata_primary') },
  metadataSecondary: { names: ['metadata_secondary'], read: given => text(given, 'metadata_secondary') },
  title: { names: ['title'], read: given => text(given, 'title') },
  description: { names: ['description'], read: given => text(given, 'description') },
  // A form has no null: its empty text takes the type back.
  declaredType: { names: ['mime_type'], read: given => text(given, 'mime_type') || cleared(given) },
  maxDownloads: {
    names: ['max_downloads_allowed'],
    read: given => integer(given, 'max_downloads_allowed'),
  },
} as const satisfies {
  [Field in keyof MediaFields]: { readonly names: readonly string[]; readonly read: Reading<Field> }
}

const cleared = (given: Given): null | undefined => (given.has('mime_type') ? null : undefined)

const KNOWN = new Set<string>(Object.values(FIELDS).flatMap(({ names }) => names))

/** What its API calls a field of ours. */
export const nameOf = (field: string): string =>
  Object.hasOwn(FIELDS, field) ? FIELDS[field as keyof typeof FIELDS].names[0] : field

/** What an update says: null clears, what is absent stays, all other names say nothing. Throws BAD_REQUEST. */
export const saidIn = (given: Given): MediaFields =>
  Object.fromEntries(Object.entries(FIELDS).map(([field, { read }]) => [field, read(given)]))

/**
 * What the form of an upload says in `info`, an object of JSON: what an update may say, and anything else as data of the
 * client's own. Throws BAD_REQUEST.
 */
export function saidBeside(fields: Given): MediaFields {
  const info = text(fields, 'info')
  if (!info) return {}
  const given = Fields.ofJson(objectIn(info))
  const others = [...given].filter(([name]) => !KNOWN.has(name))
  return { ...saidIn(given), ...(others.length > 0 ? { metadata: Object.fromEntries(others) } : {}) }
}

function objectIn(info: string): object {
  const value = parsed(info)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw noObject()
}

function parsed(info: string): unknown {
  try {
    return JSON.parse(info)
  } catch (cause) {
    throw noObject(cause)
  }
}

const noObject = (cause?: unknown) =>
  commonErrors.BAD_REQUEST('info is an object of JSON.', { field: ['info'], cause })
