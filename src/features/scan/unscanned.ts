import type { Database } from '../../platform/db/database.ts'
import type { Pipeline, PresentContent } from '../processing/pipeline.ts'
import { putOnTheirWay } from '../processing/reprocessing.ts'
import type { Clamd } from './clamd.ts'
import { ScannerUnavailable } from './conversation.ts'

/** What was given up is left alone for so long: a content that no scanner survives shall not keep every scanner busy. */
const QUIET_MINUTES = 30
/** Of one run; the next one has the next. */
const AT_ONCE = 500

/** Present contents that were asked about as often as may be, without a verdict. */
const DUE = `FROM processing_step s JOIN media m ON m.id = s.media_id AND m.content_version = s.content_version
  WHERE s.step = 'scan' AND s.state = 'FAILED' AND s.reason = 'gave-up' AND s.updated_at < now() - interval '${QUIET_MINUTES} minutes'
    AND m.scan = 'ERROR' AND m.status = 'FAILED'`

/** Contents whose scan was given up while the scanner was away for longer than it is waited for: nothing is wrong with them. */
export class Unscanned {
  constructor(
    private readonly deps: {
      readonly database: Database
      readonly scanner: Pick<Clamd, 'ping'>
      readonly pipeline: Pick<Pipeline, 'beginAgain' | 'statusOf'>
    },
  ) {}

  /** Has the first of them processed again, if the scanner answers; how many. Any node, at any time, several at once. */
  async beginAgain(): Promise<number> {
    const { database, pipeline } = this.deps
    const [due] = await database.query(`SELECT 1 ${DUE} LIMIT 1`)
    if (!due || !(await this.#answers())) return 0
    return database.transaction(async tx => {
      const contents: PresentContent[] = await tx.query(
        `SELECT m.id AS "mediaId", m.content_version AS "contentVersion", m.mime_type AS "mimeType", m.kind ${DUE}
         ORDER BY s.updated_at LIMIT ${AT_ONCE} FOR NO KEY UPDATE OF m SKIP LOCKED`,
      )
      await putOnTheirWay(tx, pipeline, contents)
      return contents.length
    })
  }

  async #answers(): Promise<boolean> {
    try {
      await this.deps.scanner.ping()
      return true
    } catch (error) {
      if (error instanceof ScannerUnavailable) return false
      throw error
    }
  }
}
