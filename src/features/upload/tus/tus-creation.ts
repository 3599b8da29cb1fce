import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { commonErrors } from '../../../platform/errors.ts'
import type { Fault } from '../../../platform/fault.ts'
import type { BlobService } from '../../blobs/blob.service.ts'
import type { NewMedia } from '../new-media.ts'
import type { StoreChoice } from '../stores/store-choice.ts'
import { contentMismatch, ticketUsed } from '../tickets/ticket.errors.ts'
import type { TicketBytes } from '../tickets/ticket-bytes.ts'
import { fileTooLarge } from '../upload.errors.ts'
import { notResumable, uploadEnded } from './tus.errors.ts'
import { findFinal, findUploads, type TusAsker, type TusRow } from './tus.row.ts'
import { saidOf } from './tus-fields.ts'
import type { Concatenation } from './tus-headers.ts'
import { TusUpload } from './tus-upload.entity.ts'

export interface TusCreation {
  /** Upload-Metadata as it came. */
  readonly metadata: string
  readonly concatenation: Concatenation
  /** Null is told later; of a final one its parts say. */
  readonly length: number | null
}

export interface TusCreationDeps {
  readonly database: Database
  readonly blobs: Pick<BlobService, 'stage' | 'begin' | 'keep'>
  readonly newMedia: Pick<NewMedia, 'purpose'>
  readonly ticketBytes: Pick<TicketBytes, 'limitOf'>
  readonly newId: () => string
  readonly fault: Fault
  readonly stores: Pick<StoreChoice, 'storeFor'>
  readonly isResumable: (storeId: string) => boolean
  readonly maxBytes: number
  /** How long an upload without a ticket may take. */
  readonly seconds: number
}

/** Begins resumable uploads. */
export class TusCreations {
  constructor(private readonly deps: TusCreationDeps) {}

  /** Most bytes that an upload of the asker may have. */
  limitFor({ ticket }: TusAsker): number {
    return ticket ? this.deps.ticketBytes.limitOf(ticket) : this.deps.maxBytes
  }

  /** Where the bytes of an upload go, as its ticket says or its metadata. Throws INVALID_INPUT. */
  storeFor({ accountId, ticket }: TusAsker, metadata: string): string {
    const said = saidOf({ metadata })
    const declaredType = ticket?.declaredType ?? said.declaredType
    const storeId = ticket ? ticket.storeId : said.storeId
    return this.deps.stores.storeFor({ accountId, declaredType, storeId })
  }

  /**
   * The id of a new upload that waits for bytes. Rejects with UNAUTHENTICATED, FORBIDDEN, INVALID_INPUT, BAD_REQUEST,
   * FILE_TOO_LARGE, QUOTA_EXCEEDED, CONTENT_MISMATCH, TICKET_USED, or a storage error.
   */
  async begin(asker: TusAsker, { metadata, length, concatenation }: TusCreation): Promise<string> {
    const { database, blobs, newId, fault } = this.deps
    const { kind } = concatenation
    await this.#check(asker, metadata, { length, isWhole: kind === 'whole' })
    const { accountId } = asker
    const storeId = this.storeFor(asker, metadata)
    if (!this.deps.isResumable(storeId)) throw notResumable()
    const isNewItem = kind === 'whole' && asker.ticket?.replaces == null
    const blob = await blobs.stage({ accountId, storeId, reserve: length, isNewItem })
    await blobs.begin(blob, { size: length ?? undefined })
    await fault.hit('T0.begun')
    const id = newId()
    await database.transaction(async tx => {
      await tx.insert(TusUpload, {
        ...ownedBy(asker),
        id,
        metadata,
        kind,
        length,
        blobId: blob.id,
        state: 'open',
        expiresAt: this.#expiry(asker),
      } as never)
      const [{ expiresAt }] = await tx.query(
        `SELECT expires_at AS "expiresAt" FROM tus_upload WHERE id = $1`,
        [id],
      )
      await blobs.keep(tx, blob, expiresAt)
    })
    return id
  }

  /**
   * An upload that is made of whole partial ones: begun now, or earlier by the same request whose answer was lost. Its parts are
   * empty when it is finished. Rejects as `begin` does, and with BAD_REQUEST for parts that are not there or not whole.
   */
  async join(
    asker: TusAsker,
    metadata: string,
    { partIds }: Concatenation & { readonly kind: 'final' },
  ): Promise<{ readonly id: string; readonly parts: readonly TusRow[] }> {
    const { database, newId } = this.deps
    return database.transaction(async tx => {
      // Of two that come at once, the second finds what the first has begun.
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [partIds.join()])
      const [known] = await findFinal(tx, asker, partIds)
      if (known?.state === 'ended') throw uploadEnded()
      if (known?.state === 'finished') return { id: known.id, parts: [] }
      const parts = await this.#partsOf(tx, asker, partIds)
      const length = parts.reduce((sum, part) => sum + (part.length ?? 0), 0)
      await this.#check(asker, metadata, { length, isWhole: true })
      if (known) return { id: known.id, parts }
      const id = newId()
      await tx.insert(TusUpload, {
        ...ownedBy(asker),
        id,
        metadata,
        kind: 'final',
        partIds: [...partIds],
        length,
        state: 'open',
        expiresAt: this.#expiry(asker),
      } as never)
      return { id, parts }
    })
  }

  async #partsOf(tx: EntityManager, asker: TusAsker, partIds: readonly string[]): Promise<readonly TusRow[]> {
    const found = new Map((await findUploads(tx, asker, partIds)).map(part => [part.id, part]))
    return partIds.map(id => {
      const part = found.get(id)
      if (part?.kind === 'partial' && part.state === 'finished' && !part.isExpired && part.blob) return part
      throw commonErrors.BAD_REQUEST(
        'Upload-Concat names an upload that is no whole partial upload of yours.',
        {
          field: ['Upload-Concat'],
        },
      )
    })
  }

  async #check(
    asker: TusAsker,
    metadata: string,
    { length, isWhole }: { length: number | null; isWhole: boolean },
  ): Promise<void> {
    const said = saidOf({ metadata })
    const { ticket } = asker
    if (ticket && ticket.state !== 'open') throw ticketUsed()
    if (!ticket) await this.deps.newMedia.purpose(asker.viewer, said.fields, { ...said, door: 'tus' }).check()
    this.storeFor(asker, metadata)
    if (length === null) return
    const limit = this.limitFor(asker)
    if (length > limit) throw fileTooLarge(limit, length)
    const promised = ticket?.size ?? null
    if (isWhole && promised !== null && length !== promised)
      throw contentMismatch('size', String(promised), String(length))
  }

  #expiry({ ticket }: TusAsker): Date | (() => string) {
    return ticket?.expiresAt ?? (() => `clock_timestamp() + ${this.deps.seconds} * interval '1 second'`)
  }
}

const ownedBy = ({ accountId, principal, ticket }: TusAsker) => ({
  accountId,
  principal,
  ticketId: ticket?.id ?? null,
})
