import type { MediaColumn } from '../../media/media.row.ts'
import type { Expiry, ExpiryFacts } from '../../media/media-expiry.ts'

/** A media as rules see it, and what has been made of that. */
export type RuledMedia = { readonly id: string } & Expiry & ExpiryFacts

export const RULED_COLUMNS: ReadonlySet<MediaColumn> = new Set<MediaColumn & keyof RuledMedia>([
  'id',
  'accountId',
  'kind',
  'mimeType',
  'tags',
  'sourceType',
  'door',
  'createdAt',
  'contentUpdatedAt',
  'expiresAt',
  'expiresBy',
  'expiresForGood',
])
