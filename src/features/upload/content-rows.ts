import type { EntityManager } from 'typeorm'
import { snakeCase } from '../../platform/db/naming.ts'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import type { Media } from '../media/media.entity.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'
import type { ExpiryTerms, Replaced } from '../media/media-expiry.ts'
import { MediaVersion } from '../media/media-version.entity.ts'
import type { Pipeline } from '../processing/pipeline.ts'
import type { ArrivedContent } from './purpose.ts'

export interface ContentChange {
  readonly mediaId: string
  /** What must be true of `media m` for it to get the content. */
  readonly condition: SqlText
  /** Null when it has had no other one before. */
  readonly replaced: Replaced | null
}

type Whole = MediaRow & { readonly accountId: string; readonly contentVersion: number }

/** A place that came with a content goes with it; one that somebody has said stays. */
const PLACE_OF_OLD_CONTENT: SqlText = `m.latitude = (m.facts -> 'geolocation' ->> 'latitude')::float8
  AND m.longitude = (m.facts -> 'geolocation' ->> 'longitude')::float8`

/** Gives media their content: the one place where a content becomes the present one, whatever brought it. */
export class ContentRows {
  constructor(
    private readonly deps: {
      readonly pipeline: Pick<Pipeline, 'statusOf' | 'begin'>
      readonly expiry: Pick<ExpiryTerms, 'renewed' | 'replaced'>
    },
  ) {}

  /** The columns of a media that its content decides. */
  columns({ blob, content, declaredType, originalFileName, scan }: ArrivedContent) {
    const { size, sha256, mimeType, kind, width, height } = content
    return {
      size,
      sha256,
      etag: sha256.slice(0, 32),
      mimeType,
      kind,
      width,
      height,
      declaredType,
      originalFileName,
      status: this.deps.pipeline.statusOf({ mimeType, kind }),
      scan,
      scanDetail: null,
      storeId: blob.storeId,
      blobId: blob.id,
    } satisfies Partial<Media>
  }

  /**
   * Gives a media that is there its content, with the version that remembers it; undefined when the condition does not hold. Rejects as
   * `ExpiryTerms.replaced` does.
   */
  async set(
    tx: EntityManager,
    arrived: ArrivedContent,
    { mediaId, condition, replaced }: ContentChange,
  ): Promise<Whole | undefined> {
    const p = new SqlParameters()
    const { declaredType, ...others } = this.columns(arrived)
    const columns = Object.entries(others).map(([column, value]) => `${snakeCase(column)} = ${p.add(value)}`)
    // What somebody has said of a content before it came is said of it.
    const declared = p.add(declaredType, 'text')
    columns.push(`declared_type = ${replaced ? declared : `coalesce(m.declared_type, ${declared})`}`)
    const [[media]] = (await tx.query(
      `UPDATE media m SET ${columns.join(', ')}, duration_seconds = NULL, page_count = NULL, status_reason = NULL,
         facts = ${replaced ? 'NULL' : 'm.facts'}, technical_metadata = NULL,
         latitude = CASE WHEN ${PLACE_OF_OLD_CONTENT} THEN NULL ELSE m.latitude END,
         longitude = CASE WHEN ${PLACE_OF_OLD_CONTENT} THEN NULL ELSE m.longitude END,
         content_version = m.content_version + ${replaced ? 1 : 0}, version = m.version + 1,
         updated_at = clock_timestamp(), content_updated_at = clock_timestamp()
       WHERE m.id = ${p.add(mediaId)} AND ${condition} RETURNING ${selectList(ALL_COLUMNS)}`,
      p.values,
    )) as [[Whole?], number]
    if (!media) return undefined
    await this.remember(tx, arrived, { mediaId, n: media.contentVersion })
    const { expiry } = this.deps
    return {
      ...media,
      ...(await (replaced ? expiry.replaced(tx, media, replaced) : expiry.renewed(tx, media))),
    }
  }

  /** Remembers the content as version `n` of its media, and has it looked at. */
  async remember(
    tx: EntityManager,
    { blob, content, originalFileName, scan }: ArrivedContent,
    { mediaId, n }: { readonly mediaId: string; readonly n: number },
  ): Promise<void> {
    const { sha256, size, mimeType, kind } = content
    await tx.insert(MediaVersion, {
      mediaId,
      n,
      blobId: blob.id,
      sha256,
      size,
      mimeType,
      originalFileName,
      scan,
      // When it became the content, not when its bytes began to come: of two versions the later one has the later time.
      createdAt: () => 'clock_timestamp()',
    })
    await this.deps.pipeline.begin(tx, { mediaId, contentVersion: n, mimeType, kind })
  }
}
