import { recordChanges } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'

/** Media of one sweep's transaction. */
const BATCH = 100

/** Removes for good what has lain in the trash for its time and no legal hold keeps; the reaper takes the bytes. */
export class Trash {
  constructor(private readonly deps: { readonly database: Database }) {}

  /** How many media went. Any node, at any time, several at once. */
  async empty(): Promise<number> {
    let removed = 0
    for (;;) {
      const batch = await this.#emptySome()
      removed += batch
      if (batch < BATCH) return removed
    }
  }

  async #emptySome(): Promise<number> {
    return this.deps.database.transaction(async tx => {
      const media: { id: string; accountId: string }[] = await tx.query(
        `SELECT id, account_id AS "accountId" FROM media WHERE purge_at <= clock_timestamp() AND open_holds = 0
         ORDER BY purge_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      )
      const ids = media.map(({ id }) => id)
      const blobs: { blob_id: string }[] = await tx.query(
        `SELECT blob_id FROM media_version WHERE media_id = ANY ($1)
         UNION SELECT blob_id FROM media WHERE id = ANY ($1) AND blob_id IS NOT NULL`,
        [ids],
      )
      await tx.query(`DELETE FROM media WHERE id = ANY ($1)`, [ids])
      await recordChanges(
        tx,
        media.map(({ id: subjectId, accountId }) => ({ accountId, action: 'media.purged', subjectId })),
      )
      await tx.query(
        `UPDATE blob SET state = 'doomed', doom_at = clock_timestamp(), lease_until = NULL, fence = fence + 1
         WHERE id = ANY ($1)`,
        [blobs.map(({ blob_id }) => blob_id)],
      )
      return ids.length
    })
  }
}
