import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import type { Fault } from '../../platform/fault.ts'
import { AUDIT_COLUMNS, type AuditRow } from './audit.rows.ts'
import type { Link, Seals } from './seals.ts'

/** Rows of one transaction. */
const BATCH = 1_000

/**
 * What may be sealed. A refusal is counted on until its minute is over, and for one more, since the statement that counts may be
 * under way.
 */
const READY = `e.number IS NULL
  AND (e.outcome = 'done' OR e.occurred_at < date_trunc('minute', clock_timestamp()) - interval '1 minute')`

export interface SealerDeps {
  readonly database: Database
  readonly seals: Seals
  readonly fault: Fault
  /** A chain that could not be sealed; the others are. */
  readonly onFailure: (accountId: string, error: unknown) => void
}

/**
 * Gives each row of the audit log its place in the chain of its account, behind all that were sealed before. The place is given here
 * and not when the row is written: what commits late comes late, no number is missing, and no writer waits for another. Who
 * holds the chain's row seals; a second node passes it by. What a killed sealer had not committed, nobody has seen.
 */
export class Sealer {
  constructor(private readonly deps: SealerDeps) {}

  /** How many rows were sealed. Any node, at any time, several at once. */
  async run(): Promise<number> {
    const due = await this.deps.database.query<{ accountId: string }>(
      `SELECT DISTINCT e.account_id AS "accountId" FROM audit_event e WHERE ${READY}`,
    )
    let sealed = 0
    for (const { accountId } of due) {
      try {
        sealed += await this.#sealAll(accountId)
      } catch (error) {
        this.deps.onFailure(accountId, error)
      }
    }
    return sealed
  }

  async #sealAll(accountId: string): Promise<number> {
    let sealed = 0
    for (;;) {
      const batch = await this.deps.database.transaction(tx => this.#sealSome(tx, accountId))
      sealed += batch
      if (batch < BATCH) return sealed
    }
  }

  async #sealSome(tx: EntityManager, accountId: string): Promise<number> {
    const head = await lockHead(tx, accountId)
    if (!head) return 0
    const rows: AuditRow[] = await tx.query(
      `SELECT ${AUDIT_COLUMNS} FROM audit_event e WHERE e.account_id = $1 AND ${READY} ORDER BY e.seq LIMIT ${BATCH}`,
      [accountId],
    )
    if (rows.length === 0) return 0
    const { links, last } = this.#chain(head, rows)
    await tx.query(
      `UPDATE audit_event e SET number = x.number, key_id = $2, seal = decode(x.seal, 'hex')
       FROM jsonb_to_recordset($1::jsonb) AS x(id uuid, number bigint, seal text) WHERE e.id = x.id`,
      [JSON.stringify(links), this.deps.seals.keyId],
    )
    await this.deps.fault.hit('A1.sealed')
    await tx.query(`UPDATE audit_chain SET number = $2, seal = $3 WHERE account_id = $1`, [
      accountId,
      last.number,
      last.seal,
    ])
    return rows.length
  }

  #chain(head: Link, rows: readonly AuditRow[]) {
    let last = head
    const links = rows.map(row => {
      const number = last.number + 1
      last = { number, seal: this.deps.seals.ofRow(row, { previous: last.seal, number }) }
      return { id: row.id, number, seal: last.seal.toString('hex') }
    })
    return { links, last }
  }
}

/** The end of an account's chain, ours until the transaction ends; null while another node seals it. */
async function lockHead(tx: EntityManager, accountId: string): Promise<Link | null> {
  await tx.query(
    `INSERT INTO audit_chain (account_id, seal, base_seal) VALUES ($1, '', '') ON CONFLICT DO NOTHING`,
    [accountId],
  )
  const [head] = await tx.query(
    `SELECT number::float8 AS number, seal FROM audit_chain WHERE account_id = $1 FOR UPDATE SKIP LOCKED`,
    [accountId],
  )
  return head ?? null
}
