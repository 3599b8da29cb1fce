import { createHash } from 'node:crypto'
import type { MediaFilter } from '../../../features/media/media.filter.ts'
import type { MediaOrder } from '../../../features/media/media.order.ts'
import type { MediaColumn, MediaRow } from '../../../features/media/media.row.ts'
import { shownName } from '../../../features/media/media-names.ts'
import { commonErrors } from '../../../platform/errors.ts'

/** Media that one answer lists. */
export const MOST = 1_000

/** What comes while somebody reads on comes at the end, and what is overwritten stays where it was: nothing is missed, or told twice. */
export const OLDEST_FIRST: MediaOrder = { field: 'CREATED_AT', direction: 'ASC' }

/** What has expired is in no list, nor is what has no content: an import that is under way, or has failed. */
export const LISTED: MediaFilter = { expired: false, size: { gte: 0 } }

export const LISTED_COLUMNS = [
  'id',
  'name',
  'originalFileName',
  'size',
  'createdAt',
] as const satisfies readonly MediaColumn[]

export type ListedRow = Required<Pick<MediaRow, (typeof LISTED_COLUMNS)[number]>>

/** A media as the list shows it; `collection` is the URL of the list. */
export function itemOf(media: ListedRow, collection: string): object {
  const name = shownName(media)
  return {
    content: `${collection}/${encoded(name)}`,
    contentLength: media.size,
    mediaName: name,
  }
}

/** Says to whom a token was given: in another account it would begin somewhere, and tell less than there is. */
const markOf = (accountId: string): string =>
  createHash('sha256').update(accountId).digest('hex').slice(0, 16)

export const tokenOf = (cursor: string, accountId: string): string => `${markOf(accountId)}.${cursor}`

/** The cursor of a token; none for an absent or empty one. Throws BAD_REQUEST for one that another account was given, or nobody. */
export function cursorIn(token: string | undefined, accountId: string): string | undefined {
  if (!token) return undefined
  const mark = `${markOf(accountId)}.`
  if (token.startsWith(mark)) return token.slice(mark.length)
  throw commonErrors.BAD_REQUEST('This Continuation-Token is none of this list.')
}

/** Segments of dots would be gone before a client sends them (RFC 3986, 5.2.4): then slashes are no longer told apart. */
function encoded(name: string): string {
  const segments = name.split('/')
  const isWhole = segments.some(segment => segment === '.' || segment === '..')
  return isWhole ? encodeURIComponent(name) : segments.map(encodeURIComponent).join('/')
}

/** Of `/api/v2/users/{accountId}/media`. */
const SEGMENTS = 5

/**
 * The name of a media as the URL of a request has it below `prefix`: slashes in it may be encoded or not, and what a query says is no
 * part of it. Throws BAD_REQUEST for what is no name.
 */
export function nameIn(url: string, prefix: string): string {
  const [path = ''] = url.split(/[?#]/, 1)
  const ahead = prefix.split('/').length + SEGMENTS
  const name = decoded(path.split('/').slice(ahead).join('/'))
  if (name === '') throw commonErrors.BAD_REQUEST('The URL names no media.')
  return name
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw commonErrors.BAD_REQUEST('The name of the media is not encoded as UTF-8.', { cause })
  }
}
