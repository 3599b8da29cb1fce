import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { selectList } from '../../media/media.row.ts'
import { type Expiry, GIVEN } from '../../media/media-expiry.ts'
import { expiryOf, isSame } from './expiry-terms.ts'
import type { RetentionRules } from './retention-rules.ts'
import { RULED_COLUMNS, type RuledMedia } from './ruled-media.ts'

/** Media of one transaction. */
const BATCH = 500

/**
 * Applies rules that have changed to the media that are there, those in the trash too, some at a time; a run that breaks off is taken up where
 * it was left. Once a day it is done again, for what nodes with other rules have written meanwhile. What a person has said stays.
 */
export class RuleApplication {
  constructor(private readonly deps: { readonly database: Database; readonly rules: RetentionRules }) {}

  /** How many media have another expiry now. Any node, at any time, several at once. */
  async run(): Promise<number> {
    const { database, rules } = this.deps
    const isOver = rules.doors?.length === 0 ? 'false' : `p.finished_at < now() - interval '1 day'`
    await database.query(
      `INSERT INTO retention_pass AS p (id, rules) VALUES (1, $1) ON CONFLICT (id)
       DO UPDATE SET rules = excluded.rules, after_id = NULL, finished_at = NULL WHERE p.rules <> $1 OR ${isOver}`,
      [rules.fingerprint],
    )
    let changed = 0
    for (;;) {
      const batch = await database.transaction(tx => this.#some(tx))
      if (batch === null) return changed
      changed += batch
    }
  }

  /** Null when there is nothing left to do. */
  async #some(tx: EntityManager): Promise<number | null> {
    const { rules } = this.deps
    const [pass]: { afterId: string | null }[] = await tx.query(
      `SELECT after_id AS "afterId" FROM retention_pass WHERE rules = $1 AND finished_at IS NULL FOR UPDATE`,
      [rules.fingerprint],
    )
    if (!pass) return null
    const media: RuledMedia[] = await tx.query(
      `SELECT ${selectList(RULED_COLUMNS)} FROM media m
       WHERE ($1::uuid IS NULL OR m.id > $1) AND m.expires_by IS DISTINCT FROM '${GIVEN}'
         AND ($2::text[] IS NULL OR m.door = ANY ($2) OR m.expires_by IS NOT NULL)
       ORDER BY m.id LIMIT ${BATCH} FOR NO KEY UPDATE`,
      [pass.afterId, rules.doors],
    )
    const others = media.flatMap(each => {
      const expiry = expiryOf(rules.of(each))
      return isSame(expiry, each) ? [] : [{ id: each.id, ...expiry }]
    })
    if (others.length > 0) await write(tx, others)
    await tx.query(
      `UPDATE retention_pass SET after_id = coalesce($1, after_id), finished_at = CASE WHEN $2 THEN clock_timestamp() END`,
      [media.at(-1)?.id ?? null, media.length < BATCH],
    )
    return others.length
  }
}

const write = (tx: EntityManager, media: readonly ({ readonly id: string } & Expiry)[]): Promise<unknown> =>
  tx.query(
    `UPDATE media m SET expires_at = x."expiresAt", expires_by = x."expiresBy", expires_for_good = x."expiresForGood"
     FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, "expiresAt" timestamptz, "expiresBy" text, "expiresForGood" boolean)
     WHERE m.id = x.id`,
    [JSON.stringify(media)],
  )
