import type { EntityManager } from 'typeorm'
import { recordChange } from '../../../platform/audit/trail.ts'
import type { Database } from '../../../platform/db/database.ts'
import { resultGone } from '../../../platform/idempotency/idempotency.errors.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { onlyOnce } from '../../../platform/idempotency/once.ts'
import { isStorable } from '../../../platform/lib/storable-text.ts'
import { isUuid } from '../../../platform/lib/uuid7.ts'
import type { Principal, Viewer } from '../../access/viewer.ts'
import type { StagedBlob, StageRequest } from '../../blobs/blob.service.ts'
import { mediaErrors } from '../../media/media.errors.ts'
import type { AccountQuotas } from '../../usage/account-quotas.ts'
import { withFigures } from '../../usage/usage.errors.ts'
import type { NewMedia } from '../new-media.ts'
import type { Purpose } from '../purpose.ts'
import type { NewContent, Replacement } from '../replacement.ts'
import type { StoreChoice } from '../stores/store-choice.ts'
import { type ExpectedBytes, expectedBytes, type WantedUpload } from './new-ticket.ts'
import type { PresignedUploads } from './presigned.ts'
import { ticketNotFound, uploadExpired } from './ticket.errors.ts'
import { TICKET_COLUMNS, type TicketRow, ticketOf } from './ticket.row.ts'
import type { TicketUrls } from './ticket-urls.ts'
import { UploadTicket } from './upload-ticket.entity.ts'

export interface TicketDeps {
  readonly database: Database
  readonly idempotency: Pick<Idempotency, 'once'>
  readonly newMedia: Pick<NewMedia, 'purpose'>
  readonly newContent: Pick<NewContent, 'purpose'>
  readonly presigned: Pick<PresignedUploads, 'prepare' | 'keep'>
  readonly urls: Pick<TicketUrls, 'idOf'>
  readonly stores: Pick<StoreChoice, 'storeFor'>
  readonly newId: () => string
  readonly quotas: Pick<AccountQuotas, 'foresee'>
  readonly maxBytes: number
  /** How long a ticket holds. */
  readonly seconds: number
}

/** What decides what the bytes of a ticket become. */
export type TicketTerms = Pick<TicketRow, 'fields' | 'onDuplicate' | 'replaces' | 'ifMatch'>

/** Gives out tickets and finds them again. */
export class Tickets {
  constructor(private readonly deps: TicketDeps) {}

  /**
   * A ticket for one file: who asks may make a media of it, or replace that content, and it is decided now what may come. Rejects
   * with UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, LEGAL_HOLD, REVISION_CONFLICT, INVALID_INPUT, FILE_TOO_LARGE, QUOTA_EXCEEDED,
   * IDEMPOTENCY_CONFLICT, IDEMPOTENCY_RESULT_GONE.
   */
  async create(
    viewer: Viewer,
    wish: WantedUpload & { readonly presigned?: boolean | null },
    keyed?: KeyedRequest,
  ): Promise<TicketRow> {
    const terms = termsOf(wish)
    const purpose = this.purposeOf(viewer, terms)
    const expected = expectedBytes(wish, this.deps.maxBytes)
    const { accountId, name: principal } = purpose.viewer
    const { declaredType } = expected
    const storeId = this.deps.stores.storeFor({ accountId, declaredType, storeId: wish.storeId })
    const once = this.deps.idempotency.once(purpose.viewer, keyed)
    const id = await onlyOnce(once, {
      create: async () => {
        await purpose.check()
        const { database, presigned, newId, seconds } = this.deps
        const blob = await this.#place(wish, expected, { accountId, storeId, isNewItem: purpose.isNewItem })
        return database.transaction(async tx => {
          const ticketId = newId()
          await once.claim(tx, ticketId)
          const place = {
            storeId: wish.storeId ?? null,
            blobId: blob?.id ?? null,
            isPresigned: blob !== null,
          }
          const values = { ...terms, ...expected, ...place, id: ticketId, accountId, principal }
          await tx.insert(UploadTicket, {
            ...values,
            accept: expected.accept && [...expected.accept],
            state: 'open',
            expiresAt: () => `clock_timestamp() + ${seconds} * interval '1 second'`,
          } as never)
          const details = { replaces: terms.replaces }
          await recordChange(tx, { accountId, action: 'uploadTicket.created', subjectId: ticketId, details })
          if (blob) await presigned.keep(tx, blob, await expiryOf(tx, ticketId))
          return ticketId
        })
      },
      again: async earlier => earlier,
    }).catch(error => {
      throw withFigures(error, viewer)
    })
    const ticket = await this.#find(id)
    if (!ticket) throw resultGone()
    return ticket
  }

