import { createHash, type Hash } from 'node:crypto'
import { pipeline, type Readable } from 'node:stream'
import type { Database } from '../../../platform/db/database.ts'
import { AppError } from '../../../platform/errors.ts'
import type { Fault } from '../../../platform/fault.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import type { BlobService } from '../../blobs/blob.service.ts'
import { Meter } from '../meter.ts'
import type { RunningHashes } from './running-hashes.ts'
import { tusErrors, uploadEnded, uploadLocked } from './tus.errors.ts'
import type { TusRow } from './tus.row.ts'
import { saidOf } from './tus-fields.ts'
import type { Checksum } from './tus-headers.ts'
import type { TusLock } from './tus-lock.ts'

export interface TusAppendDeps {
  readonly database: Database
  readonly storage: Pick<Storage, 'resumableOf'>
  readonly blobs: Pick<BlobService, 'roomOf'>
  readonly hashes: RunningHashes
  readonly fault: Fault
}

export interface Piece {
  readonly body: Readable
  /** Where it begins, which is where the upload is. */
  readonly at: number
  /** Where the upload may end at the most. */
  readonly limit: number
  readonly checksum?: Checksum
}

/** Adds bytes to a resumable upload, and tells how far it has come. For who holds its lock. */
export class TusAppend {
  constructor(private readonly deps: TusAppendDeps) {}

  /** Bytes that are durable, and checked where that was asked for. Throws UPLOAD_ENDED when they are gone. */
  async offsetOf(upload: TusRow): Promise<number> {
    const { writes, handle } = this.#writesOf(upload)
    if (upload.unverifiedFrom !== null) {
      // Whoever brought them died before they could be compared.
      await writes.rewind(handle, upload.unverifiedFrom)
      await this.#noteUnverified(upload, null)
    }
    return writes.offset(handle).catch(async error => {
      if (!(error instanceof AppError) || error.code !== 'STORAGE_CONFLICT') throw error
      // Complete already, by a request that came no further.
      return (await writes.complete(handle)).size
    })
  }

  /**
   * The offset after the piece. What arrives of one that breaks off is kept, unless it came with a checksum: then all of it counts or
   * nothing. Rejects with CHECKSUM_MISMATCH, FILE_TOO_LARGE, QUOTA_EXCEEDED, UPLOAD_LOCKED when somebody else takes over, what the body
   * breaks off with, or a storage error.
   */
  async append(upload: TusRow, piece: Piece, lock: TusLock): Promise<number> {
    const { checksum, at } = piece
    if (!checksum) return this.#write(upload, piece, lock)
    const { writes, handle } = this.#writesOf(upload)
    const check = createHash(checksum.algorithm)
    await this.#noteUnverified(upload, at)
    try {
      const offset = await this.#write(upload, { ...piece, check }, lock)
      await this.deps.fault.hit('T1.beforeCompare', offset)
      if (!check.digest().equals(checksum.digest))
        throw tusErrors.CHECKSUM_MISMATCH('The bytes are not those of their checksum. Send them again.')
      if (!(await this.#noteUnverified(upload, null))) throw uploadLocked()
      return offset
    } catch (error) {
      this.deps.hashes.forget(upload.id)
      // Where somebody else has the lock by now, these bytes are taken back already, and what lies there is not ours.
      if (await this.#noteUnverified(upload, at)) {
        await writes.rewind(handle, at)
        await this.#noteUnverified(upload, null)
      }
      throw error
    }
  }

  async #write(
    upload: TusRow,
    piece: Piece & { readonly check?: Hash },
    { signal }: TusLock,
  ): Promise<number> {
    const { hashes, fault, blobs } = this.deps
    const { writes, handle, blob } = this.#writesOf(upload)
    const room = blobs.roomOf(blob)
    const { body, at, limit, check } = piece
    // Of a piece nobody asks for the hash; the file that it becomes a part of is hashed as it is put together.
    const isPiece = upload.kind === 'partial'
    const running = isPiece ? null : hashes.take(upload.id, at, saidOf(upload))
    const meter = new Meter({
      limit: limit - at,
      hash: running?.hash ?? null,
      onChunk(chunk, total) {
        running?.sniffer.push(chunk)
        check?.update(chunk)
        const asked = room(at + total)
        const pass = () => fault.hit('U2.bytes', at + total)
        return asked ? asked.then(pass) : pass()
      },
    })
    const end = () => body.destroy(signal.reason)
    if (signal.aborted) end()
    signal.addEventListener('abort', end)
    pipeline(body, meter, error => error && meter.destroy(error))
    try {
      const { offset } = await writes.append(handle, at, meter)
      return offset
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', end)
      if (running) hashes.put(upload.id, running, at + meter.passed)
    }
  }

  #writesOf({ blob, handle }: TusRow) {
    if (!blob || handle === null) throw uploadEnded()
    return { writes: this.deps.storage.resumableOf(blob.storeId), handle, blob }
  }

  /** False when the lock under which the upload was read is another's now. */
  async #noteUnverified({ id, lockNumber }: TusRow, from: number | null): Promise<boolean> {
    const rows = await this.deps.database.query(
      `UPDATE tus_upload SET unverified_from = $3 WHERE id = $1 AND lock_number = $2 RETURNING id`,
      [id, lockNumber, from],
    )
    return rows.length > 0
  }
}
