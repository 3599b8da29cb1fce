import type { Readable } from 'node:stream'
import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import type { Fault } from '../../platform/fault.ts'
import type { UploadHandle, WriteHints } from '../../platform/storage/driver.ts'
import { blobKey, storageKey } from '../../platform/storage/key.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import { Blob } from './blob.entity.ts'
import type { BlobSubject } from './blob-subject.ts'
import { blobErrors, leaseLost } from './blobs.errors.ts'
import { keepLease } from './lease.ts'
import { asParameter, type ItemCount, limitOf, type Quotas } from './quotas.ts'
import { Reservations, type Room } from './reservations.ts'
import type { StagedBlob } from './staged-blob.ts'

export type { StagedBlob } from './staged-blob.ts'

/** A blob that goes; with the name of an unfinished write that its row knows. */
export type Removed = Pick<StagedBlob, 'id' | 'storeId' | 'key'> & { readonly handle?: UploadHandle | null }

export interface StageRequest {
  readonly accountId: string
  readonly storeId: string
  /** Bytes that are announced, and held at once; null when unknown: they are held as they come. 0 holds none: the commit asks. */
  readonly reserve: number | null
  /** What the bytes are made for, where that is there already. */
  readonly of?: BlobSubject
  /** Whether a media is to be made of them, for which there must be room, too. */
  readonly isNewItem?: boolean
  /** Blobs that it will be a copy of: it takes over what is held for them. */
  readonly copies?: readonly StagedBlob[]
}

export interface BlobDeps {
  readonly database: Database
  readonly storage: Storage
  readonly newId: () => string
  readonly leaseSeconds: number
  readonly fault: Fault
  /** A removal failed; the reaper will try again. */
  readonly onLeftover: (error: unknown) => void
  readonly quotas: Quotas
}

/**
 * The life of a blob: staged under a lease, live with its owner's transaction, doomed, gone. All times are the database's.
 */
export class BlobService {
  readonly #reservations: Reservations

  constructor(private readonly deps: BlobDeps) {
    this.#reservations = new Reservations(deps)
  }

  /**
   * U1: makes the row that announces the bytes, before the first of them. Rejects with QUOTA_EXCEEDED, and with NOT_FOUND when what they
   * are made for is gone; then there is none.
   */
  async stage({
    accountId,
    storeId,
    reserve,
    of,
    isNewItem = false,
    copies = [],
  }: StageRequest): Promise<StagedBlob> {
    const { database, newId, leaseSeconds, fault } = this.deps
    const id = newId()
    const key = blobKey(id)
    const { held, lent } = await database.transaction(async tx => {
      const admitted = { id, accountId, storeId, key, reserve, of, isNewItem, leaseSeconds }
      const held = await this.#reservations.admit(tx, admitted)
      const lent = copies.length > 0 ? await this.#reservations.lend(tx, copies, id) : []
      await fault.hit('U1.beforeCommit')
      return { held: lent.reduce((sum, { bytes }) => sum + bytes, held), lent }
    })
    await fault.hit('U1.afterCommit')
    return { id, accountId, storeId, key, fence: 1, held, lent }
  }

  /** What bytes of a staged blob pass on their way to the store, before they get there. */
  roomOf(blob: StagedBlob): Room {
    return this.#reservations.roomOf(blob)
  }

  /** Holds so many bytes in all for a staged blob whose size is known by now. Rejects with QUOTA_EXCEEDED, LEASE_LOST. */
  async hold(blob: StagedBlob, bytes: number): Promise<void> {
    await this.#reservations.hold(blob, { atLeast: bytes })
  }

  /**
   * Begins a write in pieces; its handle is in the row when this resolves, and the lease is kept until then, however slow the store.
   * When it rejects, the blob is given up. Throws a plain Error where the store has none.
   */
  async begin(blob: StagedBlob, hints: WriteHints): Promise<UploadHandle> {
    const { database, storage, leaseSeconds } = this.deps
    const lease = keepLease({ database, blob, leaseSeconds })
    try {
      const handle = await storage.resumableOf(blob.storeId).begin(storageKey(blob.key), hints)
      await this.#noteHandle(blob, handle)
      return handle
    } catch (error) {
      await this.discard(blob)
      throw error
    } finally {
      lease.release()
    }
  }

