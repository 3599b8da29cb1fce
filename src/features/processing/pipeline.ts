import type { EntityManager } from 'typeorm'
import type { SqlText } from '../../platform/db/sql-builder.ts'
import type { JobQueue } from '../../platform/jobs/job-queue.ts'
import type { MediaKind } from '../media/media-kind.ts'
import { ATTEMPTS } from './process.job.ts'
import type { ContentRef, Step, StepName } from './step.ts'

export const PROCESS_JOB = 'media.process'

/** Pictures are what people look at while they wait; what takes longest comes last. Smaller comes first. */
const PRIORITIES = {
  IMAGE: 10,
  DOCUMENT: 20,
  AUDIO: 20,
  VIDEO: 30,
  FILE: 40,
} as const satisfies Record<MediaKind, number>

/** SQL for the key of a media's job, of which there is one at most. */
export const jobKey = (mediaId: SqlText): SqlText => `'${PROCESS_JOB}:' || ${mediaId}::text`

/** Behind all that has just come: whoever asks for it has waited before. */
const AGAIN = 100

export type ContentType = Pick<ContentRef, 'mimeType' | 'kind'>
export type PresentContent = Pick<ContentRef, 'mediaId' | 'contentVersion'> & ContentType

/** Puts contents on their way through the steps, in the transactions that make them somebody's. */
export class Pipeline {
  constructor(
    private readonly deps: { readonly steps: readonly Step[]; readonly jobs: Pick<JobQueue, 'addAll'> },
  ) {}

  /** What there is to do for a content of this type. */
  stepsFor(type: ContentType): StepName[] {
    return this.deps.steps.filter(step => step.appliesTo(type)).map(({ name }) => name)
  }

  /** The status of a media whose content has just come. */
  statusOf(type: ContentType): 'PROCESSING' | 'COMPLETED' {
    return this.stepsFor(type).length > 0 ? 'PROCESSING' : 'COMPLETED'
  }

  /** Has all done that there is to do for a content that has just come. */
  begin(tx: EntityManager, content: PresentContent): Promise<void> {
    return this.#begin(tx, [content], 0)
  }

  /** The same from the first step on, whatever was done before. */
  beginAgain(tx: EntityManager, contents: readonly PresentContent[]): Promise<void> {
    return this.#begin(tx, contents, AGAIN)
  }

  async #begin(tx: EntityManager, contents: readonly PresentContent[], behind: number): Promise<void> {
    const work = contents.map(content => ({ ...content, steps: this.stepsFor(content) }))
    const [only] = work
    if (work.length === 1 && only?.contentVersion === 1 && only.steps.length === 0 && behind === 0) return
    await tx.query(
      `WITH work AS (
         SELECT "mediaId", "contentVersion", steps
         FROM jsonb_to_recordset($1::jsonb) AS x("mediaId" uuid, "contentVersion" int, steps text[])
       ), gone AS (
         DELETE FROM processing_step s USING work WHERE s.media_id = work."mediaId" AND s.step <> ALL (work.steps)
       )
       INSERT INTO processing_step (media_id, step, content_version, state)
       SELECT "mediaId", step, "contentVersion", 'WAITING' FROM work, unnest(steps) AS step
       ON CONFLICT (media_id, step) DO UPDATE SET content_version = excluded.content_version, state = 'WAITING',
         reason = NULL, detail = NULL, updated_at = clock_timestamp()`,
      [JSON.stringify(work)],
    )
    const jobs = work.filter(({ steps }) => steps.length > 0)
    if (jobs.length === 0) return
    await this.deps.jobs.addAll(
      tx,
      jobs.map(({ mediaId, kind }) => ({
        name: PROCESS_JOB,
        payload: { mediaId },
        attempts: ATTEMPTS,
        key: `${PROCESS_JOB}:${mediaId}`,
        priority: PRIORITIES[kind] + behind,
      })),
    )
  }
}
