import type { MediaFilter } from '../../../features/media/media.filter.ts'
import type { MediaColumn, MediaRow } from '../../../features/media/media.row.ts'
import type { MediaKind } from '../../../features/media/media-kind.ts'
import { commonErrors } from '../../../platform/errors.ts'
import { type Given, integer, search, text } from '../forms/given.ts'

/** What its types are called: what a person reads is a `file` there, too. */
const TYPES = {
  IMAGE: 'image',
  VIDEO: 'video',
  AUDIO: 'audio',
  DOCUMENT: 'file',
  FILE: 'file',
} as const satisfies Record<MediaKind, string>

export const ITEM_COLUMNS = [
  'id',
  'hash',
  'public',
  'accountId',
  'openHolds',
  'groupIds',
  'originalFileName',
  'kind',
  'mimeType',
  'size',
  'width',
  'height',
  'durationSeconds',
  'createdAt',
  'updatedAt',
  'ownerId',
] as const satisfies readonly MediaColumn[]

export type ItemRow = Required<Pick<MediaRow, (typeof ITEM_COLUMNS)[number]>>

/** A media as its API shows it. `url` is absolute; `path` is what of it stands behind the origin. */
export function itemOf(media: ItemRow, url: string): object {
  const { pathname, search } = new URL(url)
  return {
    id: media.id,
    name: media.originalFileName,
    type: TYPES[media.kind],
    mime_type: media.mimeType,
    size: media.size ?? 0,
    path: `${pathname}${search}`.slice(1),
    url,
    width: media.width,
    height: media.height,
    duration: media.durationSeconds === null ? null : Math.round(media.durationSeconds),
    created_at: timeOf(media.createdAt),
    updated_at: timeOf(media.updatedAt),
    created_by: media.ownerId,
  }
}

const timeOf = (time: Date | string): string => new Date(time).toISOString()

export interface ListWish {
  readonly page: number
  readonly pageSize: number
  readonly filter: MediaFilter
}

const DEFAULT_SIZE = 10
const MOST = 100

/** What a list is asked for, put right as that system does it; throws BAD_REQUEST for what is no number, no type, and no text to look for. */
export function listWish(query: Given): ListWish {
  const page = integer(query, 'page') ?? 1
  const size = integer(query, 'page_size') ?? DEFAULT_SIZE
  const type = text(query, 'type')
  const fileName = search(query, 'search')
  return {
    page: Math.max(page, 1),
    pageSize: size <= 0 ? DEFAULT_SIZE : Math.min(size, MOST),
    filter: { ...(type ? { kind: kindsOf(type) } : {}), ...(fileName ? { fileName } : {}) },
  }
}

function kindsOf(type: string): MediaKind[] {
  const kinds = (Object.keys(TYPES) as MediaKind[]).filter(kind => TYPES[kind] === type)
  if (kinds.length > 0) return kinds
  throw commonErrors.BAD_REQUEST('type is image, video, audio or file.', { field: ['type'] })
}
