import type { Sql } from '../../../platform/db/database.ts'
import type { Sighting } from './findings.ts'

/** Whether what went for good is gone. Changes nothing. */
export class PurgeFindings {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** Those that the reaper and the settlement should have ended long ago. */
  async unfinished(): Promise<Sighting[]> {
    const rows = await this.deps.database.query<{ id: string; since: Date; blobs: string }>(
      `SELECT media_id AS id, requested_at AS since, (SELECT count(*) FROM blob WHERE of_media = media_id) AS blobs
       FROM purge WHERE purged_at IS NULL AND requested_at < clock_timestamp() - interval '1 hour'`,
    )
    return rows.map(({ id, since, blobs }) => ({
      code: 'purge-open',
      subject: id,
      message: `media ${id}: went for good at ${since.toISOString()}, and ${blobs} of its blobs are still there`,
    }))
  }

  /** Rows that name a media that is no more. */
  async leftovers(): Promise<Sighting[]> {
    const rows = await this.deps.database.query<{ id: string; left: string }>(
      `SELECT p.media_id AS id, t.left FROM purge p JOIN (
         SELECT id AS media_id, 'its row' AS left FROM media
         UNION ALL SELECT media_id, 'the ticket ' || id FROM upload_ticket
         UNION ALL SELECT media_id, 'the resumable upload ' || id FROM tus_upload
       ) t ON t.media_id = p.media_id`,
    )
    return rows.map(({ id, left }) => ({
      code: 'purge-left',
      subject: id,
      message: `media ${id}: went for good, and ${left} is there`,
    }))
  }
}
