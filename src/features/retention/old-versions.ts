import { recordChanges } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'

/** Media of one sweep's transaction. */
const BATCH = 100
/** A download that began while there was a version may run for so long. */
const DOWNLOAD_SECONDS = 86_400

interface OldVersionsDeps {
  readonly database: Database
  /** Contents of a media that are kept, the present one included. */
  readonly keep: number
  /** For so long URLs are valid that were handed out for a version while it was kept. */
  readonly graceSeconds: number
}

/**
 * Whether `media_version v` of `media m` is not kept any more, and has not been for the grace: `$1` versions are kept, and `v`
 * left them when the version came that is `$1` later.
 */
const OVERDUE = `v.media_id = m.id AND v.n <= m.content_version - $1
  AND (SELECT min(later.created_at) FROM media_version later WHERE later.media_id = v.media_id AND later.n >= v.n + $1)
    < clock_timestamp() - $2 * interval '1 second'`

/**
 * Removes contents that were replaced so often that they are not kept, once no URL of them is valid; never those of a media under
 * legal hold. Until then they can be fetched, and count for the account. The reaper takes the bytes a day later, when no download runs.
 */
export class OldVersions {
  constructor(private readonly deps: OldVersionsDeps) {}

  /** How many versions went. Any node, at any time, several at once. */
  async remove(): Promise<number> {
    let removed = 0
    for (;;) {
      const batch = await this.#removeSome()
      removed += batch.versions
      if (batch.media < BATCH) return removed
    }
  }

  async #removeSome(): Promise<{ media: number; versions: number }> {
    const { database, keep, graceSeconds } = this.deps
    return database.transaction(async tx => {
      // The lock that a replacement and a legal hold take, too.
      const media: { id: string }[] = await tx.query(
        `SELECT m.id FROM media m WHERE m.content_version > 1 AND m.content_version > $1 AND m.open_holds = 0
         AND EXISTS (SELECT 1 FROM media_version v WHERE ${OVERDUE})
         LIMIT ${BATCH} FOR NO KEY UPDATE OF m SKIP LOCKED`,
        [keep, graceSeconds],
      )
      const gone: { accountId: string; mediaId: string; n: number }[] = await tx.query(
        `WITH gone AS (DELETE FROM media_version v USING media m WHERE m.id = ANY ($3) AND ${OVERDUE}
                       RETURNING v.blob_id, m.account_id, v.media_id, v.n),
           doomed AS (UPDATE blob SET of_media = gone.media_id, state = 'doomed',
                             doom_at = clock_timestamp() + $4 * interval '1 second', lease_until = NULL, fence = fence + 1
                      FROM gone WHERE id = gone.blob_id)
         SELECT account_id AS "accountId", media_id AS "mediaId", n FROM gone ORDER BY media_id, n`,
        [keep, graceSeconds, media.map(({ id }) => id), DOWNLOAD_SECONDS],
      )
      await recordChanges(
        tx,
        gone.map(({ accountId, mediaId: subjectId, n }) => ({
          accountId,
          action: 'media.versionRemoved',
          subjectId,
          details: { contentVersion: n },
        })),
      )
      return { media: media.length, versions: gone.length }
    })
  }
}
