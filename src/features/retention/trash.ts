import type { Database } from '../../platform/db/database.ts'
import type { Purges } from './purge/purges.ts'

/** Media of one sweep's transaction. */
const BATCH = 100

/** Removes for good what has lain in the trash for its time and no legal hold keeps; the reaper takes the bytes. */
export class Trash {
  constructor(
    private readonly deps: { readonly database: Database; readonly purges: Pick<Purges, 'remove'> },
  ) {}

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
      const media: { id: string }[] = await tx.query(
        `SELECT id FROM media WHERE purge_at <= statement_timestamp() AND open_holds = 0
         ORDER BY purge_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      )
      const ids = media.map(({ id }) => id)
      await this.deps.purges.remove(tx, { ids, by: 'job:trash.empty' }, { atOnce: false })
      return ids.length
    })
  }
}
