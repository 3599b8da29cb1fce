import type { Sql } from '../../platform/db/database.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { commonErrors } from '../../platform/errors.ts'

/** A media that waits for its content, or a content that pictures are made of, by its SHA-256. */
export type BlobSubject = { readonly mediaId: string } | { readonly sha256: string }

/** The values of `of_media` and `of_content`, and what to join with the account so that there is a row only while the subject is there. */
interface SubjectSql {
  readonly columns: SqlText
  readonly join: SqlText
  /** Holds up a purge until the row of the blob is committed, so that it finds it. */
  readonly lock: SqlText
}

export function subjectSql(of: BlobSubject | undefined, accountId: string, p: SqlParameters): SubjectSql {
  if (!of) return { columns: 'NULL, NULL', join: '', lock: '' }
  if ('mediaId' in of) {
    const id = p.add(of.mediaId, 'uuid')
    return { columns: `${id}, NULL`, join: `JOIN media s ON s.id = ${id}`, lock: 'FOR KEY SHARE OF s' }
  }
  const sha256 = p.add(of.sha256, 'text')
  return {
    columns: `NULL, ${sha256}`,
    join: `JOIN LATERAL (SELECT v.media_id FROM media_version v JOIN media m ON m.id = v.media_id
             WHERE v.sha256 = ${sha256} AND m.account_id = ${p.add(accountId, 'text')} LIMIT 1 FOR KEY SHARE OF v) s ON true`,
    lock: '',
  }
}

/** Throws NOT_FOUND when the subject is gone. */
export async function demandSubject(sql: Sql, of: BlobSubject | undefined, accountId: string): Promise<void> {
  if (!of) return
  const p = new SqlParameters()
  const { join } = subjectSql(of, accountId, p)
  const rows = await sql.query(`SELECT 1 FROM (SELECT 1) AS once ${join}`, p.values)
  if (rows.length === 0) throw commonErrors.NOT_FOUND('The media was deleted for good meanwhile.')
}
