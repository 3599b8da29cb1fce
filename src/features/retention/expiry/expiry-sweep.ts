import type { EntityManager } from 'typeorm'
import { actingAs, jobActor } from '../../../platform/audit/actor.ts'
import type { Database } from '../../../platform/db/database.ts'
import type { Outbox } from '../../../platform/events/outbox.ts'
import { IS_EXPIRED } from '../../media/media-expiry.ts'
import type { ExpiredNames, MediaName } from '../../media/media-names.ts'

export const EXPIRY_JOB = 'retention.expire'

/** Media of one sweep's transaction. */
const BATCH = 100

interface Due {
  readonly id: string
  readonly accountId: string
  readonly ownerId: string | null
  readonly groupIds: readonly string[]
}

const DUE = `m.id, m.account_id AS "accountId", m.owner_id AS "ownerId", m.group_ids AS "groupIds"`

/**
 * Takes out of every list what has expired and no legal hold keeps: into the trash, or where its rule says so to be removed at once.
 * What is held stays until the first sweep behind its release.
 */
export class ExpirySweep implements ExpiredNames {
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

  async free(tx: EntityManager, { accountId, name }: MediaName): Promise<void> {
    const due: Due[] = await tx.query(
      `SELECT ${DUE} FROM media m
       WHERE m.account_id = $1 AND m.name = $2 AND m.deleted_at IS NULL AND ${IS_EXPIRED} FOR NO KEY UPDATE`,
      [accountId, name],
    )
    // It goes since its time is over, not by the word of who has come a moment ahead of the sweep.
    await actingAs(jobActor(EXPIRY_JOB), () => this.#takeOut(tx, due))
  }

  async #some(tx: EntityManager): Promise<number> {
    // `statement_timestamp()`: by `clock_timestamp()`, which is another at each row, no index is asked.
    // The lock that a change and a legal hold take, too: whoever extends or holds it first is seen.
    const due: Due[] = await tx.query(
      `SELECT ${DUE} FROM media m
       WHERE m.expires_at <= statement_timestamp() AND m.deleted_at IS NULL AND m.open_holds = 0
       ORDER BY m.expires_at LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`,
    )
    await this.#takeOut(tx, due)
    return due.length
  }

  /** Media that are locked. */
  async #takeOut(tx: EntityManager, due: readonly Due[]): Promise<void> {
    if (due.length === 0) return
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
  }
}
