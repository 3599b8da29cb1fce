import type { EntityManager } from 'typeorm'

/** Contents that no media of their account has any more; each with one of the media that had it. */
export interface OrphanedContent {
  readonly accountId: string
  readonly sha256: string
  readonly mediaId: string
}

interface Trace {
  /** What of the media it is. */
  readonly of: string
  /** `$1`: ids of media, or, `of` contents, `$1` accounts, `$2` SHA-256 and `$3` media of each. */
  readonly sql: string
}

const DOOMED = `state = 'doomed', doom_at = clock_timestamp(), lease_until = NULL, fence = fence + 1`

/**
 * Resumable uploads through which a content came, and the pieces of them that nobody else puts together. Their rows have the file's name,
 * and what was said about it.
 */
const TUS_UPLOADS = `SELECT u.id, u.blob_id, u.media_id, u.part_ids FROM tus_upload u WHERE u.media_id = ANY ($1)
  UNION ALL SELECT u.id, u.blob_id, coalesce(t.media_id, t.replaces), u.part_ids
  FROM upload_ticket t JOIN tus_upload u ON u.ticket_id = t.id WHERE t.media_id = ANY ($1) OR t.replaces = ANY ($1)`
const TUS_PIECES = `SELECT p.id, p.blob_id, w.media_id FROM whole w JOIN tus_upload p ON p.id = ANY (w.part_ids)
  WHERE NOT EXISTS (SELECT FROM tus_upload f WHERE f.kind = 'final' AND f.state = 'open' AND f.id <> w.id AND p.id = ANY (f.part_ids))`

/** What points to a media without a foreign key that takes it along; each ahead of the media's own row. */
const OF_MEDIA = [
  {
    of: 'contents, present and kept',
    sql: `UPDATE blob b SET of_media = own.media_id, ${DOOMED}
      FROM (SELECT blob_id, media_id FROM media_version WHERE media_id = ANY ($1)
            UNION SELECT blob_id, id FROM media WHERE id = ANY ($1) AND blob_id IS NOT NULL) own
      WHERE b.id = own.blob_id`,
  },
  {
    of: 'bytes that resumable uploads have left, or still bring',
    // Who still writes them loses the lease, and cannot commit; the reaper takes them as it takes all that has run out.
    sql: `WITH whole AS (${TUS_UPLOADS}),
      left_over AS (SELECT blob_id, media_id FROM whole UNION ALL SELECT blob_id, media_id FROM (${TUS_PIECES}) piece)
      UPDATE blob b SET of_media = l.media_id, lease_until = clock_timestamp()
      FROM left_over l WHERE b.id = l.blob_id AND b.state = 'staged'`,
  },
  {
    of: 'resumable uploads',
    sql: `WITH whole AS (${TUS_UPLOADS})
      DELETE FROM tus_upload WHERE id IN (SELECT id FROM whole UNION ALL SELECT id FROM (${TUS_PIECES}) piece)`,
  },
  {
    of: 'bytes that came to a ticket for a new content',
    sql: `UPDATE blob b SET of_media = t.replaces, ${DOOMED} FROM upload_ticket t
      WHERE t.replaces = ANY ($1) AND t.state = 'received' AND NOT t.is_presigned AND b.id = t.blob_id AND b.state = 'staged'`,
  },
  {
    of: 'tickets',
    sql: `DELETE FROM upload_ticket
      WHERE media_id = ANY ($1) OR (replaces = ANY ($1) AND (state = 'completed' OR NOT is_presigned))`,
  },
  {
    of: 'tickets whose presigned requests nobody can take back: their bytes have a row until the last of those has expired',
    sql: `UPDATE upload_ticket SET fields = '{}', file_name = NULL, declared_type = NULL, sha256 = NULL
      WHERE replaces = ANY ($1) AND state <> 'completed'`,
  },
] as const satisfies readonly Trace[]

const CONTENTS = `unnest($1::text[], $2::text[], $3::uuid[]) AS c (account_id, sha256, media_id)`

/** What is found by a content, and was made of it. */
const OF_CONTENT = [
  {
    of: 'variants',
    sql: `WITH gone AS (DELETE FROM variant v USING ${CONTENTS}
        WHERE v.account_id = c.account_id AND v.sha256 = c.sha256 RETURNING v.blob_id, c.media_id)
      UPDATE blob b SET of_media = gone.media_id, ${DOOMED} FROM gone WHERE b.id = gone.blob_id`,
  },
  {
    of: 'variants that were evicted, or are just being made: those find the content gone, and give their bytes up',
    sql: `UPDATE blob b SET of_media = c.media_id FROM ${CONTENTS}
      WHERE b.account_id = c.account_id AND b.of_content = c.sha256 AND b.of_media IS NULL`,
  },
  {
    of: 'redactions',
    sql: `DELETE FROM redaction r USING ${CONTENTS} WHERE r.account_id = c.account_id AND r.sha256 = c.sha256`,
  },
] as const satisfies readonly Trace[]

/** Rows that hang on media and that no foreign key takes along. */
export async function removeTracesOfMedia(tx: EntityManager, ids: readonly string[]): Promise<void> {
  for (const { sql } of OF_MEDIA) await tx.query(sql, [ids])
}

export async function removeTracesOfContents(
  tx: EntityManager,
  contents: readonly OrphanedContent[],
): Promise<void> {
  if (contents.length === 0) return
  const values = [
    contents.map(({ accountId }) => accountId),
    contents.map(({ sha256 }) => sha256),
    contents.map(({ mediaId }) => mediaId),
  ]
  for (const { sql } of OF_CONTENT) await tx.query(sql, values)
}
