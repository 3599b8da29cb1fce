import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import { CHAINED_COLUMNS, type ChainedRow } from './audit.rows.ts'
import { givenUpBy, keyOf } from './given-up.ts'
import { isSameSeal, type Link, type Seals } from './seals.ts'

/** Rows of one transaction. */
const BATCH = 5_000

interface Chain extends Link {
  readonly checkpointNumber: number
}

export interface AuditRetentionDeps {
  readonly database: Database
  readonly storage: Pick<Storage, 'delete' | 'defaultStore'>
  readonly seals: Seals
  /** Told of a chain of which nothing goes, since it is not whole. */
  readonly onBroken: (accountId: string, number: number) => void
  /** 0 = for ever. */
  readonly days: number
}

/**
 * Removes rows from the beginnings of the chains once they are old enough. The seal of the last one that goes stays, with what proves that
 * the gateway has put it there: the rest is verified from it on. Only what a checkpoint stands for goes.
 */
export class AuditRetention {
  constructor(private readonly deps: AuditRetentionDeps) {}

  /** How many rows went. Any node, at any time, several at once. */
  async prune(): Promise<number> {
    if (this.deps.days === 0) return 0
    const chains = await this.deps.database.query<{ accountId: string }>(
      `SELECT account_id AS "accountId" FROM audit_chain WHERE base_number < checkpoint_number`,
    )
    let removed = 0
    for (const { accountId } of chains) removed += await this.#pruneChain(accountId)
    return removed
  }

  async #pruneChain(accountId: string): Promise<number> {
    let removed = 0
    for (;;) {
      const batch = await this.deps.database.transaction(tx => this.#pruneSome(tx, accountId))
      removed += batch
      if (batch < BATCH) break
    }
    if (removed > 0) await this.#forgetCheckpoints(accountId)
    return removed
  }

  /** The base moves first: the database lets nothing go that lies behind it. */
  async #pruneSome(tx: EntityManager, accountId: string): Promise<number> {
    const { days, seals } = this.deps
    const [chain]: Chain[] = await tx.query(
      `SELECT base_number::float8 AS number, base_seal AS seal, checkpoint_number::float8 AS "checkpointNumber"
       FROM audit_chain WHERE account_id = $1 FOR UPDATE`,
      [accountId],
    )
    if (!chain) return 0
    const oldest: (ChainedRow & { isOld: boolean })[] = await tx.query(
      `SELECT ${CHAINED_COLUMNS}, e.occurred_at < clock_timestamp() - $3 * interval '1 day' AS "isOld"
       FROM audit_event e WHERE e.account_id = $1 AND e.number > $2 AND e.number <= $4 ORDER BY e.number LIMIT ${BATCH}`,
      [accountId, chain.number, days, chain.checkpointNumber],
    )
    const young = oldest.findIndex(({ isOld }) => !isOld)
    const going = young < 0 ? oldest : oldest.slice(0, young)
    const last = this.#lastOf(accountId, chain, going)
    if (!last) return 0
    await this.#forgetGivenUp(accountId, going)
    await tx.query(
      `UPDATE audit_chain SET base_number = $2, base_seal = $3, base_key_id = $4, base_mac = $5 WHERE account_id = $1`,
      [accountId, last.number, last.seal, seals.keyId, seals.ofBase(accountId, last)],
    )
    await tx.query(`DELETE FROM audit_event WHERE account_id = $1 AND number <= $2`, [accountId, last.number])
    return going.length
  }

  /** Where the rows that may go end. Nothing goes of a chain that is not whole: with it would go what proves that. */
  #lastOf(accountId: string, base: Link, rows: readonly ChainedRow[]): Link | null {
    const { seals, onBroken } = this.deps
    let last = base
    for (const { seal, keyId, ...row } of rows) {
      const number = last.number + 1
      const isWhole =
        row.number === number &&
        seal !== null &&
        keyId !== null &&
        seals.knows(keyId) &&
        isSameSeal(seals.ofRow(row, { previous: last.seal, number, keyId }), seal)
      if (!isWhole) {
        onBroken(accountId, number)
        return null
      }
      last = { number, seal }
    }
    return last === base ? null : last
  }

  /** With the row that gives checkpoints up they would contradict the chain again. */
  async #forgetGivenUp(accountId: string, rows: readonly ChainedRow[]): Promise<void> {
    const { storage, seals } = this.deps
    for (const mark of rows.flatMap(row => givenUpBy(row, seals)))
      await storage.delete({ storeId: storage.defaultStore, key: keyOf(accountId, mark) })
  }

  /** Those that stand for rows which are gone, but for the last one. */
  async #forgetCheckpoints(accountId: string): Promise<void> {
    const gone = await this.deps.database.query<{ key: StorageKey; storeId: string }>(
      `DELETE FROM audit_checkpoint k USING audit_chain c
       WHERE k.account_id = $1 AND c.account_id = $1 AND k.number < c.base_number AND k.number < c.checkpoint_number
       RETURNING k.key, k.store_id AS "storeId"`,
      [accountId],
    )
    for (const ref of gone) await this.deps.storage.delete(ref)
  }
}
