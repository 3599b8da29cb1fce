import type { Database } from '../../../platform/db/database.ts'
import type { TransformTold } from '../transform.metrics.ts'
import { PREVIEW } from './variants.ts'

interface CleaningDeps {
  readonly database: Database
  /** Bytes of variants that an account keeps. */
  readonly maxBytes: number
  readonly told: Pick<TransformTold, 'evicted'>
}

const BATCH = 500
/** A download that began while there was a variant may run for so long. */
const DOWNLOAD_SECONDS = 3_600

/** Removes variants that are of no use any more. Any node, at any time, several at once; the reaper takes the bytes an hour later. */
export class VariantCleaning {
  constructor(private readonly deps: CleaningDeps) {}

  /** How many went. Once none of a content is kept by the account, in the trash or as a version, nobody can ask for its variants. */
  async removeOrphans(): Promise<number> {
    return this.#removeAll(
      'orphan',
      `SELECT v.account_id, v.sha256, v.recipe FROM variant v
       WHERE NOT EXISTS (SELECT 1 FROM media_version n JOIN media m ON m.id = n.media_id
                         WHERE n.sha256 = v.sha256 AND m.account_id = v.account_id)
       LIMIT ${BATCH}`,
    )
  }

  /** How many went of accounts that have too many bytes of them: those first that were not asked for the longest. Previews stay. */
  async removeExcess(): Promise<number> {
    return this.#removeAll(
      'quota',
      `SELECT account_id, sha256, recipe FROM (
         SELECT v.*, sum(b.size) OVER (PARTITION BY v.account_id ORDER BY v.last_used_at DESC, v.created_at DESC, v.sha256, v.recipe) AS kept
         FROM variant v JOIN blob b ON b.id = v.blob_id WHERE v.recipe <> '${PREVIEW}') ranked
       WHERE kept > $2 LIMIT ${BATCH}`,
      [this.deps.maxBytes],
    )
  }

  async #removeAll(reason: 'orphan' | 'quota', chosen: string, values: unknown[] = []): Promise<number> {
    const { database, told } = this.deps
    for (let removed = 0; ; ) {
      const gone = await database.query<{ id: string }>(
        `WITH chosen AS (${chosen}),
         locked AS (SELECT v.account_id, v.sha256, v.recipe FROM variant v JOIN chosen USING (account_id, sha256, recipe)
                    FOR UPDATE OF v SKIP LOCKED),
         gone AS (DELETE FROM variant v USING locked l
                  WHERE v.account_id = l.account_id AND v.sha256 = l.sha256 AND v.recipe = l.recipe RETURNING v.blob_id)
         UPDATE blob SET state = 'doomed', doom_at = clock_timestamp() + $1 * interval '1 second', lease_until = NULL, fence = fence + 1
         WHERE id IN (SELECT blob_id FROM gone) RETURNING id`,
        [DOWNLOAD_SECONDS, ...values],
      )
      removed += gone.length
      told.evicted(reason, gone.length)
      if (gone.length < BATCH) return removed
    }
  }
}
