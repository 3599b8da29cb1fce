import { typeGivenBack } from '../../../../features/delivery/active-types.ts'
import type { MediaColumn, MediaRow } from '../../../../features/media/media.row.ts'

export const ITEM_COLUMNS = [
  'id',
  'originalFileName',
  'mimeType',
  'declaredType',
  'accountId',
  'storeId',
  'maxDownloads',
  'timesDownloaded',
  'sha256',
  'size',
  'createdAt',
  'updatedAt',
  'public',
  'title',
  'description',
  'metadataPrimary',
  'metadataSecondary',
] as const satisfies readonly MediaColumn[]

export type ItemRow = Required<Pick<MediaRow, (typeof ITEM_COLUMNS)[number]>>

/** A media as its API shows it; `etag` is that of its download. One whose bytes have not come yet has no etag, and the size 0. */
export function itemOf(media: ItemRow) {
  return {
    id: media.id,
    original_file_name: media.originalFileName,
    mime_type: typeGivenBack(media),
    account_id: media.accountId,
    store_id: media.storeId,
    max_downloads_allowed: media.maxDownloads,
    times_downloaded: media.timesDownloaded,
    etag: media.sha256 ?? '',
    media_size: media.size ?? 0,
    time_created: timeOf(media.createdAt),
    time_last_updated: timeOf(media.updatedAt),
    public: media.public,
    title: media.title,
    description: media.description,
    metadata_primary: media.metadataPrimary,
    metadata_secondary: media.metadataSecondary,
  }
}

const timeOf = (time: Date | string): string => new Date(time).toISOString()
