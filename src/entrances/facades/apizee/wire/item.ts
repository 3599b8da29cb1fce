import type { NumberedOwner } from '../../../../features/access/numbered-owners.ts'
import type { MediaColumn, MediaRow } from '../../../../features/media/media.row.ts'
import type { MediaKind, MediaStatus } from '../../../../features/media/media-kind.ts'

export const STATUSES = {
  PENDING: 'pending',
  PROCESSING: 'processing',
  COMPLETED: 'completed',
  FAILED: 'failed',
} as const satisfies Record<MediaStatus, string>

export const TYPES = {
  IMAGE: 'image',
  VIDEO: 'video',
  AUDIO: 'audio',
  DOCUMENT: 'document',
  FILE: 'file',
} as const satisfies Record<MediaKind, string>

export const ITEM_COLUMNS = [
  'id',
  'number',
  'hash',
  'accountId',
  'ownerId',
  'groupIds',
  'public',
  'openHolds',
  'createdAt',
  'title',
  'description',
  'originalFileName',
  'status',
  'kind',
  'mimeType',
  'sourceType',
  'size',
  'sha256',
  'latitude',
  'longitude',
] as const satisfies readonly MediaColumn[]

export type ItemRow = Required<Pick<MediaRow, (typeof ITEM_COLUMNS)[number]>>

/** What its API says of a media beside what stands in its row. */
export interface ItemContext {
  readonly owner: NumberedOwner
  /** Origin, and path ahead of the API's own paths. */
  readonly base: string
  readonly hasThumbnail: boolean
  /** Who may not have the content is not given what opens it. */
  readonly mayDownload: boolean
}

/** A media as its API shows it. */
export function itemOf(media: ItemRow, { owner, base, hasThumbnail, mayDownload }: ItemContext): object {
  const { latitude: lat, longitude: lng } = media
  const url = mayDownload ? `${base}/media/showVideo/${media.number}/hash/${media.hash}` : null
  return {
    id: media.number,
    hash: mayDownload ? media.hash : null,
    created: secondsOf(media.createdAt),
    owner: { id: owner.id, name: owner.name },
    title: media.title ?? withoutExtension(media.originalFileName),
    description: media.description ?? '',
    filename: media.originalFileName,
    status: STATUSES[media.status],
    media_type: TYPES[media.kind],
    source_type: media.sourceType,
    filesize: media.size ?? 0,
    geoloc: lat === null || lng === null ? null : { lat, lng },
    thumbnail_url: url && hasThumbnail ? `${url}?thumbnail=1` : null,
    url,
  }
}

/** To the second, in UTC, with an offset as it writes one. */
const secondsOf = (time: Date | string): string => new Date(time).toISOString().replace(/\.\d+Z$/, '+00:00')

const withoutExtension = (fileName: string): string => fileName.replace(/(?<=.)\.[^.]*$/, '')
