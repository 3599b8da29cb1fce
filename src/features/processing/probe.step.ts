import type { Database } from '../../platform/db/database.ts'
import type { SqlText } from '../../platform/db/sql-builder.ts'
import type { Examination } from '../insight/examination.ts'
import type { InsightService } from '../insight/insight.service.ts'
import { isPassing, type ProblemReason } from '../insight/problem.ts'
import { examines } from '../insight/readers.ts'
import type { ContentRef, Step, StepOutcome } from './step.ts'
import { fileOf, type RangeReader } from './stored-file.ts'

/** What is the matter with no file that somebody could mend: it is like that, and what else it tells is known. */
const AS_IT_IS: ReadonlySet<string> = new Set<ProblemReason>(['encrypted', 'no-size', 'unsupported'])

/** Of the row as it is when it is written, whoever has changed it while the file was looked at. */
const IS_PLACEABLE: SqlText = 'm.latitude IS NULL AND m.facts IS NULL'

/** Finds out what the bytes tell, and writes it down at the media. */
export class ProbeStep implements Step {
  readonly name = 'probe'

  constructor(
    private readonly deps: {
      readonly database: Database
      readonly storage: RangeReader
      readonly insight: Pick<InsightService, 'examine'>
    },
  ) {}

  appliesTo({ mimeType }: { readonly mimeType: string }): boolean {
    return examines(mimeType)
  }

  async run(content: ContentRef, signal: AbortSignal): Promise<StepOutcome> {
    const { insight, storage } = this.deps
    const found = await insight.examine(fileOf(storage, content, signal))
    const { problem } = found
    if (problem && isPassing(problem.reason)) throw new Error(`${problem.reason}: ${problem.detail ?? ''}`)
    await this.#write(content, found)
    if (!problem) return { state: 'DONE' }
    // What cannot be read is not rendered either: it would only cost another process.
    return AS_IT_IS.has(problem.reason)
      ? { state: 'SKIPPED', ...problem }
      : { state: 'FAILED', ...problem, stop: 'probe' }
  }

  /**
   * The place that the file tells is the media's, unless somebody has said another, or has taken it away, before the first look or since:
   * then it is only among the facts. A size that was told at the commit stays where the examination came to none.
   */
  async #write(
    { mediaId, contentVersion }: ContentRef,
    { facts, technicalMetadata }: Examination,
  ): Promise<void> {
    const { width, height, durationSeconds, pageCount, geolocation } = facts
    await this.deps.database.query(
      `UPDATE media m SET facts = $3, technical_metadata = $4, width = coalesce($5, m.width), height = coalesce($6, m.height),
         duration_seconds = $7, page_count = $8,
         latitude = CASE WHEN ${IS_PLACEABLE} THEN $9 ELSE m.latitude END,
         longitude = CASE WHEN ${IS_PLACEABLE} THEN $10 ELSE m.longitude END,
         updated_at = clock_timestamp()
       WHERE m.id = $1 AND m.content_version = $2`,
      [
        mediaId,
        contentVersion,
        JSON.stringify(facts),
        JSON.stringify(technicalMetadata),
        width ?? null,
        height ?? null,
        durationSeconds ?? null,
        pageCount ?? null,
        geolocation?.latitude ?? null,
        geolocation?.longitude ?? null,
      ],
    )
  }
}
