import type { StagedBlob } from '../../blobs/blob.service.ts'
import type { UploadTicket } from './upload-ticket.entity.ts'

/** A ticket as it is read: with where its bytes lie, or will. */
export interface TicketRow extends Omit<UploadTicket, 'blobId' | 'createdAt'> {
  readonly isExpired: boolean
  readonly blob: StagedBlob | null
  /** The handle of the resumable write that presigned requests write the parts of. */
  readonly handle: string | null
}

type Read = Omit<TicketRow, 'blob'> &
  Record<'blobId' | 'blobStore' | 'key', string> &
  Record<'fence' | 'held', number>

/** From `upload_ticket t LEFT JOIN blob b ON b.id = t.blob_id`; read by `ticketOf`. */
export const TICKET_COLUMNS = `t.id, t.account_id AS "accountId", t.principal, t.fields, t.on_duplicate AS "onDuplicate", t.store_id AS "storeId", t.replaces,
  t.if_match AS "ifMatch", t.file_name AS "fileName", t.declared_type AS "declaredType", t.size::float8 AS size,
  t.max_size::float8 AS "maxSize", t.sha256, t.accept, t.state, t.is_presigned AS "isPresigned",
  t.received_size::float8 AS "receivedSize", t.received_sha256 AS "receivedSha256", t.received_type AS "receivedType",
  t.media_id AS "mediaId", t.expires_at AS "expiresAt", t.expires_at <= clock_timestamp() AS "isExpired",
  b.id AS "blobId", b.store_id AS "blobStore", b.key, b.fence, b.multipart_id AS handle, b.reserved_bytes::float8 AS held`

export function ticketOf({ blobId, blobStore: storeId, key, fence, held, ...ticket }: Read): TicketRow {
  const { accountId } = ticket
  const blob = blobId === null ? null : { id: blobId, accountId, storeId, key, fence, held, lent: [] }
  return { ...ticket, blob }
}