  /**
   * Where presigned requests write to; null for other ways in. Nothing is held for those until bytes come, since most of the time none
   * would: what cannot be taken as things stand is refused now all the same.
   */
  async #place(
    { presigned }: { readonly presigned?: boolean | null },
    expected: ExpectedBytes,
    place: Required<Pick<StageRequest, 'accountId' | 'storeId' | 'isNewItem'>>,
  ): Promise<StagedBlob | null> {
    const { database, quotas } = this.deps
    const blob = presigned ? await this.deps.presigned.prepare(place, expected) : null
    const { accountId, isNewItem } = place
    if (!blob && expected.size !== null)
      await quotas.foresee(database, accountId, { bytes: expected.size, isNewItem })
    return blob
  }

  /** What the bytes of a ticket become when this viewer completes it. Throws as `create` does. */
  purposeOf(viewer: Viewer, { replaces, ifMatch, fields, onDuplicate }: TicketTerms): Purpose {
    const { newMedia, newContent } = this.deps
    return replaces === null
      ? newMedia.purpose(viewer, fields, { door: 'ticket', onDuplicate })
      : newContent.purpose(viewer, { id: replaces, ifMatch })
  }

  /** The ticket of such a URL, whoever has it. Throws NOT_FOUND, UPLOAD_EXPIRED. */
  async ofUrl(token: string): Promise<TicketRow> {
    const id = this.deps.urls.idOf(token)
    return usable(id === null ? null : await this.#find(id))
  }

  /** The ticket that this principal asked for. Throws NOT_FOUND, UPLOAD_EXPIRED unless it is completed. */
  async ofPrincipal({ accountId, name }: Principal, id: string): Promise<TicketRow> {
    const ticket = isUuid(id) ? await this.#find(id) : null
    return usable(ticket?.accountId === accountId && ticket.principal === name ? ticket : null)
  }

  async #find(id: string): Promise<TicketRow | null> {
    const [row] = await this.deps.database.query<Parameters<typeof ticketOf>[0]>(
      `SELECT ${TICKET_COLUMNS} FROM upload_ticket t LEFT JOIN blob b ON b.id = t.blob_id WHERE t.id = $1`,
      [id],
    )
    return row ? ticketOf(row) : null
  }

  /** Forgets what has ended a day ago: until then it is told apart from what never was. */
  async forget(): Promise<void> {
    await this.deps.database.query(`DELETE FROM upload_ticket WHERE expires_at < now() - interval '1 day'`)
  }
}

async function expiryOf(tx: EntityManager, id: string): Promise<Date> {
  const [row] = await tx.query(`SELECT expires_at AS "expiresAt" FROM upload_ticket WHERE id = $1`, [id])
  return row.expiresAt
}

function usable(ticket: TicketRow | null): TicketRow {
  if (!ticket) throw ticketNotFound()
  if (ticket.isExpired && ticket.state !== 'completed') throw uploadExpired()
  return ticket
}

const noRevision = () =>
  mediaErrors.INVALID_INPUT('ifMatch is a revision, as a media has it.', {
    field: ['input', 'replaces', 'ifMatch'],
  })

/** Throws INVALID_INPUT for what no row can keep. */
function termsOf({ fields, onDuplicate, replaces }: WantedUpload): TicketTerms {
  const replaced: Replacement | null = replaces ?? null
  if (replaced?.ifMatch != null && !isStorable(replaced.ifMatch)) throw noRevision()
  return {
    fields,
    onDuplicate: onDuplicate ?? 'KEEP',
    replaces: replaced?.id ?? null,
    ifMatch: replaced?.ifMatch ?? null,
  }
}
