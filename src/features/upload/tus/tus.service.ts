import type { Readable } from 'node:stream'
import type { Database } from '../../../platform/db/database.ts'
import type { Fault } from '../../../platform/fault.ts'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import type { Storage } from '../../../platform/storage/storage.ts'
import { authorize } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { BlobService } from '../../blobs/blob.service.ts'
import { isQuotaExceeded, withFigures } from '../../usage/usage.errors.ts'
import { uploadExpired } from '../tickets/ticket.errors.ts'
import type { Tickets } from '../tickets/ticket.service.ts'
import { fileTooLarge, ingestError } from '../upload.errors.ts'
import { badHeader, offsetConflict, uploadEnded, uploadFinished, uploadNotFound } from './tus.errors.ts'
import { findUploads, type TusAsker, type TusRow } from './tus.row.ts'
import type { TusAppend } from './tus-append.ts'
import type { TusCreation, TusCreations } from './tus-creation.ts'
import type { TusFinish } from './tus-finish.ts'
import type { Checksum } from './tus-headers.ts'
import type { TusLock, TusLocks } from './tus-lock.ts'

export interface TusDeps {
  readonly database: Database
  readonly storage: Pick<Storage, 'resumableOf'>
  readonly blobs: Pick<BlobService, 'discard' | 'hold'>
  readonly tickets: Pick<Tickets, 'ofUrl'>
  readonly creations: TusCreations
  readonly appends: Pick<TusAppend, 'append' | 'offsetOf'>
  readonly finish: Pick<TusFinish, 'finish'>
  readonly locks: Pick<TusLocks, 'acquire'>
  readonly fault: Fault
}

/** Where an upload is. */
export interface TusStatus {
  readonly upload: TusRow
  /** Null while the parts of a final one are not put together. */
  readonly offset: number | null
  /** The media that it has become; null while it has not, and for one of a ticket. */
  readonly mediaId: string | null
}

/** Bytes for an upload. */
export interface TusPiece {
  readonly offset: number
  /** A length that was deferred. */
  readonly length?: number
  /** Bytes that the request announces. */
  readonly size?: number
  readonly checksum?: Checksum
  readonly body: Readable
}

/** Resumable uploads (tus 1.0): any node serves any request, and where an upload is, is asked of the store. */
export class TusService {
  constructor(private readonly deps: TusDeps) {}

  /** Throws UNAUTHENTICATED, FORBIDDEN. */
  askerOf(viewer: Viewer): TusAsker {
    const { accountId, name: principal } = authorize(viewer, 'create')
    return { accountId, principal, viewer, ticket: null }
  }

  /** Whoever has the URL of a ticket. Throws NOT_FOUND, UPLOAD_EXPIRED. */
  async askerOfTicket(viewer: Viewer, token: string): Promise<TusAsker> {
    const ticket = await this.deps.tickets.ofUrl(token)
    return { accountId: ticket.accountId, principal: ticket.principal, viewer, ticket }
  }

  /** Creation, with its first bytes if it brings some, and Concatenation. Rejects as `TusCreations` and `patch` do. */
  async create(asker: TusAsker, creation: TusCreation, piece: TusPiece | null): Promise<TusStatus> {
    try {
      return await this.#create(asker, creation, piece)
    } catch (error) {
      throw withFigures(error, figuresFor(asker))
    }
  }

