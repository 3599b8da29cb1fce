import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import type { ScanState } from '../media/media-kind.ts'
import type { ContentRef } from '../processing/step.ts'
import type { Locked, Quarantine } from './quarantine.ts'

type Content = Pick<ContentRef, 'mediaId' | 'contentVersion'>

export interface ScanResult {
  readonly state: Extract<ScanState, 'CLEAN' | 'INFECTED' | 'ERROR'>
  /** What was found, or why nothing can be said. */
  readonly detail: string | null
  /** Nothing was found out, and it is tried again: what an earlier scan has found stands. */
  readonly isPassing?: boolean
}

/**
 * Whether a result takes the place of what is known. What is infected becomes CLEAN by a verdict alone: that nobody can look at it today
 * does not let it out.
 */
const replaces = (before: ScanState, { state, isPassing }: ScanResult): boolean =>
  state !== 'ERROR' || (before !== 'INFECTED' && !(isPassing && before === 'CLEAN'))

/** Writes what scans have said of contents, and puts away what is infected, each in one transaction. */
export class ScanResults {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly outbox: Pick<Outbox, 'append'>
      readonly quarantine: Quarantine
    },
  ) {}

  /** What holds from now on; null where the content is gone meanwhile. May be done twice; of what is deleted nobody is told. */
  async write(content: Content, result: ScanResult): Promise<ScanState | null> {
    return this.deps.database.transaction(async tx => {
      const locked = await lockContent(tx, content)
      if (!locked) return null
      if (!replaces(locked.scan, result)) return locked.scan
      await remember(tx, content, result)
      if (result.state !== 'INFECTED') return result.state
      const { accountId, isDeleted, scan } = locked
      const { mediaId } = content
      if (!isDeleted && scan !== 'INFECTED')
        await this.deps.outbox.append(tx, { accountId, type: 'media.quarantined', mediaId })
      await this.deps.quarantine.put(tx, locked)
      return 'INFECTED'
    })
  }
}

/** Holds up replacements, deletions and legal holds of the media. */
async function lockContent(tx: EntityManager, content: Content): Promise<Locked | null> {
  const { mediaId, contentVersion } = content
  const [media] = await tx.query<Omit<Locked, 'scan'>[]>(
    `SELECT id AS "mediaId", $2::int AS "contentVersion", account_id AS "accountId", deleted_at IS NOT NULL AS "isDeleted",
            open_holds > 0 AS "isHeld", content_version = $2 AS "isPresent"
     FROM media WHERE id = $1 FOR NO KEY UPDATE`,
    [mediaId, contentVersion],
  )
  // A statement of its own: a snapshot from before the wait would not show what was waited for.
  const [version] = await tx.query<Pick<Locked, 'scan'>[]>(
    `SELECT scan FROM media_version WHERE media_id = $1 AND n = $2`,
    [mediaId, contentVersion],
  )
  return media && version ? { ...media, ...version } : null
}

/** Its revision stays: nobody has changed the media, and who has just uploaded it may still say so. */
async function remember(tx: EntityManager, content: Content, { state, detail }: ScanResult): Promise<void> {
  await tx.query(
    `WITH version AS (UPDATE media_version SET scan = $3, scan_detail = $4 WHERE media_id = $1 AND n = $2)
     UPDATE media SET scan = $3, scan_detail = $4 WHERE id = $1 AND content_version = $2`,
    [content.mediaId, content.contentVersion, state, detail],
  )
}
