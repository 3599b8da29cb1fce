import type { EntityManager } from 'typeorm'
import { checkpointsOf } from '../../../platform/audit/checkpoint-key.ts'
import type { Database } from '../../../platform/db/database.ts'
import { AUDIT_COLUMNS, AUDIT_EVENT_PREFIX, type AuditRow, CHAINED_COLUMNS } from '../audit.rows.ts'
import type { Checkpoints, StoredCheckpoint } from '../checkpoints.ts'
import { ADOPTED, givenUpBy, markOf, numberOf } from '../given-up.ts'
import { type CheckpointText, isSameSeal, type Link, type Seals } from '../seals.ts'
import { ChainWalk, type SealedRow } from './chain-walk.ts'
import type { Finding } from './findings.ts'

export interface ChainReport {
  /** `''` for what concerns the installation. */
  readonly accountId: string
  /** Rows up to this number were removed by their age. */
  readonly removedThrough: number
  readonly sealedThrough: number
  /** Rows whose seals are right. */
  readonly verified: number
  /** Rows that are not sealed yet: nothing proves them. */
  readonly unsealed: number
  readonly unsealedSince: Date | null
  readonly checkpoints: number
  /** In the order of the chain. */
  readonly findings: readonly Finding[]
  /** Checkpoints that contradict the chain and were given up, as after a restore; no findings. */
  readonly givenUp: readonly GivenUp[]
}

export interface GivenUp {
  /** Global id of the row that gives them up. */
  readonly eventId: string
  readonly number: number
  readonly occurredAt: Date
  readonly principal: string
  /** Numbers of the checkpoints. */
  readonly checkpoints: readonly number[]
}

/** A report with what would have to be given up for the chain to be the one that the store has seen. */
export interface Examined {
  readonly report: ChainReport
  /** Checkpoints that lie in the store and say another thing than the chain. */
  readonly contradicting: readonly (StoredCheckpoint & { readonly text: CheckpointText })[]
  /** Keys of checkpoints that the database knows and the store does not have. */
  readonly missing: readonly string[]
}

interface Chain extends Link {
  readonly checkpointNumber: number
  readonly baseNumber: number
  readonly baseSeal: Buffer
  readonly baseKeyId: string | null
  readonly baseMac: Buffer | null
}

const BATCH = 1_000

export interface AuditVerifierDeps {
  readonly database: Database
  readonly seals: Seals
  readonly checkpoints: Pick<Checkpoints, 'stored'>
}

/**
 * Holds the audit log against its seals and against what the store has seen of it. It finds what was done to rows that are sealed, by
 * whoever does not know the pepper; not what was done to a row before it was sealed, nor the loss of the newest rows where
 * every checkpoint of them went from store and database as well.
 */
export class AuditVerifier {
  constructor(private readonly deps: AuditVerifierDeps) {}

  /** Chain by chain, of one account or of all. Beside running gateways; rejects when the store does not answer. */
  async *run(accountId?: string): AsyncGenerator<ChainReport> {
    for await (const { report } of this.examine(accountId)) yield report
  }

  /** The same, with what is behind it. */
  async *examine(accountId?: string): AsyncGenerator<Examined> {
    // The store first: what it has seen, the database must have.
    const stored = await Array.fromAsync(this.deps.checkpoints.stored(accountId))
    const accounts = accountId === undefined ? await this.#accounts(stored) : [accountId]
    for (const each of accounts) yield await this.#verify(each, stored)
  }

  /**
   * Whether there is anything of an account to verify: rows, a chain, or checkpoints, in the database or in the store. Of the
   * installation (`''`) there is, though nothing may have concerned it yet.
   */
  async knows(accountId: string): Promise<boolean> {
    if (accountId === '') return true
    for await (const _ of this.deps.checkpoints.stored(accountId)) return true
    const found = await this.deps.database.query(
      `SELECT 1 FROM audit_chain WHERE account_id = $1 UNION ALL SELECT 1 FROM audit_checkpoint WHERE account_id = $1
       UNION ALL SELECT 1 FROM audit_event WHERE account_id = $1 LIMIT 1`,
      [accountId],
    )
    return found.length > 0
  }