  async #noteHandle({ id }: StagedBlob, handle: UploadHandle): Promise<void> {
    await this.deps.database.query(`UPDATE blob SET multipart_id = $2 WHERE id = $1`, [id, handle])
  }

  /** Lets a staged blob wait for its owner, in the transaction that promises it one. Throws LEASE_LOST when another hand has it. */
  async keep(tx: EntityManager, blob: StagedBlob, until: Date): Promise<void> {
    const [, affected] = (await tx.query(
      `UPDATE blob SET lease_until = $3
       WHERE id = $1 AND fence = $2 AND state = 'staged' AND lease_until > clock_timestamp()`,
      [blob.id, blob.fence, until],
    )) as [unknown, number]
    if (affected !== 1) throw leaseLost()
  }

  /**
   * Keeps staged blobs that wait from running out while `work` makes them somebody's: what begins in time comes through. Rejects
   * with LEASE_LOST, before any work, when another hand has one of them.
   */
  async holding<T>(blobs: readonly StagedBlob[], work: () => Promise<T>): Promise<T> {
    const { database, leaseSeconds } = this.deps
    const leases = blobs.map(blob => keepLease({ database, blob, leaseSeconds }))
    try {
      for (const lease of leases) if (await lease.isLost()) throw leaseLost()
      return await work()
    } finally {
      for (const lease of leases) lease.release()
    }
  }

  /** U2 and U3: writes the bytes to their final key while the lease is kept, and asks the store what it holds. */
  async write(blob: StagedBlob, body: Readable, hints: WriteHints): Promise<{ size: number }> {
    const { database, storage, fault, leaseSeconds } = this.deps
    const lease = keepLease({ database, blob, leaseSeconds, signal: hints.signal })
    const onBegun = (handle: UploadHandle) => this.#noteHandle(blob, handle)
    try {
      const { size } = await storage.write(blob, body, { ...hints, signal: lease.signal, onBegun })
      await fault.hit('U3.beforeStat')
      const stored = await storage.stat(blob)
      if (stored?.size !== size) {
        throw blobErrors.SIZE_MISMATCH('The store did not keep all bytes. Upload the file again.', {
          details: { sent: size, stored: stored?.size ?? null },
        })
      }
      return { size }
    } catch (error) {
      // A pause of ours is no fault of the store: the reaper may have removed bytes before the lease was looked at.
      throw (await lease.isLost()) ? leaseLost(error) : error
    } finally {
      lease.release()
    }
  }

  /**
   * Part of U4: makes the blob live in the transaction that makes its owner. What is held for it is its own; beyond that there must be
   * room still. Gives how many media its account has, which nobody changes until the transaction ends. Throws LEASE_LOST when another hand
   * has it, and QUOTA_EXCEEDED.
   */
  async commit(
    tx: EntityManager,
    blob: StagedBlob,
    content: { size: number; sha256: string },
  ): Promise<ItemCount> {
    const { bytes, items } = this.deps.quotas.defaults
    const [[account]] = (await tx.query(
      `WITH old AS (
         SELECT id, reserved_bytes FROM blob
         WHERE id = $1 AND fence = $2 AND state = 'staged' AND lease_until > clock_timestamp() FOR UPDATE
       ), settled AS (
         UPDATE account a SET used_bytes = used_bytes + $3::bigint, reserved_bytes = a.reserved_bytes - old.reserved_bytes
         FROM old WHERE a.id = $5 AND ($3::bigint <= old.reserved_bytes
           OR coalesce(a.used_bytes + a.reserved_bytes - old.reserved_bytes + $3::bigint <= ${limitOf('bytes', '$6')}, true))
         RETURNING old.id, a.used_items AS used, ${limitOf('items', '$7')} AS most
       )
       UPDATE blob SET state = 'live', size = $3::bigint, sha256 = $4, lease_until = NULL, reserved_bytes = 0
       FROM settled WHERE blob.id = settled.id RETURNING settled.used::float8 AS used, settled.most::float8 AS "limit"`,
      [
        blob.id,
        blob.fence,
        content.size,
        content.sha256,
        blob.accountId,
        asParameter(bytes),
        asParameter(items),
      ],
    )) as [ItemCount[], number]
    if (account) return account
    const [ours] = await tx.query(
      `SELECT 1 FROM blob WHERE id = $1 AND fence = $2 AND state = 'staged' AND lease_until > clock_timestamp()`,
      [blob.id, blob.fence],
    )
    throw ours ? await this.#reservations.overdrawn(tx, blob.accountId, content.size) : leaseLost()
  }

  /** What the database says about a blob whose commit was not answered; null when its row is gone. */
  async stateOf(blobId: string): Promise<Blob['state'] | null> {
    const [row] = await this.deps.database.query<Pick<Blob, 'state'>>(
      `SELECT state FROM blob WHERE id = $1`,
      [blobId],
    )
    return row?.state ?? null
  }

  /** Gives up a staged blob at once: row doomed, bytes removed, row gone. What fails is left to the reaper. */
  async discard(blob: StagedBlob): Promise<void> {
    try {
      await this.#doom(blob)
      // A row that the reaper has already removed still leaves us to remove what we may have written since.
      const state = await this.stateOf(blob.id)
      if (state === null || state === 'doomed') await this.remove(blob)
    } catch (error) {
      this.deps.onLeftover(error)
    }
  }

  async #doom(blob: StagedBlob): Promise<void> {
    const { database } = this.deps
    const doomed = `UPDATE blob SET state = 'doomed', doom_at = now(), fence = fence + 1
       WHERE id = $1 AND fence = $2 AND state = 'staged'`
    const values = [blob.id, blob.fence]
    if (blob.lent.length === 0) await database.query(doomed, values)
    else
      await database.transaction(async tx => {
        await this.#reservations.giveBack(tx, blob)
        await tx.query(doomed, values)
      })
  }

  /** R2 and R3: removes the bytes of a doomed blob, then its row, then its share of the account's bytes. */
  async remove(blob: Removed): Promise<void> {
    const { database, storage, fault } = this.deps
    await fault.hit('R2.beforeDelete')
    if (blob.handle != null) await storage.resumable(blob.storeId)?.abort(blob.handle)
    await storage.delete(blob)
    await fault.hit('R2.afterDelete')
    await database.transaction(async tx => {
      await tx.query(
        `WITH gone AS (
           DELETE FROM blob WHERE id = $1 AND state = 'doomed' RETURNING account_id, coalesce(size, 0) AS size, reserved_bytes
         )
         UPDATE account SET used_bytes = used_bytes - gone.size, reserved_bytes = account.reserved_bytes - gone.reserved_bytes
         FROM gone WHERE account.id = gone.account_id`,
        [blob.id],
      )
      await fault.hit('R3.beforeCommit')
    })
    await fault.hit('R3.afterCommit')
  }
}
