import type { EntityManager } from 'typeorm'
import type { Principal } from '../access/viewer.ts'
import { oldestWithContent } from '../media/duplicates.ts'
import type { MediaRow } from '../media/media.row.ts'

/** What an upload may ask for in case that the account has its content already. */
export const DUPLICATE_POLICIES = ['KEEP', 'REFUSE', 'RETURN_EXISTING'] as const
export type DuplicatePolicy = (typeof DUPLICATE_POLICIES)[number]

/**
 * The oldest media of the account with this content that the viewer may read; null without one. Until the transaction ends,
 * nobody else who asks this gets an answer for this content: of many at once, the first one makes it, and the others find it. An
 * upload with KEEP does not ask, and need not wait here: whatever it finds, it would be kept.
 */
export async function soleDuplicate(
  tx: EntityManager,
  viewer: Principal,
  sha256: string,
): Promise<MediaRow | null> {
  // A statement of its own, ahead of the other: a snapshot from before the wait would not show what was waited for.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${viewer.accountId} ${sha256}`])
  return oldestWithContent(tx, viewer, sha256)
}
