import type { ContentRef, StepOutcome } from '../../src/features/processing/step.ts'
import type { TestApp } from './app.ts'

/** One content of a media, as the pipeline finds it; the present one without a number. */
export async function contentOf(
  { app }: Pick<TestApp, 'app'>,
  mediaId: string,
  version?: number,
): Promise<ContentRef> {
  const [content] = await app.foundation.database.query<ContentRef>(
    `SELECT m.id AS "mediaId", m.account_id AS "accountId", v.n AS "contentVersion", b.store_id AS "storeId", b.key, v.sha256,
            v.size::float8 AS size, v.mime_type AS "mimeType", m.kind
     FROM media m JOIN media_version v ON v.media_id = m.id AND v.n = coalesce($2, m.content_version) JOIN blob b ON b.id = v.blob_id
     WHERE m.id = $1`,
    [mediaId, version ?? null],
  )
  if (!content) throw new Error(`there is no content ${version ?? ''} of ${mediaId}`)
  return content
}

/** Scans a content as the pipeline does; the one place where tests do. Rejects as the step does. */
export async function scanMedia(gateway: TestApp, mediaId: string, version?: number): Promise<StepOutcome> {
  const step = gateway.app.steps.find(({ name }) => name === 'scan')
  if (!step) throw new Error('no scanner is configured')
  return step.run(await contentOf(gateway, mediaId, version), new AbortController().signal)
}
