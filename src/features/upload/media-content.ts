import type { EntityManager } from 'typeorm'
import { snakeCase } from '../../platform/db/naming.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'
import { MediaVersion } from '../media/media-version.entity.ts'
import type { ArrivedContent } from './purpose.ts'

/** The columns of a media that its content decides, whatever brought it. */
export const contentColumns = ({ blob, content, declaredType, originalFileName }: ArrivedContent) => ({
  size: content.size,
  sha256: content.sha256,
  etag: content.sha256.slice(0, 32),
  mimeType: content.mimeType,
  kind: content.kind,
  width: content.width,
  height: content.height,
  declaredType,
  originalFileName,
  status: 'COMPLETED' as const,
  storeId: blob.storeId,
  blobId: blob.id,
})

export interface ContentChange {
  readonly mediaId: string
  /** What must be true of `media m` for it to get the content. */
  readonly condition: SqlText
  /** Whether it has had another one before. */
  readonly isNext: boolean
}

type Whole = MediaRow & { readonly accountId: string; readonly contentVersion: number }

/** Gives a media that is there its content, with the version that remembers it; undefined when the condition does not hold. */
export async function setContent(
  tx: EntityManager,
  arrived: ArrivedContent,
  { mediaId, condition, isNext }: ContentChange,
): Promise<Whole | undefined> {
  const p = new SqlParameters()
  const columns = Object.entries(contentColumns(arrived)).map(
    ([column, value]) => `${snakeCase(column)} = ${p.add(value)}`,
  )
  const [[media]] = (await tx.query(
    `UPDATE media m SET ${columns.join(', ')}, duration_seconds = NULL, page_count = NULL, status_reason = NULL,
       content_version = m.content_version + ${isNext ? 1 : 0}, version = m.version + 1,
       updated_at = clock_timestamp(), content_updated_at = clock_timestamp()
     WHERE m.id = ${p.add(mediaId)} AND ${condition} RETURNING ${selectList(ALL_COLUMNS)}`,
    p.values,
  )) as [[Whole?], number]
  if (media) await insertVersion(tx, arrived, { mediaId, n: media.contentVersion })
  return media
}

/** Remembers the content as version `n` of its media. */
export async function insertVersion(
  tx: EntityManager,
  { blob, content, originalFileName }: ArrivedContent,
  { mediaId, n }: { readonly mediaId: string; readonly n: number },
): Promise<void> {
  const { sha256, size, mimeType } = content
  await tx.insert(MediaVersion, {
    mediaId,
    n,
    blobId: blob.id,
    sha256,
    size,
    mimeType,
    originalFileName,
    // When it became the content, not when its bytes began to come: of two versions the later one has the later time.
    createdAt: () => 'clock_timestamp()',
  })
}
