import type { EntityManager } from 'typeorm'
import type { MediaRow } from './media.row.ts'

/** Media that are locked, and by whose word they go. */
export interface Removing {
  readonly ids: readonly string[]
  /** Names the credential. */
  readonly by: string
}

/** How media go for good: with all that hangs on them, in two steps, the second of which may be anybody's. */
export interface MediaRemoval {
  /** Removes the rows, in the transaction that has locked the media; gives the media as they were. */
  remove(tx: EntityManager, removing: Removing): Promise<readonly MediaRow[]>
  /**
   * Removes the bytes, once that is committed: when the last of them were gone, for each media of which they are. What is absent goes
   * later by itself. Does not reject.
   */
  finish(ids: readonly string[]): Promise<ReadonlyMap<string, Date>>
}
