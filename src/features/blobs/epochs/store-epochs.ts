import { Readable } from 'node:stream'
import { isCheckpointKey } from '../../../platform/audit/checkpoint-key.ts'
import { NO_ACCOUNT, recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import type { Fault } from '../../../platform/fault.ts'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import { type StorageKey, storageKey } from '../../../platform/storage/key.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import { blobErrors } from '../blobs.errors.ts'

/** How this database and a store stand to each other, by the epochs that both know. */
export type Standing =
  /** The store's last epoch is one that this database has begun: it belongs to no other, and to no later state of this one. */
  | { readonly state: 'ours' }
  /** There has never been an epoch: a new store, or one from before there were any. */
  | { readonly state: 'new' }
  /** This database has begun epochs there, and there is none: another place, a disk that is not mounted, or they were removed. */
  | { readonly state: 'unmarked' }
  /** There is an epoch that this database does not know: it is an older backup, or another database writes there. */
  | { readonly state: 'ahead'; readonly epochs: readonly string[] }
  /** There is an epoch that this database has begun in another store: two names lead to one place. */
  | { readonly state: 'twin'; readonly of: string }

const PREFIX = 'epoch/'
const epochKey = (id: string): StorageKey => storageKey(PREFIX + id)
/** Whether an object is an epoch, and so needs no row of a blob. */
export const isEpochKey = (key: string): boolean => key.startsWith(PREFIX) && isUuid(key.slice(PREFIX.length))

/** So many objects are looked through before a store is taken for new, and its first epoch begun without being told to. */
const FEW = 1_000
/** Rows of epochs outlive their objects: one that a stopped process writes late must not look like another database's. */
const KEEP_DAYS = 30

export interface StoreEpochsDeps {
  readonly database: Database
  readonly storage: Storage
  readonly newId: () => string
  readonly fault: Fault
}

/**
 * Epochs of stores: the database notes a new one, then the store is given it, again and again. A restored backup does not know the
 * last epoch of its store, and neither does another database. Only where the standing is `ours` does an object without a row prove
 * to be garbage, and a row without its object prove a loss.
 */
export class StoreEpochs {
  constructor(private readonly deps: StoreEpochsDeps) {}

  /** Asks both; changes nothing. */
  async standing(storeId: string): Promise<Standing> {
    return this.#judge(storeId, await this.#list(storeId))
  }

  /** What `begin` would give; changes nothing. */
  async foresee(storeId: string): Promise<Standing> {
    return this.#orClaimable(storeId, await this.standing(storeId))
  }

  /**
   * Begins a new epoch where the standing is `ours`, or where the store is new and holds nothing that this database does not know;
   * gives how it stands then. Any node, at any time, several at once; a crash leaves an epoch too many, which is known.
   */
  async begin(storeId: string): Promise<Standing> {
    const ids = await this.#list(storeId)
    const standing = await this.#orClaimable(storeId, await this.#judge(storeId, ids))
    if (standing.state === 'ours') await this.#begin(storeId, ids)
    return standing
  }

  /**
   * Takes the word of an operator that the store belongs to this database as it is: what has no row there is garbage from now on.
   *
   * @throws STORE_IS_TWIN
   */
  async adopt(storeId: string): Promise<void> {
    const ids = await this.#list(storeId)
    const standing = await this.#judge(storeId, ids)
    if (standing.state === 'twin')
      throw blobErrors.STORE_IS_TWIN(
        `The stores ${storeId} and ${standing.of} are one place: take one of them out of the configuration.`,
      )
    await this.deps.database.transaction(async tx => {
      await tx.query(
        `INSERT INTO store_epoch (id, store_id, is_stored) SELECT id, $2, true FROM unnest($1::uuid[]) AS id
         ON CONFLICT DO NOTHING`,
        [ids, storeId],
      )
      const details = { store: storeId }
      await recordChange(tx, { accountId: NO_ACCOUNT, action: 'store.adopted', subjectId: null, details })
    })
    await this.#begin(storeId, ids)
  }

  async #list(storeId: string): Promise<string[]> {
    const ids: string[] = []
    for await (const key of this.deps.storage.list(storeId, PREFIX))
      if (isEpochKey(key)) ids.push(key.slice(PREFIX.length))
    return ids
  }

  /** The rows are read after the objects: an epoch has its row first. */
  async #judge(storeId: string, ids: readonly string[]): Promise<Standing> {
    const known = await this.deps.database.query<{ id: string; storeId: string }>(
      `SELECT id, store_id AS "storeId" FROM store_epoch WHERE id = ANY ($1::uuid[])`,
      [ids],
    )
    const unknown = ids.filter(id => !known.some(row => row.id === id))
    if (unknown.length > 0) return { state: 'ahead', epochs: unknown }
    const other = known.find(row => row.storeId !== storeId)
    if (other) return { state: 'twin', of: other.storeId }
    if (ids.length > 0) return { state: 'ours' }
    const [stored] = await this.deps.database.query(
      `SELECT 1 FROM store_epoch WHERE store_id = $1 AND is_stored LIMIT 1`,
      [storeId],
    )
    if (!stored) return { state: 'new' }
    // One epoch took the place of another while the list was read: the next list has it.
    const again = await this.#list(storeId)
    return again.length > 0 ? this.#judge(storeId, again) : { state: 'unmarked' }
  }

  /** A new store that holds nothing strange is as good as ours. */
  async #orClaimable(storeId: string, standing: Standing): Promise<Standing> {
    return standing.state === 'new' && (await this.#isAllKnown(storeId)) ? { state: 'ours' } : standing
  }

  async #begin(storeId: string, older: readonly string[]): Promise<void> {
    const { database, storage, newId, fault } = this.deps
    const id = newId()
    await database.query(`INSERT INTO store_epoch (id, store_id) VALUES ($1, $2)`, [id, storeId])
    await fault.hit('E1.afterRow')
    const text = `A database of media-gateway that does not know the epoch ${id} must remove nothing here.\n`
    await storage.write({ storeId, key: epochKey(id) }, Readable.from([Buffer.from(text)]), {
      size: text.length,
      mimeType: 'text/plain',
    })
    await database.query(`UPDATE store_epoch SET is_stored = true WHERE id = $1`, [id])
    await fault.hit('E2.afterObject')
    for (const before of [...older, ...(await this.#brokenOff(storeId))])
      await storage.delete({ storeId, key: epochKey(before) })
    await database.query(
      `DELETE FROM store_epoch WHERE store_id = $1 AND id <> $2 AND began_at < now() - $3 * interval '1 day'`,
      [storeId, id, KEEP_DAYS],
    )
  }

  /** Epochs whose writing has not come to its end for an hour: what it left in the store goes, the row stays for a late writer. */
  async #brokenOff(storeId: string): Promise<string[]> {
    const rows = await this.deps.database.query<{ id: string }>(
      `SELECT id FROM store_epoch WHERE store_id = $1 AND NOT is_stored AND began_at < now() - interval '1 hour'`,
      [storeId],
    )
    return rows.map(row => row.id)
  }

  /** Whether a store without an epoch holds few objects, each with a row; and where it is empty, that nothing should be there. */
  async #isAllKnown(storeId: string): Promise<boolean> {
    const { database, storage } = this.deps
    const keys: string[] = []
    for await (const key of storage.list(storeId))
      if (!isEpochKey(key) && !isCheckpointKey(key) && keys.push(key) > FEW) return false
    const rows = await database.query<{ key: string }>(
      `SELECT key FROM blob WHERE store_id = $1 AND key = ANY ($2)`,
      [storeId, keys],
    )
    const known = new Set(rows.map(row => row.key))
    // What was removed since it was listed had its row then.
    for (const key of keys) if (!known.has(key) && (await storage.stat({ storeId, key }))) return false
    if (keys.length > 0) return true
    const [live] = await database.query(`SELECT 1 FROM blob WHERE store_id = $1 AND state = 'live' LIMIT 1`, [
      storeId,
    ])
    return live === undefined
  }
}
