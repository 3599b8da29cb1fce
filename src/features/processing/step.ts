import type { StorageKey } from '../../platform/storage/key.ts'
import type { MediaKind } from '../media/media-kind.ts'

/** What is done with a content after its commit, one after the other in this order. */
export const STEP_NAMES = ['scan', 'probe', 'preview'] as const
export type StepName = (typeof STEP_NAMES)[number]

export const STEP_STATES = ['WAITING', 'RUNNING', 'DONE', 'SKIPPED', 'FAILED'] as const
export type StepState = (typeof STEP_STATES)[number]

/** One content of one media, as far as a step needs to know. */
export interface ContentRef {
  readonly mediaId: string
  readonly accountId: string
  readonly contentVersion: number
  readonly storeId: string
  readonly key: StorageKey
  /** SHA-256 of the content in lower-case hex. */
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  /** The true type. */
  readonly mimeType: string
  readonly kind: MediaKind
}

/**
 * How a step has ended. DONE: what it is for is there · SKIPPED: there is nothing to do, or nothing to do it with · FAILED: trying
 * again with the same bytes would fail again, until something else changes. `reason` is a word of the step's own table; `detail` is for
 * people. `stop`: the steps behind it are not for this content.
 */
export type StepOutcome =
  | { readonly state: 'DONE'; readonly stop?: string }
  | {
      readonly state: 'SKIPPED' | 'FAILED'
      readonly reason: string
      readonly detail?: string
      readonly stop?: string
    }

/** One thing that is done with contents. */
export interface Step {
  readonly name: StepName
  /** Whether there is anything to do for a content of this type; asked in the transaction of the commit, without I/O. */
  appliesTo(content: Pick<ContentRef, 'mimeType' | 'kind'>): boolean
  /**
   * Does it, and writes its own results for this content version alone: it may be done twice, and the media may have another content
   * meanwhile. What it rejects with is passing trouble (a store or a scanner that is away): it is tried again later.
   */
  run(content: ContentRef, signal: AbortSignal): Promise<StepOutcome>
}
