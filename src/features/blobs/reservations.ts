import type { EntityManager } from 'typeorm'
import type { Database, Sql } from '../../platform/db/database.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { type BlobSubject, demandSubject, subjectSql } from './blob-subject.ts'
import { leaseLost } from './blobs.errors.ts'
import { asParameter, figuresOf, limitOf, type Quotas } from './quotas.ts'
import type { Lent, StagedBlob } from './staged-blob.ts'

/** A blob that is to be, and what is known of its bytes. */
export interface Admitted {
  readonly id: string
  readonly accountId: string
  readonly storeId: string
  readonly key: string
  /** Bytes that are held at once; null: as many as come are held as they come. */
  readonly reserve: number | null
  /** What they are made for, where that is there already. */
  readonly of: BlobSubject | undefined
  /** Whether a media is to be made of them. */
  readonly isNewItem: boolean
  readonly leaseSeconds: number
}

/** Called before so many bytes in all go to the store; undefined where they are held already. Rejects with QUOTA_EXCEEDED, LEASE_LOST. */
export type Room = (total: number) => Promise<void> | undefined

/** What is held ahead for bytes of unknown number: at least so far ahead, three times what has come, no more than this. */
const FIRST_STEP = 2 ** 20
const LONGEST_STEP = 64 * 2 ** 20
/** Of what the account has left, so that many at once do not take from each other what none of them needs. */
const SHARE = 16

const hasRoom = (bytes: string, limit: string): string =>
  `coalesce(a.used_bytes + a.reserved_bytes + ${bytes}::bigint <= ${limitOf('bytes', limit)}, true)`
const hasItems = (items: string, limit: string): string =>
  `(${items}::bigint = 0 OR coalesce(a.used_items + ${items}::bigint <= ${limitOf('items', limit)}, true))`

/**
 * What an account's bytes may grow to, kept by the rows of `account` and `blob`: every byte is held before it goes to the store.
 * Whoever holds the lock of the account decides; locks are taken in the order blob, account.
 */
export class Reservations {
  constructor(private readonly deps: { readonly database: Database; readonly quotas: Quotas }) {}

  /**
   * Makes the row of a staged blob with what is held for it; gives that, Infinity where nothing need be held. For bytes of unknown
   * number the account is not locked: the first of them ask. Rejects with QUOTA_EXCEEDED, and with NOT_FOUND when their subject is gone.
   */
  async admit(tx: EntityManager, blob: Admitted): Promise<number> {
    const { bytes, items } = this.deps.quotas.defaults
    const { id, accountId, storeId, key, reserve, of, leaseSeconds } = blob
    const media = blob.isNewItem ? 1 : 0
    const isOpen = reserve === null
    const p = new SqlParameters()
    const account = p.add(accountId, 'text')
    const limit = p.add(asParameter(bytes), 'bigint')
    const subject = subjectSql(of, accountId, p)
    const row = [
      `${p.add(id, 'uuid')}, a.id, ${p.add(storeId, 'text')}, ${p.add(key, 'text')}, 'staged'`,
      `${p.add(reserve ?? 0, 'bigint')}, clock_timestamp() + ${p.add(leaseSeconds, 'double precision')} * interval '1 second'`,
      subject.columns,
    ]
    const room = () =>
      `AND ${hasRoom('0', limit)} AND ${hasItems(p.add(media, 'bigint'), p.add(asParameter(items), 'bigint'))}`
    const [made]: { isFree: boolean }[] = await tx.query(
      `INSERT INTO blob (id, account_id, store_id, key, state, reserved_bytes, lease_until, of_media, of_content)
       SELECT ${row.join(', ')} FROM account a ${subject.join} WHERE a.id = ${account} ${isOpen ? room() : ''} ${subject.lock}
       RETURNING (SELECT ${limitOf('bytes', limit)} IS NULL FROM account a WHERE a.id = ${account}) AS "isFree"`,
      p.values,
    )
    if (!made) {
      await demandSubject(tx as unknown as Sql, of, accountId)
      throw await this.#shortage(tx, accountId, { bytes: 0, items: media })
    }
    // Last, since others wait for the account until the transaction ends.
    if (reserve !== null && reserve > 0) await this.#reserve(tx, accountId, { bytes: reserve, items: media })
    return isOpen && made.isFree ? Number.POSITIVE_INFINITY : (reserve ?? 0)
  }

