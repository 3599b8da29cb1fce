import type { Sql } from '../../../platform/db/database.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { StagedBlob } from '../../blobs/blob.service.ts'
import type { TicketRow } from '../tickets/ticket.row.ts'
import type { TusUpload } from './tus-upload.entity.ts'

/** Who is at a resumable upload: whoever has the URL of its ticket, or the credential that created it. */
export interface TusAsker {
  readonly accountId: string
  readonly principal: string
  readonly viewer: Viewer
  readonly ticket: TicketRow | null
}

/** A resumable upload as it is read. */
export interface TusRow
  extends Pick<
    TusUpload,
    | 'id'
    | 'metadata'
    | 'kind'
    | 'partIds'
    | 'length'
    | 'state'
    | 'mediaId'
    | 'unverifiedFrom'
    | 'isTorn'
    | 'lockNumber'
    | 'expiresAt'
  > {
  readonly isExpired: boolean
  /** Null for a final one, whose bytes are made of its parts, and when they are gone. */
  readonly blob: StagedBlob | null
  readonly handle: string | null
}

type Read = Omit<TusRow, 'blob'> &
  Record<'blobId' | 'storeId' | 'key', string> &
  Record<'fence' | 'held', number>

const SELECT = `SELECT u.id, u.metadata, u.kind, u.part_ids AS "partIds", u.length::float8 AS length, u.state,
    u.media_id AS "mediaId", u.unverified_from::float8 AS "unverifiedFrom", u.is_torn AS "isTorn", u.lock_number AS "lockNumber", u.expires_at AS "expiresAt",
    u.expires_at <= clock_timestamp() AS "isExpired",
    b.id AS "blobId", b.store_id AS "storeId", b.key, b.fence, b.multipart_id AS handle, b.reserved_bytes::float8 AS held
  FROM tus_upload u LEFT JOIN blob b ON b.id = u.blob_id
  WHERE u.account_id = $1 AND u.principal = $2 AND u.ticket_id IS NOT DISTINCT FROM $3`

/** Those of the ids that are the asker's; nobody else's are told apart from what never was. */
export const findUploads = (database: Sql, asker: TusAsker, ids: readonly string[]): Promise<TusRow[]> =>
  read(database, asker, { condition: 'u.id = ANY ($4::uuid[])', value: ids })

/** What was begun to be made of just these parts. */
export const findFinal = (database: Sql, asker: TusAsker, partIds: readonly string[]): Promise<TusRow[]> =>
  read(database, asker, { condition: `u.kind = 'final' AND u.part_ids = $4::uuid[]`, value: partIds })

async function read(
  database: Sql,
  { accountId, principal, ticket }: TusAsker,
  { condition, value }: { condition: string; value: readonly string[] },
): Promise<TusRow[]> {
  const rows = await database.query<Read>(`${SELECT} AND ${condition}`, [
    accountId,
    principal,
    ticket?.id ?? null,
    value,
  ])
  return rows.map(({ blobId, storeId, key, fence, held, ...row }) => ({
    ...row,
    blob: blobId === null ? null : { id: blobId, accountId, storeId, key, fence, held, lent: [] },
  }))
}
