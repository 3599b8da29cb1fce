import { Readable } from 'node:stream'
import {
  CHECKPOINTS,
  checkpointKey,
  checkpointsOf,
  isCheckpointKey,
} from '../../platform/audit/checkpoint-key.ts'
import type { Database } from '../../platform/db/database.ts'
import type { Fault } from '../../platform/fault.ts'
import { type StorageKey, storageKey } from '../../platform/storage/key.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import { type CheckpointText, isSameSeal, type Link, type Seals } from './seals.ts'

/** So many of the newest stay of every chain, and the last one of each day before. */
const NEWEST = 3
/** No checkpoint is longer; what is, is none. */
const LARGEST = 4_096

export interface CheckpointsDeps {
  readonly database: Database
  readonly storage: Storage
  readonly seals: Seals
  readonly fault: Fault
  readonly newId: () => string
  readonly onFailure: (accountId: string, error: unknown) => void
}

/** A checkpoint as it lies in the store. */
export interface StoredCheckpoint {
  readonly key: string
  /** Null for what no gateway with this pepper has written. */
  readonly text: CheckpointText | null
}

/**
 * Tells the store how far the chains are sealed, so that a database which has less than that shows. Objects are written whole and
 * never changed; their rows say which there should be.
 */
export class Checkpoints {
  constructor(private readonly deps: CheckpointsDeps) {}

  /** Writes one for every chain that has grown, and lets older ones go. A store that is away is told the next time. */
  async write(): Promise<void> {
    const grown = await this.deps.database.query<Link & { accountId: string }>(
      `SELECT account_id AS "accountId", number::float8 AS number, seal FROM audit_chain WHERE number > checkpoint_number`,
    )
    for (const { accountId, ...link } of grown) {
      try {
        await this.#write(accountId, link)
        await this.#thin(accountId)
      } catch (error) {
        this.deps.onFailure(accountId, error)
      }
    }
  }

  /** All that lie in the store for an account, or for all of them; newest last within each. */
  async *stored(accountId?: string): AsyncGenerator<StoredCheckpoint> {
    const { storage } = this.deps
    const prefix = accountId === undefined ? CHECKPOINTS : checkpointsOf(accountId)
    for await (const key of storage.list(storage.defaultStore, prefix))
      if (isCheckpointKey(key)) yield { key, text: await this.#read(key) }
  }

  /** Removes what a write that was broken off has left behind, of a day ago. */
  async clearBrokenOff(): Promise<void> {
    const { storage, database } = this.deps
    const { defaultStore: storeId } = storage
    for await (const key of storage.listUnfinished(storeId)) {
      if (!isCheckpointKey(key)) continue
      const [{ isOld } = { isOld: false }] = await database.query<{ isOld: boolean }>(
        `SELECT $1::bigint < extract(epoch FROM clock_timestamp() - interval '1 day') * 1000 AS "isOld"`,
        [Number.parseInt(key.slice(-36).replaceAll('-', '').slice(0, 12), 16)],
      )
      if (isOld) await storage.delete({ storeId, key: storageKey(key) })
    }
  }

  async #write(accountId: string, { number, seal }: Link): Promise<void> {
    const { database, storage, seals, newId, fault } = this.deps
    const storeId = storage.defaultStore
    const key = checkpointKey(accountId, number, newId())
    const text: CheckpointText = { accountId, number, seal, writtenAt: new Date().toISOString() }
    const body = Buffer.from(
      `${JSON.stringify({
        ...text,
        seal: seal.toString('hex'),
        keyId: seals.keyId,
        mac: seals.ofCheckpoint(text).toString('hex'),
      })}\n`,
    )
    await storage.write({ storeId, key }, Readable.from([body]), {
      size: body.length,
      mimeType: 'application/json',
    })
    await fault.hit('A2.checkpoint')
    await database.transaction(async tx => {
      await tx.query(
        `INSERT INTO audit_checkpoint (key, store_id, account_id, number) VALUES ($1, $2, $3, $4)`,
        [key, storeId, accountId, number],
      )
      await tx.query(
        `UPDATE audit_chain SET checkpoint_number = greatest(checkpoint_number, $2) WHERE account_id = $1`,
        [accountId, number],
      )
    })
  }

  /** The row goes first: an object without one says nothing wrong, a row without its object does. */
  async #thin(accountId: string): Promise<void> {
    const { database, storage } = this.deps
    const gone = await database.query<{ key: StorageKey; storeId: string }>(
      `DELETE FROM audit_checkpoint WHERE key IN (
         SELECT key FROM (
           SELECT key, row_number() OVER (ORDER BY number DESC, key DESC) AS age,
                  row_number() OVER (PARTITION BY date_trunc('day', written_at AT TIME ZONE 'UTC') ORDER BY number DESC, key DESC) AS age_in_day
           FROM audit_checkpoint WHERE account_id = $1) AS known
         WHERE age > ${NEWEST} AND age_in_day > 1)
       RETURNING key, store_id AS "storeId"`,
      [accountId],
    )
    for (const ref of gone) await storage.delete(ref)
  }

  async #read(key: StorageKey): Promise<CheckpointText | null> {
    const { storage, seals } = this.deps
    const body = await storage.read({ storeId: storage.defaultStore, key })
    if (!body) return null
    let json = ''
    for await (const chunk of body) {
      json += chunk
      if (json.length > LARGEST) return null
    }
    try {
      const { seal, keyId, mac, ...rest } = JSON.parse(json)
      const text: CheckpointText = { ...rest, seal: Buffer.from(seal, 'hex') }
      const { accountId, number } = text
      // A true one in the place of another would say less.
      const isInPlace = key === checkpointKey(accountId, number, key.slice(-36))
      const isTrue =
        seals.knows(keyId) && isSameSeal(seals.ofCheckpoint(text, keyId), Buffer.from(mac, 'hex'))
      return isInPlace && isTrue ? text : null
    } catch {
      return null
    }
  }
}
