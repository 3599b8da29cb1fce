import type { EntityManager } from 'typeorm'
import { recordChange } from '../../platform/audit/trail.ts'
import type { ScanState } from '../media/media-kind.ts'
import type { MediaWriter } from '../media/media-writer.ts'

/** A content whose media is locked. */
export interface Locked {
  readonly mediaId: string
  readonly contentVersion: number
  readonly accountId: string
  /** What is known of it so far. */
  readonly scan: ScanState
  /** Whether the media has it now. */
  readonly isPresent: boolean
  /** Whether the media lies in the trash. */
  readonly isDeleted: boolean
  /** Whether a legal hold keeps it. */
  readonly isHeld: boolean
}

/**
 * What becomes of infected contents beside that nobody gets them: nothing, or they go. The media of a present content goes to the trash as by
 * anybody's hand, and its bytes with the trash; a content that was replaced goes for good, and nobody misses it.
 */
export class Quarantine {
  constructor(
    private readonly deps: {
      readonly writer: Pick<MediaWriter, 'write'>
      readonly infected: 'keep' | 'delete'
    },
  ) {}

  async put(tx: EntityManager, content: Locked): Promise<void> {
    if (this.deps.infected === 'keep' || content.isHeld) return
    if (!content.isPresent) await removeVersion(tx, content)
    else if (!content.isDeleted) await this.#throwAway(tx, content)
  }

  async #throwAway(tx: EntityManager, { mediaId, accountId }: Locked): Promise<void> {
    const patch = { id: mediaId, columns: {}, own: {} }
    await this.deps.writer.write(tx, [patch], { accountId, event: 'media.deleted', returning: new Set() })
  }
}

/** Without a grace for downloads that run, as old versions have one: they should not. */
async function removeVersion(tx: EntityManager, content: Locked): Promise<void> {
  const { mediaId, contentVersion, accountId } = content
  await tx.query(
    `WITH gone AS (DELETE FROM media_version WHERE media_id = $1 AND n = $2 RETURNING blob_id)
     UPDATE blob SET of_media = $1, state = 'doomed', doom_at = clock_timestamp(), lease_until = NULL, fence = fence + 1
     WHERE id IN (SELECT blob_id FROM gone)`,
    [mediaId, contentVersion],
  )
  const details = { contentVersion, scan: 'INFECTED' }
  await recordChange(tx, { accountId, action: 'media.versionRemoved', subjectId: mediaId, details })
}
