import type { Database } from '../../platform/db/database.ts'
import type { MediaKind } from '../media/media-kind.ts'
import { jobKey, type Pipeline } from './pipeline.ts'
import type { StepRows } from './step-rows.ts'

/** A job is made with its media, and by whoever asks again: what has had none for so long will get none by itself. */
const QUIET_MINUTES = 30
const AT_ONCE = 100

interface Waiting {
  readonly mediaId: string
  readonly contentVersion: number
  readonly mimeType: string
  readonly kind: MediaKind
  /** Whether it was tried as often as it may be; null when there is no job. */
  readonly isSpent: boolean | null
}

/**
 * Finds media that nobody works on although they are PROCESSING: whose last attempt took its process along, or whose job was lost, as
 * by a backup without the jobs.
 */
export class Stranded {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly rows: Pick<StepRows, 'giveUp'>
      readonly pipeline: Pick<Pipeline, 'beginAgain'>
    },
  ) {}

  /** What was tried often enough is FAILED; what has no job gets one. */
  async mend(): Promise<void> {
    const { database, rows, pipeline } = this.deps
    const waiting = await database.query<Waiting>(
      `SELECT m.id AS "mediaId", m.content_version AS "contentVersion", m.mime_type AS "mimeType", m.kind,
              j.attempts >= j.max_attempts AS "isSpent"
       FROM media m LEFT JOIN graphile_worker.jobs j ON j.key = ${jobKey('m.id')}
       WHERE m.status = 'PROCESSING' AND (
         j.id IS NULL AND m.updated_at < now() - $1 * interval '1 minute'
         OR j.attempts >= j.max_attempts AND j.locked_at IS NULL)
       ORDER BY m.updated_at LIMIT ${AT_ONCE}`,
      [QUIET_MINUTES],
    )
    for (const { isSpent, ...content } of waiting) {
      if (isSpent) await rows.giveUp(content)
      else await database.transaction(tx => pipeline.beginAgain(tx, [content]))
    }
  }
}
