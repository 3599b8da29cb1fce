import { createHash } from 'node:crypto'
import type { Sql } from '../../platform/db/database.ts'
import type { Rate } from './limits.config.ts'

/** No block lasts longer, except that it always lasts a whole window. */
const LONGEST_BLOCK_SECONDS = 3600

/** Whether a block that follows another one is longer. */
export type BackOff = 'growing' | 'steady'

/**
 * The counts of failed logins that all nodes share, by the database's clock. As many failures as the rate allows within its
 * window block the subject for one window. With growing back-off, each failure that comes within an hour after a block
 * brings the next one, twice as long, up to an hour.
 */
export class LoginFailures {
  constructor(private readonly deps: { readonly database: Sql; readonly rate: Rate }) {}

  /** How long each subject is still blocked, in milliseconds; 0 when it is not. */
  async blockedFor(subjects: readonly string[]): Promise<number[]> {
    const rows = await this.deps.database.query<{ subject: Buffer; ms: number }>(
      `SELECT subject, round(extract(epoch FROM until - now()) * 1000)::float8 AS ms
       FROM login_failure WHERE subject = ANY ($1) AND failures >= $2 AND until > now()`,
      [subjects.map(digest), this.deps.rate.most],
    )
    return subjects.map(subject => rows.find(row => row.subject.equals(digest(subject)))?.ms ?? 0)
  }

  /** Counts one failure; how long the subject is blocked from now on, in milliseconds; 0 when it is not. */
  async count(subject: string, backOff: BackOff): Promise<number> {
    const { database, rate } = this.deps
    const [factor, memory] = backOff === 'growing' ? [2, LONGEST_BLOCK_SECONDS] : [1, 0]
    const [row] = await database.query<{ ms: number }>(
      `INSERT INTO login_failure AS f (subject, failures, until)
       VALUES ($1, 1, now() + $3::float8 * interval '1 second')
       ON CONFLICT (subject) DO UPDATE SET (failures, until) = (
         SELECT n, CASE
           WHEN n > 1 AND n < $2 THEN f.until
           ELSE now() + least($3 * $4::float8 ^ least(greatest(n - $2, 0), 20), greatest($3, $6::float8)) * interval '1 second'
         END
         FROM (SELECT CASE
           WHEN now() < f.until + CASE WHEN f.failures >= $2 THEN $5::float8 ELSE 0 END * interval '1 second' THEN f.failures + 1
           ELSE 1
         END) AS counted (n))
       RETURNING CASE WHEN failures >= $2::integer THEN round(extract(epoch FROM until - now()) * 1000)::float8 ELSE 0 END AS ms`,
      [digest(subject), rate.most, rate.seconds, factor, memory, LONGEST_BLOCK_SECONDS],
    )
    return row?.ms ?? 0
  }

  /** Removes what no longer counts; gives how many rows. */
  async forget(): Promise<number> {
    const rows = await this.deps.database.query(
      `DELETE FROM login_failure WHERE until < now() - $1 * interval '1 second' RETURNING 1`,
      [LONGEST_BLOCK_SECONDS],
    )
    return rows.length
  }
}

/** The table keeps neither addresses nor what people typed as their name. */
const digest = (subject: string): Buffer => createHash('sha256').update(subject).digest()
