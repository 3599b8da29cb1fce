import type { EntityManager } from 'typeorm'
import type { Database } from '../../../platform/db/database.ts'
import { Deadline } from '../../../platform/db/deadline.ts'
import { AppError } from '../../../platform/errors.ts'
import { AlreadyMade, type Once, onlyOnce } from '../../../platform/idempotency/once.ts'
import { authenticated } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { BlobService } from '../../blobs/blob.service.ts'
import { mediaErrors } from '../../media/media.errors.ts'
import type { MediaRow } from '../../media/media.row.ts'
import type { Arrival, Commitment } from '../commitment.ts'
import type { Purpose } from '../purpose.ts'
import type { Replacement } from '../replacement.ts'
import type { TypeCheck } from '../type-check.ts'
import { ingestError } from '../upload.errors.ts'
import type { PresignedUploads } from './presigned.ts'
import { notReceived, ticketNotFound, ticketUsed } from './ticket.errors.ts'
import type { TicketRow } from './ticket.row.ts'
import type { Tickets } from './ticket.service.ts'
import { checkBytes } from './ticket-bytes.ts'

export interface TicketCompletionDeps {
  readonly database: Database
  readonly tickets: Pick<Tickets, 'ofPrincipal' | 'purposeOf'>
  readonly presigned: Pick<PresignedUploads, 'collect'>
  readonly commitment: Pick<Commitment, 'commit'>
  readonly blobs: Pick<BlobService, 'holding' | 'discard'>
  readonly types: Pick<TypeCheck, 'check'>
  readonly maxBytes: number
}

/** Turns the bytes of a ticket into what it was given for. */
export class TicketCompletion {
  constructor(private readonly deps: TicketCompletionDeps) {}

  /**
   * The media that a ticket's bytes are now, durable when this resolves; the same one each time it is asked for. Whether the viewer
   * may is decided anew. `replaces` names the media whose content they shall be, for a ticket that was not given for
   * another. Takes as long as reading the file may take, whatever the deadline of the operation. Rejects with NOT_FOUND,
   * UPLOAD_EXPIRED, UPLOAD_NOT_RECEIVED, TICKET_USED, CONTENT_MISMATCH, TYPE_NOT_ACCEPTED, and as `IngestService.ingest` and `replace` do.
   */
  async complete(viewer: Viewer, id: string, replaces?: Replacement): Promise<MediaRow> {
    const { tickets, maxBytes } = this.deps
    const principal = authenticated(viewer)
    const ticket = await tickets.ofPrincipal(principal, id)
    const purpose = tickets.purposeOf(viewer, termsFor(ticket, replaces))
    const once = this.#once(ticket)
    const again = async (mediaId: string) => {
      if (replaces && replaces.id !== mediaId) throw ticketUsed()
      return purpose.again(mediaId)
    }
    try {
      const create = () => Deadline.aside(() => this.#commit(ticket, purpose, once))
      return await onlyOnce(once, { create, again })
    } catch (error) {
      // Of two completions at one time, the second finds that the bytes are a media's already.
      const { mediaId } = isLeaseLost(error) ? await tickets.ofPrincipal(principal, id) : { mediaId: null }
      if (mediaId !== null) return again(mediaId)
      throw ingestError(error, maxBytes, viewer)
    }
  }

  async #commit(ticket: TicketRow, purpose: Purpose, once: Once): Promise<MediaRow> {
    await purpose.check()
    return this.deps.blobs.holding(ticket.blob ? [ticket.blob] : [], () => this.#write(ticket, purpose, once))
  }

  async #write(ticket: TicketRow, purpose: Purpose, once: Once): Promise<MediaRow> {
    const arrival = await this.#arrivalOf(ticket)
    try {
      return await this.deps.commitment.commit(arrival, (tx, arrived) =>
        purpose.write(tx, { ...arrived, once }),
      )
    } catch (error) {
      if (error instanceof AlreadyMade) await this.#settle(ticket.id, arrival, error.resultId)
      throw error
    }
  }

  async #arrivalOf(ticket: TicketRow): Promise<Arrival> {
    const { blob, state, receivedSize: size, receivedSha256: sha256, receivedType: mimeType } = ticket
    const said = {
      fileName: ticket.fileName ?? undefined,
      declaredType: ticket.declaredType ?? undefined,
      door: 'ticket' as const,
    }
    if (blob && state === 'received' && size !== null && sha256 !== null && mimeType !== null)
      return { ...said, blob, received: { size, sha256, mimeType } }
    if (!blob || !ticket.isPresigned) throw notReceived()
    try {
      const received = await this.deps.presigned.collect(ticket)
      checkBytes(ticket, received)
      this.deps.types.check({ ...received, accountId: ticket.accountId, door: 'ticket' })
      return { ...said, blob, received }
    } catch (error) {
      if (isLasting(error)) await this.deps.blobs.discard(blob)
      throw error
    }
  }

  /** Of a ticket: the first completion makes the media, every later one finds it. */
  #once({ id, state, mediaId }: TicketRow): Once {
    return {
      earlier: async () => (state === 'completed' && mediaId !== null ? { resultFor: () => mediaId } : null),
      claim: (tx, made) => claim(tx, id, made),
    }
  }

  /** The bytes were not needed: they are another media's already. */
  async #settle(ticketId: string, { blob }: Arrival, mediaId: string): Promise<void> {
    const rows = await this.deps.database.query(
      `UPDATE upload_ticket SET state = 'completed', media_id = $2, blob_id = NULL WHERE id = $1 AND state <> 'completed'
       RETURNING id`,
      [ticketId, mediaId],
    )
    if (rows.length > 0) await this.deps.blobs.discard(blob)
  }
}

const isLeaseLost = (error: unknown): boolean => error instanceof AppError && error.code === 'LEASE_LOST'

const isLasting = (error: unknown): boolean =>
  error instanceof AppError &&
  ['CONTENT_MISMATCH', 'TYPE_NOT_ACCEPTED', 'UNSUPPORTED_TYPE', 'FILE_TOO_LARGE'].includes(error.code)

async function claim(tx: EntityManager, ticketId: string, mediaId: string): Promise<void> {
  const [, affected] = (await tx.query(
    `UPDATE upload_ticket SET state = 'completed', media_id = $2 WHERE id = $1 AND state <> 'completed'`,
    [ticketId, mediaId],
  )) as [unknown, number]
  if (affected === 1) return
  const [ticket] = await tx.query(`SELECT media_id AS "mediaId" FROM upload_ticket WHERE id = $1`, [ticketId])
  if (!ticket) throw ticketNotFound()
  throw new AlreadyMade(ticket.mediaId)
}

function termsFor(ticket: TicketRow, replaces: Replacement | undefined): TicketRow {
  if (!replaces) return ticket
  if (ticket.replaces !== null && ticket.replaces !== replaces.id) {
    throw mediaErrors.INVALID_INPUT('This upload was created for the content of another media.', {
      field: ['input', 'ticketId'],
    })
  }
  return { ...ticket, replaces: replaces.id, ifMatch: replaces.ifMatch ?? ticket.ifMatch }
}
