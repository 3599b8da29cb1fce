import type { Database } from '../../../platform/db/database.ts'
import type { Sighting } from './findings.ts'

/** What is counted beside the rows that it counts: compared, and counted anew. */
export class Counts {
  constructor(private readonly deps: { readonly database: Database }) {}

  async accounts(): Promise<number> {
    const [row] = await this.deps.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM account`)
    return row?.n ?? 0
  }

  /** All of it is seen by one statement: a change of rows and counts is in it whole or not at all. */
  async wrongSums(): Promise<Sighting[]> {
    const rows = await this.deps.database.query<
      Record<'id' | 'used' | 'reserved' | 'items' | 'size' | 'staged' | 'media', string>
    >(
      `SELECT a.id, a.used_bytes AS used, a.reserved_bytes AS reserved, a.used_items AS items,
              coalesce(b.size, 0) AS size, coalesce(b.staged, 0) AS staged, coalesce(m.n, 0) AS media
       FROM account a
       LEFT JOIN (SELECT account_id, sum(size) AS size, sum(reserved_bytes) AS staged FROM blob GROUP BY account_id) b
         ON b.account_id = a.id
       LEFT JOIN (SELECT account_id, count(*) AS n FROM media GROUP BY account_id) m ON m.account_id = a.id
       WHERE (a.used_bytes, a.reserved_bytes, a.used_items) <> (coalesce(b.size, 0), coalesce(b.staged, 0), coalesce(m.n, 0))`,
    )
    return rows.map(row => ({
      code: 'sums-wrong',
      subject: row.id,
      message:
        `account ${row.id}: used ${row.used}, blobs hold ${row.size}; reserved ${row.reserved}, blobs reserve ${row.staged}; ` +
        `counts ${row.items} media, and there are ${row.media}`,
    }))
  }

  /**
   * Counts the bytes and media of an account anew. Whoever changes them changes the counts in the same transaction: one that holds the
   * lock of the account is waited for and counted, one that waits for ours adds its share afterwards.
   */
  async mendSums(accountId: string): Promise<void> {
    await this.deps.database.transaction(async tx => {
      await tx.query(`SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE`, [accountId])
      // A statement of its own: its snapshot must be younger than the lock.
      await tx.query(
        `UPDATE account SET (used_bytes, reserved_bytes) =
           (SELECT coalesce(sum(size), 0), coalesce(sum(reserved_bytes), 0) FROM blob WHERE account_id = $1),
           used_items = (SELECT count(*) FROM media WHERE account_id = $1)
         WHERE id = $1`,
        [accountId],
      )
    })
  }

  async wrongHolds(): Promise<Sighting[]> {
    const counts = await this.deps.database.query<Record<'id' | 'counted' | 'open', string>>(
      `SELECT m.id, m.open_holds AS counted, coalesce(h.open, 0) AS open
       FROM media m LEFT JOIN (SELECT media_id, count(*) AS open FROM legal_hold
                               WHERE released_at IS NULL GROUP BY media_id) h ON h.media_id = m.id
       WHERE m.open_holds <> coalesce(h.open, 0)`,
    )
    const doomed = await this.deps.database.query<Record<'id' | 'blob', string>>(
      `SELECT m.id, b.id AS blob FROM blob b JOIN media_version v ON v.blob_id = b.id JOIN media m ON m.id = v.media_id
       WHERE b.state = 'doomed' AND m.open_holds > 0`,
    )
    return [
      ...counts.map(({ id, counted, open }): Sighting => {
        const message = `media ${id}: counts ${counted} open legal holds, and there are ${open}`
        return { code: 'holds-wrong', subject: id, message }
      }),
      ...doomed.map(({ id, blob }): Sighting => {
        const message = `media ${id}: is under legal hold, and its blob ${blob} is doomed`
        return { code: 'held-doomed', subject: blob, message }
      }),
    ]
  }

  /** Counts the open legal holds of a media anew, under the lock that a new hold and a release take, too. */
  async mendHolds(mediaId: string): Promise<void> {
    await this.deps.database.transaction(async tx => {
      await tx.query(`SELECT 1 FROM media WHERE id = $1 FOR NO KEY UPDATE`, [mediaId])
      await tx.query(
        `UPDATE media SET open_holds = (SELECT count(*) FROM legal_hold WHERE media_id = $1 AND released_at IS NULL)
         WHERE id = $1`,
        [mediaId],
      )
    })
  }
}
