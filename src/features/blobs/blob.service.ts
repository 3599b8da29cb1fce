import type { Readable } from 'node:stream'
import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { commonErrors } from '../../platform/errors.ts'
import type { Fault } from '../../platform/fault.ts'
import type { UploadHandle, WriteHints } from '../../platform/storage/driver.ts'
import { blobKey, storageKey } from '../../platform/storage/key.ts'
import type { Storage } from '../../platform/storage/storage.ts'
import { Blob } from './blob.entity.ts'
import { blobErrors } from './blobs.errors.ts'
import { keepLease } from './lease.ts'

/** What an uploader holds while its bytes are under way. */
export interface StagedBlob {
  readonly id: string
  readonly accountId: string
  readonly storeId: string
  readonly key: string
  readonly fence: number
}

/** A blob that goes; with the name of an unfinished write that its row knows. */
export type Removed = Pick<StagedBlob, 'id' | 'storeId' | 'key'> & { readonly handle?: UploadHandle | null }

export interface StageRequest {
  readonly accountId: string
  readonly storeId: string
  /** Bytes that are announced; 0 when unknown. */
  readonly reserve: number
  /** What the bytes are made for, where that is there already. */
  readonly of?: BlobSubject
}

/** A media that waits for its content, or a content that pictures are made of, by its SHA-256. */
export type BlobSubject = { readonly mediaId: string } | { readonly sha256: string }

export interface BlobDeps {
  readonly database: Database
  readonly storage: Storage
  readonly newId: () => string
  readonly leaseSeconds: number
  readonly fault: Fault
  /** A removal failed; the reaper will try again. */
  readonly onLeftover: (error: unknown) => void
}

/**
 * The life of a blob: staged under a lease, live with its owner's transaction, doomed, gone. All times are the database's.
 */
export class BlobService {
  constructor(private readonly deps: BlobDeps) {}

  /**
   * U1: makes the row that announces the bytes, before the first of them. Throws NOT_FOUND when what they are made for is gone: a
   * purge finds them by their row, or they are not staged.
   */
  async stage(request: StageRequest): Promise<StagedBlob> {
    const id = this.deps.newId()
    const key = blobKey(id)
    await this.deps.database.transaction(async tx => {
      const p = new SqlParameters()
      const subject = subjectOf(request, p)
      const row = [
        `${p.add(id, 'uuid')}, ${p.add(request.accountId, 'text')}, ${p.add(request.storeId, 'text')}, ${p.add(key, 'text')}, 'staged'`,
        `${p.add(request.reserve, 'bigint')}, clock_timestamp() + ${p.add(this.deps.leaseSeconds, 'double precision')} * interval '1 second'`,
        subject.columns,
      ]
      const staged: unknown[] = await tx.query(
        `INSERT INTO blob (id, account_id, store_id, key, state, reserved_bytes, lease_until, of_media, of_content)
         SELECT ${row.join(', ')}${subject.from} RETURNING id`,
        p.values,
      )
      if (staged.length === 0) throw subjectGone()
      if (request.reserve > 0) {
        await tx.query(`UPDATE account SET reserved_bytes = reserved_bytes + $2 WHERE id = $1`, [
          request.accountId,
          request.reserve,
        ])
      }
      await this.deps.fault.hit('U1.beforeCommit')
    })
    await this.deps.fault.hit('U1.afterCommit')
    return { id, accountId: request.accountId, storeId: request.storeId, key, fence: 1 }
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

  /** Part of U4: makes the blob live in the transaction that makes its owner. Throws LEASE_LOST when another hand has it. */
  async commit(
    tx: EntityManager,
    blob: StagedBlob,
    content: { size: number; sha256: string },
  ): Promise<void> {
    const [, affected] = (await tx.query(
      `WITH old AS (
         SELECT id, reserved_bytes FROM blob
         WHERE id = $1 AND fence = $2 AND state = 'staged' AND lease_until > clock_timestamp() FOR UPDATE
       ), done AS (
         UPDATE blob SET state = 'live', size = $3, sha256 = $4, lease_until = NULL, reserved_bytes = 0
         FROM old WHERE blob.id = old.id
       )
       UPDATE account SET used_bytes = used_bytes + $3, reserved_bytes = account.reserved_bytes - old.reserved_bytes
       FROM old WHERE account.id = $5`,
      [blob.id, blob.fence, content.size, content.sha256, blob.accountId],
    )) as [unknown, number]
    if (affected !== 1) throw leaseLost()
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
      await this.deps.database.query(
        `UPDATE blob SET state = 'doomed', doom_at = now(), fence = fence + 1
         WHERE id = $1 AND fence = $2 AND state = 'staged'`,
        [blob.id, blob.fence],
      )
      // A row that the reaper has already removed still leaves us to remove what we may have written since.
      const state = await this.stateOf(blob.id)
      if (state === null || state === 'doomed') await this.remove(blob)
    } catch (error) {
      this.deps.onLeftover(error)
    }
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

/** The locks hold up a purge until the row is committed, so that it finds it. */
function subjectOf({ of, accountId }: StageRequest, p: SqlParameters): { columns: SqlText; from: SqlText } {
  if (!of) return { columns: 'NULL, NULL', from: '' }
  if ('mediaId' in of) {
    const id = p.add(of.mediaId, 'uuid')
    return { columns: `${id}, NULL`, from: ` FROM media WHERE id = ${id} FOR KEY SHARE` }
  }
  const sha256 = p.add(of.sha256, 'text')
  return {
    columns: `NULL, ${sha256}`,
    from: ` FROM media_version v JOIN media m ON m.id = v.media_id
         WHERE v.sha256 = ${sha256} AND m.account_id = ${p.add(accountId, 'text')} LIMIT 1 FOR KEY SHARE OF v`,
  }
}

const subjectGone = () => commonErrors.NOT_FOUND('The media was deleted for good meanwhile.')

function leaseLost(cause?: unknown) {
  return blobErrors.LEASE_LOST(
    'The upload took a pause that was too long and was given up. Upload the file again.',
    {
      retryAfter: 1,
      cause,
    },
  )
}
