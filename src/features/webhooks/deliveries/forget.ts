import type { Sql } from '../../../platform/db/database.ts'

const BATCH = 5_000

/** Removes deliveries that were settled for so long that their events are gone, too. What waits stays. */
export class SettledDeliveries {
  constructor(private readonly deps: { readonly database: Sql; readonly days: number }) {}

  /** Any node, at any time, several at once. */
  async forget(): Promise<void> {
    for (let removed = BATCH; removed === BATCH; ) {
      const rows = await this.deps.database.query(
        `WITH old AS (SELECT id FROM webhook_delivery WHERE settled_at < clock_timestamp() - $1 * interval '1 day'
           ORDER BY settled_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
         DELETE FROM webhook_delivery d USING old WHERE d.id = old.id RETURNING d.id`,
        [this.deps.days],
      )
      removed = rows.length
    }
  }
}
