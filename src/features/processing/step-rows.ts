import type { EntityManager } from 'typeorm'
import type { Database } from '../../platform/db/database.ts'
import type { Outbox } from '../../platform/events/outbox.ts'
import { storageKey } from '../../platform/storage/key.ts'
import type { ContentRef, StepName, StepOutcome, StepState } from './step.ts'

const LONGEST_DETAIL = 500

/** What is written down of the steps: each write is about one content version, and says nothing when the media has another one. */
export class StepRows {
  constructor(private readonly deps: { readonly database: Database; readonly outbox: Outbox }) {}

  /** The present content; null when there is none, or the media is gone. One in the trash may come back, and is worked on. */
  async content(mediaId: string): Promise<ContentRef | null> {
    const [row] = await this.deps.database.query<ContentRef>(
      `SELECT m.id AS "mediaId", m.account_id AS "accountId", m.content_version AS "contentVersion", b.store_id AS "storeId",
              b.key, m.sha256, m.size::float8 AS size, m.mime_type AS "mimeType", m.kind
       FROM media m JOIN blob b ON b.id = m.blob_id WHERE m.id = $1 AND b.state = 'live'`,
      [mediaId],
    )
    return row ? { ...row, key: storageKey(row.key) } : null
  }

  /** The steps that have not ended; one whose worker died among them. */
  async waiting({ mediaId, contentVersion }: ContentRef): Promise<ReadonlySet<StepName>> {
    const rows = await this.deps.database.query<{ step: StepName }>(
      `SELECT step FROM processing_step WHERE media_id = $1 AND content_version = $2 AND state IN ('WAITING', 'RUNNING')`,
      [mediaId, contentVersion],
    )
    return new Set(rows.map(({ step }) => step))
  }

  begun(content: ContentRef, step: StepName): Promise<void> {
    return this.#write(content, step, { state: 'RUNNING' })
  }

  /** It is tried again later. */
  postponed(content: ContentRef, step: StepName, detail: string | undefined): Promise<void> {
    return this.#write(content, step, { state: 'WAITING', reason: 'retried', detail })
  }

  /**
   * How the step has ended, and, where that ends the whole, that the steps behind it are not done: at once, since whoever goes on after a
   * crash must not find those waiting. Says nothing of a step that was asked for again meanwhile.
   */
  async ended({ mediaId, contentVersion }: ContentRef, step: StepName, outcome: StepOutcome): Promise<void> {
    const { state, stop, reason = null, detail = null } = { reason: null, detail: null, ...outcome }
    await this.deps.database.query(
      `WITH ended AS (
         UPDATE processing_step SET state = $4, reason = $5, detail = $6, updated_at = clock_timestamp()
         WHERE media_id = $1 AND content_version = $2 AND step = $3 AND state = 'RUNNING' RETURNING step
       )
       UPDATE processing_step SET state = 'SKIPPED', reason = $7, detail = NULL, updated_at = clock_timestamp()
       WHERE media_id = $1 AND content_version = $2 AND state = 'WAITING' AND $7::text IS NOT NULL AND EXISTS (SELECT FROM ended)`,
      [mediaId, contentVersion, step, state, reason, storableText(detail), stop ?? null],
    )
  }

  /** Ends a content whose last attempt did not end: its process was killed, perhaps by what it was looking at. */
  async giveUp(content: Pick<ContentRef, 'mediaId' | 'contentVersion'>): Promise<void> {
    const { mediaId, contentVersion } = content
    await this.deps.database.query(
      `UPDATE processing_step SET state = 'FAILED', reason = 'gave-up', updated_at = clock_timestamp()
       WHERE media_id = $1 AND content_version = $2 AND state IN ('WAITING', 'RUNNING')`,
      [mediaId, contentVersion],
    )
    await this.settle(content)
  }

  /** The media's status when every step has ended, with its event; nothing while one has been asked for again. */
  async settle({ mediaId, contentVersion }: Pick<ContentRef, 'mediaId' | 'contentVersion'>): Promise<void> {
    await this.deps.database.transaction(async tx => {
      const media = await settled(tx, mediaId, contentVersion)
      if (!media || media.isDeleted) return
      await this.deps.outbox.append(tx, { accountId: media.accountId, type: 'media.processed', mediaId })
    })
  }

  async #write({ mediaId, contentVersion }: ContentRef, step: StepName, change: StateChange): Promise<void> {
    const { state, reason = null, detail = null } = change
    await this.deps.database.query(
      `UPDATE processing_step SET state = $4, reason = $5, detail = $6, updated_at = clock_timestamp()
       WHERE media_id = $1 AND content_version = $2 AND step = $3`,
      [mediaId, contentVersion, step, state, reason, storableText(detail)],
    )
  }
}

interface StateChange {
  readonly state: StepState
  readonly reason?: string
  readonly detail?: string
}

interface Settled {
  readonly accountId: string
  readonly isDeleted: boolean
}

async function settled(
  tx: EntityManager,
  mediaId: string,
  contentVersion: number,
): Promise<Settled | undefined> {
  const [[media]] = (await tx.query(
    `WITH failed AS (
       SELECT step || ': ' || reason AS why FROM processing_step
       WHERE media_id = $1 AND content_version = $2 AND state = 'FAILED' ORDER BY updated_at LIMIT 1
     )
     UPDATE media m SET status = CASE WHEN EXISTS (SELECT FROM failed) THEN 'FAILED' ELSE 'COMPLETED' END,
       status_reason = (SELECT why FROM failed), updated_at = clock_timestamp()
     WHERE m.id = $1 AND m.content_version = $2 AND m.status = 'PROCESSING' AND NOT EXISTS (
       SELECT FROM processing_step WHERE media_id = $1 AND content_version = $2 AND state IN ('WAITING', 'RUNNING'))
     RETURNING m.account_id AS "accountId", m.deleted_at IS NOT NULL AS "isDeleted"`,
    [mediaId, contentVersion],
  )) as [[Settled?], number]
  return media
}

/** What libraries say of hostile files may hold anything. */
const storableText = (text: string | null): string | null =>
  text === null ? null : text.replaceAll('\0', '').toWellFormed().slice(0, LONGEST_DETAIL)