  async #create(asker: TusAsker, creation: TusCreation, piece: TusPiece | null): Promise<TusStatus> {
    const { creations } = this.deps
    const { concatenation, metadata } = creation
    if (concatenation.kind === 'final') {
      if (piece) throw badHeader('Upload-Concat', 'makes an upload of others: it brings no bytes itself')
      const { id, parts } = await creations.join(asker, metadata, concatenation)
      return this.#locked(asker, id, upload => this.#finished(asker, upload, parts))
    }
    const id = await creations.begin(asker, creation)
    if (piece) return this.patch(asker, id, piece)
    return this.#locked(asker, id, upload => this.#reached(asker, upload, 0))
  }

  /** Where the upload is; one that has all its bytes is finished now, if it was not. Rejects with NOT_FOUND, UPLOAD_EXPIRED, UPLOAD_ENDED. */
  head(asker: TusAsker, id: string): Promise<TusStatus> {
    return this.#locked(asker, id, async upload => {
      if (upload.state === 'finished') return this.#reached(asker, upload, upload.length ?? 0)
      // The bytes of parts that were not put together in time: whoever began it does so again.
      if (upload.kind === 'final') return { upload, offset: null, mediaId: null }
      return this.#reached(asker, upload, await this.deps.appends.offsetOf(upload))
    })
  }

  /**
   * The upload with more bytes, which are durable when this resolves; finished when they are the last. Rejects as `head` does, and with
   * OFFSET_CONFLICT, UPLOAD_FINISHED, CHECKSUM_MISMATCH, FILE_TOO_LARGE, QUOTA_EXCEEDED (which ends it), UPLOAD_LOCKED, UPLOAD_INCOMPLETE, a storage error, or
   * what finishing is refused with.
   */
  async patch(asker: TusAsker, id: string, piece: TusPiece): Promise<TusStatus> {
    piece.body.on('error', () => undefined)
    try {
      return await this.#locked(asker, id, (upload, lock) =>
        this.#patch(asker, upload, { piece, lock }).catch(error => this.#cutOff(upload, error)),
      )
    } catch (error) {
      throw ingestError(error, this.deps.creations.limitFor(asker), figuresFor(asker))
    } finally {
      piece.body.destroy()
    }
  }

  async #patch(
    asker: TusAsker,
    found: TusRow,
    { piece, lock }: { piece: TusPiece; lock: TusLock },
  ): Promise<TusStatus> {
    const { appends, creations } = this.deps
    if (found.kind === 'final' || found.state === 'finished') throw uploadFinished()
    const upload = await this.#withLength(asker, found, piece.length)
    const at = await appends.offsetOf(upload)
    if (at !== piece.offset) throw offsetConflict(at)
    const limit = upload.length ?? creations.limitFor(asker)
    if (piece.size !== undefined && at + piece.size > limit) throw fileTooLarge(limit, at + piece.size)
    const { body, checksum } = piece
    const offset =
      at === upload.length ? at : await appends.append(upload, { body, at, limit, checksum }, lock)
    return this.#reached(asker, upload, offset)
  }

  /** What its account has no room for is given up with all that has come of it: many that wait for each other's room would wait for good. */
  async #cutOff(upload: TusRow, error: unknown): Promise<never> {
    if (isQuotaExceeded(error)) await this.#giveUp(upload)
    throw error
  }

  async #giveUp({ id, blob }: TusRow): Promise<void> {
    await this.deps.database.query(`UPDATE tus_upload SET state = 'ended' WHERE id = $1`, [id])
    if (blob) await this.deps.blobs.discard(blob)
  }

  /** Gives the upload up, with its bytes (Termination). Rejects as `head` does, and with UPLOAD_FINISHED. */
  end(asker: TusAsker, id: string): Promise<void> {
    return this.#locked(asker, id, async upload => {
      if (upload.state === 'finished' && upload.kind !== 'partial') throw uploadFinished()
      await this.#giveUp(upload)
    })
  }

  /** Forgets what has ended a day ago: until then it is told apart from what never was. */
  async forget(): Promise<void> {
    await this.deps.database.query(`DELETE FROM tus_upload WHERE expires_at < now() - interval '1 day'`)
  }

  async #locked<T>(
    asker: TusAsker,
    id: string,
    work: (upload: TusRow, lock: TusLock) => Promise<T>,
  ): Promise<T> {
    const { database, locks } = this.deps
    const known = isUuid(id) ? await findUploads(database, asker, [id]) : []
    if (known.length === 0) throw uploadNotFound()
    const lock = await locks.acquire(id)
    if (!lock) throw uploadNotFound()
    try {
      const [upload] = await findUploads(database, asker, [id])
      if (!upload) throw uploadNotFound()
      if (upload.state === 'ended') throw uploadEnded()
      // A part is only waiting for its whole: where nobody has made that, its bytes are gone.
      if (upload.isExpired && (upload.state === 'open' || upload.kind === 'partial')) throw uploadExpired()
      return await work(upload, lock)
    } finally {
      await lock.release()
    }
  }

  async #withLength(asker: TusAsker, upload: TusRow, length: number | undefined): Promise<TusRow> {
    if (length === undefined || length === upload.length) return upload
    if (upload.length !== null) throw badHeader('Upload-Length', 'was told before, and is another')
    const limit = this.deps.creations.limitFor(asker)
    if (length > limit) throw fileTooLarge(limit, length)
    if (length < (await this.deps.appends.offsetOf(upload)))
      throw badHeader('Upload-Length', 'is less than what has come')
    if (upload.blob) await this.deps.blobs.hold(upload.blob, length)
    await this.deps.database.query(`UPDATE tus_upload SET length = $2 WHERE id = $1`, [upload.id, length])
    return { ...upload, length }
  }

  /** Finishes what has all its bytes. */
  async #reached(asker: TusAsker, upload: TusRow, offset: number): Promise<TusStatus> {
    if (offset !== upload.length || upload.state === 'finished')
      return { upload, offset, mediaId: upload.mediaId }
    if (upload.kind !== 'partial') return this.#finished(asker, upload, [])
    const { database, storage, fault } = this.deps
    if (upload.blob && upload.handle !== null)
      await storage.resumableOf(upload.blob.storeId).complete(upload.handle)
    await fault.hit('T2.complete')
    await database.query(`UPDATE tus_upload SET state = 'finished' WHERE id = $1`, [upload.id])
    return { upload, offset, mediaId: null }
  }

  async #finished(asker: TusAsker, upload: TusRow, parts: readonly TusRow[]): Promise<TusStatus> {
    const offset = upload.length ?? 0
    if (upload.state === 'finished') return { upload, offset, mediaId: upload.mediaId }
    return { upload, offset, mediaId: await this.deps.finish.finish(asker, upload, parts) }
  }
}

/** Who has the URL of a ticket may be anybody, and is told no figures of its account. */
const figuresFor = ({ ticket, viewer }: TusAsker): Viewer | undefined => (ticket ? undefined : viewer)