  async #reserve(
    tx: EntityManager,
    accountId: string,
    wanted: { bytes: number; items: number },
  ): Promise<void> {
    const { bytes, items } = this.deps.quotas.defaults
    const [, affected] = (await tx.query(
      `UPDATE account a SET reserved_bytes = a.reserved_bytes + $2::bigint
       WHERE a.id = $1 AND ${hasRoom('$2', '$3')} AND ${hasItems('$4', '$5')}`,
      [accountId, wanted.bytes, asParameter(bytes), wanted.items, asParameter(items)],
    )) as [unknown, number]
    if (affected !== 1) throw await this.#shortage(tx, accountId, wanted)
  }

  /** The room of a staged blob whose bytes are coming. */
  roomOf(blob: StagedBlob): Room {
    let { held } = blob
    return total => {
      if (total <= held) return undefined
      const step = Math.min(Math.max(3 * total, FIRST_STEP), LONGEST_STEP)
      return this.hold(blob, { atLeast: total, atMost: total + step }).then(now => {
        held = now
      })
    }
  }

  /** Holds so many bytes in all for a staged blob; gives how many are, Infinity where its account has no quota. Rejects as a Room does. */
  async hold(
    blob: StagedBlob,
    { atLeast, atMost = atLeast }: { atLeast: number; atMost?: number },
  ): Promise<number> {
    const { database, quotas } = this.deps
    const [row] = await database.query<{ held: number; isFree: boolean }>(
      `WITH old AS (
         SELECT id, account_id, reserved_bytes FROM blob WHERE id = $1 AND fence = $2 AND state = 'staged' FOR UPDATE
       ), seen AS (
         SELECT a.id, old.reserved_bytes AS old, ${limitOf('bytes', '$5')} - a.used_bytes - a.reserved_bytes AS room
         FROM account a JOIN old ON a.id = old.account_id FOR NO KEY UPDATE OF a
       ), granted AS (
         SELECT id, room IS NULL AS is_free, old,
                old + CASE WHEN room IS NULL THEN 0 ELSE greatest(0, $3::bigint - old, least($4::bigint - old, room / ${SHARE})) END AS bytes
         -- What is held already is its own, whatever the quota has become since: there may be less than no room.
         FROM seen WHERE $3::bigint <= old OR coalesce(room >= $3::bigint - old, true)
       ), held AS (
         UPDATE account SET reserved_bytes = reserved_bytes + granted.bytes - granted.old FROM granted
         WHERE account.id = granted.id AND granted.bytes <> granted.old
       )
       UPDATE blob SET reserved_bytes = granted.bytes FROM granted WHERE blob.id = $1
       RETURNING granted.bytes::float8 AS held, granted.is_free AS "isFree"`,
      [blob.id, blob.fence, atLeast, atMost, asParameter(quotas.defaults.bytes)],
    )
    if (row) return row.isFree ? Number.POSITIVE_INFINITY : row.held
    const [now] = await database.query<{ held: number }>(
      `SELECT reserved_bytes::float8 AS held FROM blob WHERE id = $1 AND fence = $2 AND state = 'staged'`,
      [blob.id, blob.fence],
    )
    if (!now) throw leaseLost()
    throw await this.#shortage(database, blob.accountId, { bytes: atLeast, held: now.held })
  }

  /** Lets a new blob have what others hold, of which it will be a copy: the same bytes are not held twice. */
  async lend(tx: EntityManager, sources: readonly StagedBlob[], to: string): Promise<readonly Lent[]> {
    const ids = sources.map(({ id }) => id)
    const lent: Lent[] = await tx.query(
      `SELECT id, reserved_bytes::float8 AS bytes FROM blob WHERE id = ANY ($1) AND state = 'staged' ORDER BY id FOR UPDATE`,
      [ids],
    )
    await tx.query(`UPDATE blob SET reserved_bytes = 0 WHERE id = ANY ($1)`, [lent.map(({ id }) => id)])
    await tx.query(`UPDATE blob SET reserved_bytes = reserved_bytes + $2::bigint WHERE id = $1`, [
      to,
      lent.reduce((sum, { bytes }) => sum + bytes, 0),
    ])
    return lent
  }

  /** Gives back what was lent, to those that still wait; for a blob that is given up. */
  async giveBack(tx: EntityManager, { id, fence, lent }: StagedBlob): Promise<void> {
    if (lent.length === 0) return
    const [mine] = await tx.query(
      `SELECT reserved_bytes FROM blob WHERE id = $1 AND fence = $2 AND state = 'staged' FOR UPDATE`,
      [id, fence],
    )
    if (!mine) return
    const [rows] = (await tx.query(
      `UPDATE blob SET reserved_bytes = reserved_bytes + lent.bytes
       FROM unnest($1::uuid[], $2::bigint[]) AS lent (id, bytes)
       WHERE blob.id = lent.id AND blob.state = 'staged' RETURNING lent.bytes::float8 AS bytes`,
      [lent.map(each => each.id), lent.map(each => each.bytes)],
    )) as [{ bytes: number }[], number]
    await tx.query(`UPDATE blob SET reserved_bytes = reserved_bytes - $2::bigint WHERE id = $1`, [
      id,
      rows.reduce((sum, { bytes }) => sum + bytes, 0),
    ])
  }

  /** The refusal of bytes that nothing was held for, when they would have become the account's. */
  overdrawn(tx: EntityManager, accountId: string, bytes: number): Promise<Error> {
    return this.#shortage(tx, accountId, { bytes })
  }

  /** What stands in the way, as it is told: the items where those are at their limit, else the bytes. */
  async #shortage(
    sql: Sql,
    accountId: string,
    { bytes: wanted, held = 0, items: media = 0 }: Wanted,
  ): Promise<Error> {
    const { quotas } = this.deps
    const figures = await figuresOf(sql, accountId, quotas.defaults)
    if (!figures) return new Error(`there is no account ${accountId}`)
    const { bytes, items } = figures
    if (media > 0 && items.limit !== null && items.used + media > items.limit) {
      const { used, limit } = items
      return quotas.exceeded({ quota: 'ITEMS', limit, used, reserved: 0, requested: media })
    }
    const { used, limit } = bytes
    const reserved = bytes.reserved - held
    // Somebody else may have made room by now; who was refused was refused.
    const requested = Math.max(wanted, 1)
    return quotas.exceeded({ quota: 'BYTES', limit: limit ?? used + reserved, used, reserved, requested })
  }
}

interface Wanted {
  /** Of one upload in all. */
  readonly bytes: number
  /** What is held for it already. */
  readonly held?: number
  readonly items?: number
}
