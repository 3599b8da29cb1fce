import type { MediaColumn } from '../../media/media.row.ts'
import { EXPIRY_COLUMNS, type Expiry, type ExpiryFacts } from '../../media/media-expiry.ts'

/** A media as rules see it, and what has been made of that. */
export type RuledMedia = { readonly id: string } & Expiry & ExpiryFacts

export const RULED_COLUMNS: ReadonlySet<MediaColumn> = new Set(['id', ...EXPIRY_COLUMNS])
