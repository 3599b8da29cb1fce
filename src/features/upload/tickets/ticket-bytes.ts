import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { CommitUnknownError } from '../../../platform/db/pg-errors.ts'
import type { Fault } from '../../../platform/fault.ts'
import type { BlobService } from '../../blobs/blob.service.ts'
import { fileLabel } from '../../media/media.fields.ts'
import type { Arrival } from '../commitment.ts'
import { sha256Of } from '../meter.ts'
import type { Incoming, Received, Reception } from '../reception.ts'
import type { StoreChoice } from '../stores/store-choice.ts'
import type { TypeCheck } from '../type-check.ts'
import { fileTooLarge, ingestError } from '../upload.errors.ts'
import { isAccepted } from './accepted-types.ts'
import { contentMismatch, ticketUsed, typeNotAccepted, uploadExpired } from './ticket.errors.ts'
import type { TicketRow } from './ticket.row.ts'

export interface TicketBytesDeps {
  readonly database: Database
  readonly blobs: Pick<BlobService, 'stage' | 'keep' | 'discard'>
  readonly reception: Pick<Reception, 'receive'>
  readonly stores: Pick<StoreChoice, 'storeFor'>
  readonly types: Pick<TypeCheck, 'check'>
  readonly maxBytes: number
  readonly fault: Fault
}

/** Bytes that come for a ticket in one request, and what else must be true of them. */
export interface TicketDelivery extends Omit<Incoming, 'door'> {
  /** Rejects what came when it is not what the request said; called when all of it has come. */
  readonly verify?: (received: Received) => void
}

/** Takes bytes for a ticket, whoever brings them; what was decided about the ticket is asked of them here, and nowhere else. */
export class TicketBytes {
  constructor(private readonly deps: TicketBytesDeps) {}

  /** Most bytes that may come. */
  limitOf({ size, maxSize }: TicketRow): number {
    return size ?? Math.min(maxSize ?? this.deps.maxBytes, this.deps.maxBytes)
  }

  /**
   * Stores a body for a ticket; it is durable when this resolves, and nobody sees it until the ticket is completed. Bytes that
   * came before are taken again when they are the same. Rejects with FILE_TOO_LARGE, CONTENT_MISMATCH, TYPE_NOT_ACCEPTED, QUOTA_EXCEEDED,
   * TICKET_USED, UPLOAD_INCOMPLETE, UPLOAD_EXPIRED or a storage error; then nothing of the body stays.
   */
  async store(ticket: TicketRow, delivery: TicketDelivery): Promise<Received> {
    const limit = this.limitOf(ticket)
    delivery.body.on('error', () => undefined)
    try {
      const { declaredSize } = delivery
      if (declaredSize !== undefined && declaredSize > limit) throw fileTooLarge(limit, declaredSize)
      if (ticket.size !== null && declaredSize !== undefined && declaredSize !== ticket.size)
        throw contentMismatch('size', String(ticket.size), String(declaredSize))
      if (ticket.state !== 'open') return await this.#again(ticket, delivery, limit)
      return await this.#store(ticket, delivery, limit)
    } catch (error) {
      throw ingestError(error, limit)
    } finally {
      delivery.body.destroy()
    }
  }

  async #store(ticket: TicketRow, delivery: TicketDelivery, limit: number): Promise<Received> {
    const { blobs, stores } = this.deps
    const { accountId } = ticket
    const reserve = ticket.size ?? delivery.declaredSize ?? null
    const fileName = ticket.fileName ?? delivery.fileName
    const declaredType = ticket.declaredType ?? delivery.declaredType
    const storeId = stores.storeFor({ ...ticket, declaredType })
    const blob = await blobs.stage({ accountId, storeId, reserve, isNewItem: ticket.replaces === null })
    try {
      const incoming = { ...delivery, fileName, declaredType, door: 'ticket' as const }
      const received = await this.deps.reception.receive(blob, incoming, limit)
      delivery.verify?.(received)
      const isTaken = await this.take(ticket, { blob, received, fileName, declaredType, door: 'ticket' })
      if (!isTaken) await blobs.discard(blob)
      return received
    } catch (error) {
      // Where it is not known whether the ticket has the bytes, their short lease decides.
      if (!(error instanceof CommitUnknownError)) await blobs.discard(blob)
      throw error
    }
  }

  /**
   * Makes stored bytes the ticket's; false when it has the same bytes already, elsewhere, and needs no others. Rejects with
   * CONTENT_MISMATCH, TYPE_NOT_ACCEPTED, UNSUPPORTED_TYPE, FILE_TOO_LARGE, TICKET_USED, UPLOAD_EXPIRED, LEASE_LOST; then the bytes are the caller's still. `also`
   * is done in the same transaction.
   */
  async take(
    ticket: TicketRow,
    arrival: Arrival,
    also?: (tx: EntityManager) => Promise<void>,
  ): Promise<boolean> {
    const { database, blobs, types, fault } = this.deps
    checkBytes(ticket, arrival.received)
    types.check({ ...arrival.received, accountId: ticket.accountId, door: 'ticket' })
    const isTaken = await database.transaction(async tx => {
      const isClaimed = await claim(tx, ticket.id, arrival)
      if (isClaimed) await blobs.keep(tx, arrival.blob, ticket.expiresAt)
      await also?.(tx)
      return isClaimed
    })
    await fault.hit('T3.received')
    return isTaken
  }

  /** A request that has come before, and whose answer was lost. */
  async #again(ticket: TicketRow, { body }: TicketDelivery, limit: number): Promise<Received> {
    const { receivedSize: size, receivedSha256: sha256, receivedType: mimeType } = ticket
    if (size === null || sha256 === null || mimeType === null) throw ticketUsed()
    if ((await sha256Of(body, limit)) !== sha256) throw ticketUsed()
    return { size, sha256, mimeType }
  }
}

/** What was announced of the bytes, held against them. */
export function checkBytes(ticket: TicketRow, { size, sha256, mimeType }: Received): void {
  if (ticket.size !== null && size !== ticket.size)
    throw contentMismatch('size', String(ticket.size), String(size))
  if (ticket.sha256 !== null && sha256 !== ticket.sha256)
    throw contentMismatch('SHA-256', ticket.sha256, sha256)
  if (ticket.accept && !isAccepted(mimeType, ticket.accept)) throw typeNotAccepted(mimeType, ticket.accept)
}

async function claim(tx: EntityManager, ticketId: string, arrival: Arrival): Promise<boolean> {
  const { blob, received, fileName, declaredType } = arrival
  const { size, sha256, mimeType } = received
  const [, affected] = (await tx.query(
    `UPDATE upload_ticket SET state = 'received', blob_id = $2, received_size = $3, received_sha256 = $4, received_type = $5,
       file_name = coalesce(file_name, $6), declared_type = coalesce(declared_type, $7)
     WHERE id = $1 AND state = 'open' AND expires_at > clock_timestamp()`,
    [
      ticketId,
      blob.id,
      size,
      sha256,
      mimeType,
      fileName === undefined ? null : fileLabel(fileName),
      declaredType ?? null,
    ],
  )) as [unknown, number]
  if (affected === 1) return true
  const [now] = await tx.query(
    `SELECT state, received_sha256 AS sha256, blob_id AS "blobId" FROM upload_ticket WHERE id = $1`,
    [ticketId],
  )
  if (!now || now.state === 'open') throw uploadExpired()
  if (now.blobId === blob.id) return true
  if (now.sha256 !== sha256) throw ticketUsed()
  return false
}
