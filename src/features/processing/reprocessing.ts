import type { EntityManager } from 'typeorm'
import { recordChanges } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'
import type { AppError } from '../../platform/errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { authorize } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaNotFound } from '../media/media.errors.ts'
import type { MediaFilter } from '../media/media.filter.ts'
import { ALL_COLUMNS, type MediaRow, selectList } from '../media/media.row.ts'
import { only } from '../media/media-batch.ts'
import { checkItems } from '../media/media-changes.service.ts'
import { type Locking, lockMatches, lockMedia, refusalsOf } from '../media/media-locks.ts'
import type { Pipeline, PresentContent } from './pipeline.ts'
import { processingErrors } from './processing.errors.ts'

/** Which media: exactly one of both. */
export interface Reprocessed {
  readonly ids?: readonly string[] | null
  readonly filter?: MediaFilter | null
  /** Says which they are, and does nothing. */
  readonly dryRun?: boolean
}

export interface ReprocessOutcome {
  readonly id: string
  readonly media: MediaRow | null
  readonly refused: AppError | null
}

type Candidate = PresentContent & { readonly hasContent: boolean }

/** Has media looked at again that are there: after a failure, or since the gateway knows more than when they came. */
export class Reprocessing {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly pipeline: Pick<Pipeline, 'beginAgain' | 'statusOf'>
    },
  ) {}

  /**
   * One outcome for each media, in the order of the ids, or oldest first; whoever may change a media may ask for it. Throws
   * INVALID_INPUT, BATCH_TOO_LARGE; an outcome is refused with NOT_FOUND, FORBIDDEN, or NO_CONTENT.
   */
  async run(viewer: Viewer, { ids, filter, dryRun = false }: Reprocessed): Promise<ReprocessOutcome[]> {
    const principal = authorize(viewer, 'update')
    only({ ids, filter })
    // Without the right to list, what a filter matches is nobody's to find out.
    if (filter != null) authorize(viewer, 'list')
    if (ids) checkItems(ids.map(id => ({ id })))
    const locking: Locking = { viewer: principal, action: 'update', dryRun }
    return this.deps.database.transaction(async tx => {
      const locked = filter
        ? await lockMatches(tx, filter, locking)
        : await lockMedia(tx, (ids ?? []).filter(isUuid), locking)
      const asked = ids ?? locked.map(({ id }) => id)
      const done = await this.#begin(
        tx,
        locked.map(({ id }) => id),
        dryRun,
      )
      const missing = await refusalsOf(
        tx,
        asked.filter(id => !done.has(id)),
        locking,
      )
      return asked.map((id, index) => {
        const refused = missing.get(id) ?? mediaNotFound()
        return done.get(id) ?? { id, media: null, refused: refused.about(['input', 'ids', String(index)]) }
      })
    })
  }

  async #begin(
    tx: EntityManager,
    ids: readonly string[],
    dryRun: boolean,
  ): Promise<Map<string, ReprocessOutcome>> {
    const candidates = await tx.query<Candidate[]>(
      `SELECT m.id AS "mediaId", m.content_version AS "contentVersion", m.mime_type AS "mimeType", m.kind,
              m.blob_id IS NOT NULL AS "hasContent"
       FROM media m WHERE m.id = ANY ($1::uuid[])`,
      [ids],
    )
    const ready = candidates.filter(({ hasContent }) => hasContent)
    if (!dryRun) await putOnTheirWay(tx, this.deps.pipeline, ready)
    const rows = await tx.query<MediaRow[]>(
      `SELECT ${selectList(ALL_COLUMNS)} FROM media m WHERE m.id = ANY ($1::uuid[])`,
      [ready.map(({ mediaId }) => mediaId)],
    )
    const byId = new Map(rows.map(row => [row.id, row]))
    return new Map(
      candidates.map(({ mediaId: id }) => {
        const media = byId.get(id) ?? null
        return [id, { id, media, refused: media ? null : noContent() }] as const
      }),
    )
  }
}

/** Has the present contents of media that are locked looked at again, from the first step on. */
export async function putOnTheirWay(
  tx: EntityManager,
  pipeline: Pick<Pipeline, 'beginAgain' | 'statusOf'>,
  contents: readonly PresentContent[],
): Promise<void> {
  if (contents.length === 0) return
  await pipeline.beginAgain(tx, contents)
  const changed = (await tx.query(
    `SELECT m.id, m.account_id AS "accountId" FROM media m WHERE m.id = ANY ($1::uuid[])`,
    [contents.map(({ mediaId }) => mediaId)],
  )) as { id: string; accountId: string }[]
  await recordChanges(
    tx,
    changed.map(({ id, accountId }) => ({ accountId, action: 'media.reprocessed', subjectId: id })),
  )
  const statuses = contents.map(({ mediaId, ...type }) => ({ mediaId, status: pipeline.statusOf(type) }))
  await tx.query(
    `UPDATE media m SET status = x.status, status_reason = NULL, updated_at = clock_timestamp()
     FROM jsonb_to_recordset($1::jsonb) AS x("mediaId" uuid, status text) WHERE m.id = x."mediaId"`,
    [JSON.stringify(statuses)],
  )
}

const noContent = () =>
  processingErrors.NO_CONTENT('This media has no content that could be looked at.', {
    field: ['input', 'ids'],
  })
