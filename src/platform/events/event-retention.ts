import type { Database } from '../db/database.ts'

/** Events of one transaction. */
const BATCH = 1_000

/** Removes events that have been kept for long enough. */
export class EventRetention {
  constructor(private readonly deps: { readonly database: Database; readonly days: number }) {}

  /** How many went. Any node, at any time, several at once. */
  async prune(): Promise<number> {
    let removed = 0
    for (;;) {
      const batch = await this.#pruneSome()
      removed += batch
      if (batch < BATCH) return removed
    }
  }

  /**
   * Oldest transactions first, and none that anybody might still be waiting for: a cursor that is made from now on has
   * seen every one that goes.
   */
  async #pruneSome(): Promise<number> {
    return this.deps.database.transaction(async tx => {
      // One at a time, or two nodes would wait for each other's rows.
      await tx.query('SELECT 1 FROM outbox_horizon FOR UPDATE')
      const [gone] = (await tx.query(
        `DELETE FROM outbox WHERE id IN (
           SELECT id FROM (SELECT id, occurred_at FROM outbox
             WHERE xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY xid, seq LIMIT ${BATCH}) AS oldest
           WHERE occurred_at < clock_timestamp() - $1 * interval '1 day')
         RETURNING xid`,
        [this.deps.days],
      )) as [{ xid: string }[], number]
      const last = gone.map(({ xid }) => BigInt(xid)).reduce((a, b) => (a > b ? a : b), 0n)
      await tx.query('UPDATE outbox_horizon SET xid = greatest(xid, $1::bigint)', [String(last)])
      return gone.length
    })
  }
}
