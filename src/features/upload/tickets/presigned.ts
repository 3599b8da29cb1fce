import type { EntityManager } from 'typeorm'
import { AppError } from '../../../platform/errors.ts'
import type { PresignedRequest } from '../../../platform/storage/driver.ts'
import { storageKey } from '../../../platform/storage/key.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { BlobService, StagedBlob, StageRequest } from '../../blobs/blob.service.ts'
import type { Received, Reception } from '../reception.ts'
import { contentMismatch, notReceived } from './ticket.errors.ts'
import type { TicketRow } from './ticket.row.ts'

/** Requests to the store that write a ticket's bytes: one, or one a part. */
export interface PresignedUpload {
  /** Bytes of each part, the last one shorter; null where one request takes all. */
  readonly partSize: number | null
  readonly requests: readonly PresignedRequest[]
}

export interface PresignedDeps {
  readonly storage: Pick<Storage, 'presign' | 'stat' | 'resumableOf' | 'bytesOf'>
  readonly blobs: Pick<BlobService, 'stage' | 'begin' | 'keep'>
  readonly reception: Pick<Reception, 'inspect'>
}

/**
 * How long the bytes' row outlives the last moment at which a presigned request may begin: one that is under way then must not
 * leave an object that no row knows.
 */
const GRACE_MS = 24 * 60 * 60_000

/** A presigned URL lives a week at the most (AWS Signature Version 4). */
const LONGEST_SECONDS = 7 * 86_400

/**
 * Uploads that go to the store itself, past the gateway. One request is offered where the SHA-256 is announced, and is good for
 * these bytes alone; requests for parts otherwise, whose object nobody can write any more once it is complete. Either way the
 * gateway reads what has come before it believes it.
 */
export class PresignedUploads {
  constructor(private readonly deps: PresignedDeps) {}

  /**
   * A place for the bytes, for the time of a lease; null where the store hands out no requests, or the size is not announced. Room for all of
   * them is held from now on, since nobody is asked when they come. Rejects with QUOTA_EXCEEDED.
   */
  async prepare(
    place: Pick<StageRequest, 'accountId' | 'storeId' | 'isNewItem'>,
    { size, sha256 }: { size: number | null; sha256: string | null },
  ): Promise<StagedBlob | null> {
    const { storage, blobs } = this.deps
    const requests = storage.presign(place.storeId)?.writes
    if (!requests || size === null) return null
    const blob = await blobs.stage({ ...place, reserve: size })
    if (sha256 === null || size > requests.maxPutBytes) await blobs.begin(blob, { size })
    return blob
  }

  /** Lets the place wait for its ticket, in the transaction that makes the ticket. Throws LEASE_LOST. */
  keep(tx: EntityManager, blob: StagedBlob, expiresAt: Date): Promise<void> {
    return this.deps.blobs.keep(tx, blob, new Date(expiresAt.getTime() + GRACE_MS))
  }

  /** The requests for a ticket's bytes; null where it has none, or none any more. */
  async requestsFor(ticket: TicketRow, now: Date): Promise<PresignedUpload | null> {
    const { blob, handle, size, sha256, isPresigned, state } = ticket
    if (!isPresigned || state !== 'open' || !blob || size === null) return null
    const requests = this.deps.storage.presign(blob.storeId)?.writes
    const left = Math.floor((ticket.expiresAt.getTime() - now.getTime()) / 1000)
    if (!requests || left < 1) return null
    const expiresInSeconds = Math.min(left, LONGEST_SECONDS)
    if (handle !== null) return requests.parts(handle, { expiresInSeconds, size })
    if (sha256 === null) return null
    return {
      partSize: null,
      requests: [await requests.put(storageKey(blob.key), { expiresInSeconds, size, sha256 })],
    }
  }

  /** What has come of a ticket's bytes, read once. Rejects with UPLOAD_NOT_RECEIVED, CONTENT_MISMATCH, or a storage error. */
  async collect({ blob, handle, size, fileName, declaredType }: TicketRow): Promise<Received> {
    const { storage, reception } = this.deps
    if (!blob) throw notReceived()
    if (handle !== null) await this.#join(blob.storeId, handle, size)
    const stored = await storage.stat(blob)
    if (!stored) throw notReceived()
    if (stored.size !== size) throw contentMismatch('size', String(size), String(stored.size))
    return reception.inspect(storage.bytesOf(blob), {
      size: stored.size,
      fileName: fileName ?? undefined,
      declaredType: declaredType ?? undefined,
    })
  }

  /** Makes the parts that have come the object; those of a completion before are. */
  async #join(storeId: string, handle: string, size: number | null): Promise<void> {
    const writes = this.deps.storage.resumableOf(storeId)
    const offset = await writes.offset(handle).catch(error => {
      if (error instanceof AppError && error.code === 'STORAGE_CONFLICT') return null
      throw error
    })
    if (offset !== null && offset !== size) throw notReceived()
    await writes.complete(handle)
  }
}
