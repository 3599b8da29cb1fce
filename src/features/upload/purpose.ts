import type { EntityManager } from 'typeorm'
import type { Once } from '../../platform/idempotency/once.ts'
import type { Principal } from '../access/viewer.ts'
import type { StagedBlob } from '../blobs/blob.service.ts'
import type { ItemCount } from '../blobs/quotas.ts'
import type { MediaRow } from '../media/media.row.ts'
import type { MediaKind, ScanState } from '../media/media-kind.ts'

export interface ContentFacts {
  readonly width: number | null
  readonly height: number | null
}

/** Bytes that the store has and that are not yet anybody's, and what is known of them. */
export interface ArrivedContent {
  readonly blob: StagedBlob
  readonly content: ContentFacts & {
    readonly size: number
    readonly sha256: string
    readonly mimeType: string
    readonly kind: MediaKind
  }
  readonly declaredType: string | null
  readonly originalFileName: string
  /** What can be said of it before any scan. */
  readonly scan: ScanState
  /** Of the account that the bytes are now: nobody changes it until the transaction ends. */
  readonly items: ItemCount
}

/** Writes the rows that the bytes belong to from now on, in the transaction that makes them live; what it rejects with undoes all. */
export type ContentOwner = (tx: EntityManager, arrived: ArrivedContent) => Promise<MediaRow>

/** Bytes of a request that may come again. */
export interface Arrived extends ArrivedContent {
  /** Claimed for the media that they go to. */
  readonly once: Once
}

/** What the bytes of an upload are for: the one part of the write protocol in which uploads differ. */
export interface Purpose {
  /** Whose account the bytes count for. */
  readonly viewer: Principal
  /** Whether a media comes of them that was not there. */
  readonly isNewItem: boolean
  /** Rejects for what the write would refuse as things stand, before the first byte. A request that comes again is not told. */
  check(): Promise<void>
  /**
   * Writes the rows in the transaction that makes the blob live; may be tried again in another one. Rejects with AlreadyMade when
   * nothing is to be made: then `again` has the answer.
   */
  write(tx: EntityManager, arrived: Arrived): Promise<MediaRow>
  /** What the same request has made before, as it is now, or what `write` has found instead. Rejects with IDEMPOTENCY_RESULT_GONE. */
  again(mediaId: string): Promise<MediaRow>
}
