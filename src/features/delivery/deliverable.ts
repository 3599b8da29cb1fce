import type { Readable } from 'node:stream'
import type { StorageKey } from '../../platform/storage/key.ts'
import type { CachedContent } from './cache-policy.ts'

/** One content of one media, as far as sending it needs to know. */
export interface DeliverableContent extends CachedContent {
  readonly state: 'live'
  readonly mediaId: string
  readonly accountId: string
  /** SHA-256 of the content as it was uploaded. */
  readonly sha256: string
  /** Counts the contents of the media from 1. */
  readonly contentVersion: number
  readonly contentUpdatedAt: Date
  /** Names the bytes: two contents with the same one are the same bytes. Visible ASCII without quotes. */
  readonly etag: string
  /** Bytes. */
  readonly size: number
  readonly mimeType: string
  /** What its uploader said that it is. */
  readonly declaredType?: string | null
  readonly fileName: string
  /** 0 = unlimited. */
  readonly maxDownloads: number
  readonly storeId: string
  readonly key: StorageKey
  /** All of its bytes, where they are at hand: they may not lie in the store yet. */
  readonly bytes?: Buffer
  /** Whether others get other bytes at the same URL. */
  readonly varies?: boolean
  /** Makes of the stored bytes from byte `start` on the ones that are sent, as many; `etag` names those. Without it they are sent as stored. */
  readonly rewrite?: (bytes: Readable, start: number) => Readable
  /** Whether a client that accepts other types may get other bytes. */
  readonly isNegotiated?: boolean
  /** Whether it is too small a part of the content to count as a download of it. */
  readonly isFree?: boolean
}

/**
 * `expired`: its time is over · `pending`: no bytes yet · `failed`: none will come · `lost`: the store no longer has them · `unscanned`: kept back until a scan has found
 * nothing, which may be soon · `quarantined`: a scan has found malware.
 */
export type Deliverable =
  | DeliverableContent
  | { readonly state: 'expired' }
  | { readonly state: 'pending' }
  | { readonly state: 'failed' }
  | { readonly state: 'lost' }
  | { readonly state: 'unscanned'; readonly isComing: boolean }
  | { readonly state: 'quarantined' }
