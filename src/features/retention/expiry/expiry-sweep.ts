import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import type { Outbox } from '../../../platform/events/outbox.ts'

/** Media of one sweep's transaction. */
const BATCH = 100

interface Due {
  readonly id: string
  readonly accountId: string
  readonly ownerId: string | null
  readonly groupIds: readonly string[]
}

/**
 * Takes out of every list what has expired and no legal hold keeps: into the trash, or where its rule says so to be removed at once.
 * What is held stays until the first sweep behind its release.
 */
export class ExpirySweep {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly outbox: Outbox
      readonly trashDays: number
    },
  ) {}

  /** How many media went. Any node, at any time, several at once: by the database's clock alone. */
  async run(): Promise<number> {
    let gone = 0
    for (;;) {
      const batch = await this.deps.database.transaction(tx => this.#some(tx))
      gone += batch
      if (batch < BATCH) return gone
    }
  }

  async #some(tx: EntityManager): Promise<number> {
    // `statement_timestamp()`: by `clock_timestamp()`, which is another at each row, no index is asked.
    // The lock that a change and a legal hold take, too: whoever extends or holds it first is seen.
    const due: Due[] = await tx.query(
      `SELECT m.id, m.account_id AS "accountId", m.owner_id AS "ownerId", m.group_ids AS "groupIds" FROM media m
       WHERE m.expires_at <= statement_timestamp() AND m.deleted_at IS NULL AND m.open_holds = 0
       ORDER BY m.expires_at LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`,
    )
    if (due.length === 0) return 0
    await tx.query(
      `UPDATE media SET deleted_at = clock_timestamp(), updated_at = clock_timestamp(), version = version + 1,
         purge_at = clock_timestamp() + CASE WHEN expires_for_good THEN 0 ELSE $2::int END * interval '1 day'
       WHERE id = ANY ($1)`,
      [due.map(({ id }) => id), this.deps.trashDays],
    )
    await this.deps.outbox.appendAll(
      tx,
      // By these it is decided who may hear of it once the row is gone.
      due.map(({ id, accountId, ownerId, groupIds }) => ({
        accountId,
        type: 'media.expired',
        mediaId: id,
        payload: { ownerId, groupIds },
      })),
    )
    return due.length
  }
}