  async #accounts(stored: readonly StoredCheckpoint[]): Promise<string[]> {
    const rows = await this.deps.database.query<{ accountId: string }>(
      `SELECT account_id AS "accountId" FROM audit_chain UNION SELECT account_id FROM audit_checkpoint
       UNION SELECT DISTINCT account_id FROM audit_event`,
    )
    const ids = [...rows.map(row => row.accountId), ...stored.flatMap(({ text }) => text?.accountId ?? [])]
    return [...new Set(ids)].sort()
  }

  /** In one snapshot, whatever is sealed and removed meanwhile. */
  async #verify(accountId: string, stored: readonly StoredCheckpoint[]): Promise<Examined> {
    const missing = await this.#missing(accountId, stored)
    return this.deps.database.transaction(async tx => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
      const chain = await chainOf(tx, accountId)
      const adoptions = await this.#adoptions(tx, accountId)
      const seen = seenOf(stored, accountId, new Set(adoptions.flatMap(({ marks }) => marks)))
      const own = seen.flatMap(({ key, text }) => (text ? [{ key, text }] : []))
      const base = { number: chain?.baseNumber ?? 0, seal: chain?.baseSeal ?? Buffer.alloc(0) }
      const walk = new ChainWalk(this.deps.seals, {
        base,
        head: chain,
        checkpoints: sealsByNumber(own.map(({ text }) => text).filter(({ number }) => number > base.number)),
      })
      if (chain && !this.#isBaseRight(accountId, chain)) walk.find('base-changed', { number: base.number })
      const numbers = new Set(own.map(({ text }) => text.number))
      const there = new Map([[base.number, base.seal]])
      for (const { number, seal } of own.map(({ text }) => text))
        if (number === base.number && !isSameSeal(seal, base.seal))
          walk.find('checkpoint-differs', { number })
      for await (const row of sealedRows(tx, accountId)) {
        walk.take(row)
        if (numbers.has(row.number)) there.set(row.number, row.seal)
      }
      walk.end()
      for (const key of missing)
        walk.find('checkpoint-removed', { number: null }, `${key} is not in the store`)
      if (chain && chain.checkpointNumber > base.number && seen.length === 0 && missing.length === 0)
        walk.find('checkpoint-removed', { number: chain.checkpointNumber })
      for (const { key, text } of stored)
        if (!text && (await isNoted(tx, accountId, key)))
          walk.find('checkpoint-changed', { number: null }, `${key} is not what was written`)
      const [rest] = await tx.query(
        `SELECT count(*)::int AS unsealed, min(occurred_at) AS "unsealedSince" FROM audit_event WHERE account_id = $1 AND number IS NULL`,
        [accountId],
      )
      const report: ChainReport = {
        accountId,
        removedThrough: base.number,
        sealedThrough: walk.last.number,
        verified: walk.verified,
        ...rest,
        checkpoints: own.length,
        findings: walk.findings,
        givenUp: adoptions.map(({ row, marks }) => ({
          eventId: AUDIT_EVENT_PREFIX + row.id,
          number: row.number as number,
          occurredAt: row.occurredAt,
          principal: row.principal,
          checkpoints: marks.map(numberOf),
        })),
      }
      const contradicting = own
        .filter(({ text: { number, seal } }) => {
          const other = there.get(number)
          return other ? !isSameSeal(other, seal) : number > walk.last.number
        })
        .sort((a, b) => a.text.number - b.text.number)
      return { report, contradicting, missing }
    })
  }

  /** Rows of the chain that give checkpoints up, with those. */
  async #adoptions(tx: EntityManager, accountId: string) {
    const rows: AuditRow[] = await tx.query(
      `SELECT ${AUDIT_COLUMNS} FROM audit_event e
       WHERE e.account_id = $1 AND e.action = $2 AND e.outcome = 'done' AND e.number IS NOT NULL ORDER BY e.number`,
      [accountId, ADOPTED],
    )
    return rows
      .map(row => ({ row, marks: givenUpBy(row, this.deps.seals) }))
      .filter(({ marks }) => marks.length > 0)
  }

  /** Checkpoints that have rows and no objects; a row that is gone by now was let go meanwhile, as old ones are. */
  async #missing(accountId: string, stored: readonly StoredCheckpoint[]): Promise<string[]> {
    const there = new Set(stored.map(({ key }) => key))
    const ask = () =>
      this.deps.database.query<{ key: string }>(`SELECT key FROM audit_checkpoint WHERE account_id = $1`, [
        accountId,
      ])
    const lacking = (await ask()).filter(({ key }) => !there.has(key))
    if (lacking.length === 0) return []
    // One that was written since the store was asked is there by now.
    for await (const { key } of this.deps.checkpoints.stored(accountId)) there.add(key)
    const still = new Set((await ask()).map(({ key }) => key))
    return lacking.map(({ key }) => key).filter(key => !there.has(key) && still.has(key))
  }

  #isBaseRight(
    accountId: string,
    { baseNumber: number, baseSeal: seal, baseKeyId, baseMac }: Chain,
  ): boolean {
    const { seals } = this.deps
    if (number === 0) return seal.length === 0
    if (!baseKeyId || !baseMac || !seals.knows(baseKeyId)) return false
    return isSameSeal(seals.ofBase(accountId, { number, seal }, baseKeyId), baseMac)
  }
}

/** What the store has of a chain, but for what was given up. */
const seenOf = (stored: readonly StoredCheckpoint[], accountId: string, givenUp: ReadonlySet<string>) =>
  stored.filter(
    ({ key, text }) => key.startsWith(checkpointsOf(accountId)) && !(text && givenUp.has(markOf(key, text))),
  )

function sealsByNumber(links: readonly Link[]): Map<number, Buffer[]> {
  const seals = new Map<number, Buffer[]>()
  for (const { number, seal } of links) seals.set(number, [...(seals.get(number) ?? []), seal])
  return seals
}

async function chainOf(tx: EntityManager, accountId: string): Promise<Chain | null> {
  const [chain] = await tx.query(
    `SELECT number::float8 AS number, seal, checkpoint_number::float8 AS "checkpointNumber",
            base_number::float8 AS "baseNumber", base_seal AS "baseSeal", base_key_id AS "baseKeyId", base_mac AS "baseMac"
     FROM audit_chain WHERE account_id = $1`,
    [accountId],
  )
  return chain ?? null
}

async function* sealedRows(tx: EntityManager, accountId: string): AsyncGenerator<SealedRow> {
  let after = Number.MIN_SAFE_INTEGER
  for (;;) {
    const rows: SealedRow[] = await tx.query(
      `SELECT ${CHAINED_COLUMNS} FROM audit_event e WHERE e.account_id = $1 AND e.number > $2 ORDER BY e.number LIMIT ${BATCH}`,
      [accountId, after],
    )
    yield* rows
    if (rows.length < BATCH) return
    after = (rows.at(-1) as SealedRow).number
  }
}

async function isNoted(tx: EntityManager, accountId: string, key: string): Promise<boolean> {
  const found = await tx.query(`SELECT 1 FROM audit_checkpoint WHERE account_id = $1 AND key = $2`, [
    accountId,
    key,
  ])
  return found.length > 0
}
