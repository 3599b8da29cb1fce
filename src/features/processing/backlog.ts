import type { Database } from '../../platform/db/database.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { BACKLOGS, type BacklogName } from './backlogs.ts'
import type { Pipeline, PresentContent } from './pipeline.ts'
import { putOnTheirWay } from './reprocessing.ts'

export interface BacklogRequest {
  readonly which: BacklogName
  /** All accounts without it. */
  readonly accountId?: string
  readonly dryRun: boolean
  /** Told how many it is by now. */
  readonly onProgress?: (count: number) => void
}

const BATCH = 500
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

/** Whole libraries that are to be looked at: by an operator, without the limits of a request. */
export class Backlog {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly pipeline: Pick<Pipeline, 'beginAgain' | 'statusOf' | 'stepsFor'>
    },
  ) {}

  /** How many were put on their way; broken off, it has done what it says, and begins anew without harm. */
  async begin({ which, accountId, dryRun, onProgress }: BacklogRequest): Promise<number> {
    const { database, pipeline } = this.deps
    let count = 0
    for (let after = BEFORE_ALL; ; ) {
      const found = await database.transaction(async tx => {
        const p = new SqlParameters()
        const account = accountId === undefined ? 'true' : `m.account_id = ${p.add(accountId)}`
        const rows = await tx.query<(PresentContent & { readonly known: readonly string[] })[]>(
          `SELECT m.id AS "mediaId", m.content_version AS "contentVersion", m.mime_type AS "mimeType", m.kind,
             ARRAY(SELECT s.step FROM processing_step s WHERE s.media_id = m.id) AS known
           FROM media m WHERE m.id > ${p.add(after, 'uuid')} AND ${account}
             AND m.blob_id IS NOT NULL AND m.deleted_at IS NULL AND m.status <> 'PROCESSING' AND ${BACKLOGS[which].condition}
           ORDER BY m.id LIMIT ${BATCH} ${dryRun ? '' : 'FOR NO KEY UPDATE'}`,
          p.values,
        )
        const ready = rows
          .filter(({ known, ...media }) => BACKLOGS[which].isToDo({ steps: pipeline.stepsFor(media), known }))
          .map(({ known, ...media }) => media)
        if (!dryRun) await putOnTheirWay(tx, pipeline, ready)
        count += ready.length
        return rows
      })
      onProgress?.(count)
      if (found.length < BATCH) return count
      after = found.at(-1)?.mediaId ?? after
    }
  }
}
