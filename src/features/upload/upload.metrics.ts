import type { Sql } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors.ts'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import { keepReading } from '../../platform/metrics-reading.ts'
import type { MediaDoor } from '../media/media-door.ts'

export const uploadMetrics = {
  uploads_total: {
    type: 'counter',
    about:
      "Files that came, by their way in: in a GraphQL request (`graphql`), by PUT for a ticket (`put`), by tus once all bytes had come, straight into the store (`presigned`), by an `import`, by the API of another system (`vonage`, `bandwidth`, `cms`). `broken` ended before the file did, `refused` were the client's to mend, `failed` ours.",
    advice:
      '`broken`: lines of clients, or time-outs of a proxy before the gateway. `failed`: see the log, and the seconds and outcomes of the stores.',
    labels: ['door', 'outcome'],
  },
  upload_bytes_total: {
    type: 'counter',
    about: 'Bytes of files that came whole and were taken; one that is repeated counts again.',
    advice: 'What the stores grow by, less what is deleted: plan their space by it.',
    labels: ['door'],
  },
  tus_uploads_open: {
    type: 'gauge',
    about: 'Resumable uploads that have not all their bytes and may still go on; as the database says.',
    advice: 'Growing: clients begin and do not finish. They go after UPLOAD_EXPIRES_SECONDS.',
    labels: [],
  },
} as const satisfies MetricTable

/** The APIs of others that files come by. */
export type FacadeDoor = Extract<MediaDoor, 'vonage' | 'bandwidth' | 'cms'>
export type UploadDoor = 'graphql' | 'put' | 'tus' | 'presigned' | 'import' | FacadeDoor

type Work = (...args: never[]) => Promise<unknown>
/** How many bytes came, by what the work was told and came to. */
type SizeOf<F extends Work> = (
  result: Awaited<ReturnType<F>>,
  ...args: Parameters<F>
) => number | null | undefined

/** The same work, counted as one file that comes by a door: what becomes of it, and its bytes. */
export type UploadCounter = <F extends Work>(door: UploadDoor, work: F, sizeOf: SizeOf<F>) => F

export function countUploads(metrics: Metrics): UploadCounter {
  const { uploads_total: uploads, upload_bytes_total: bytes } = metrics.define(uploadMetrics)
  return <F extends Work>(door: UploadDoor, work: F, sizeOf: SizeOf<F>) => {
    const counted = async (...args: Parameters<F>) => {
      try {
        const result = (await work(...args)) as Awaited<ReturnType<F>>
        uploads.inc({ door, outcome: 'ok' })
        bytes.inc({ door }, sizeOf(result, ...args) ?? 0)
        return result
      } catch (error) {
        uploads.inc({ door, outcome: outcomeOf(error) })
        throw error
      }
    }
    return counted as Work as F
  }
}

function outcomeOf(error: unknown): 'refused' | 'broken' | 'failed' {
  if (!(error instanceof AppError) || error.status >= 500) return 'failed'
  return error.code === 'UPLOAD_INCOMPLETE' ? 'broken' : 'refused'
}

export function tellOfTus(metrics: Metrics, database: Sql): void {
  const { tus_uploads_open: open } = metrics.define(uploadMetrics)
  keepReading(metrics, {
    async read() {
      const [row] = await database.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM tus_upload WHERE state = 'open' AND expires_at > clock_timestamp()`,
      )
      return () => open.set(row?.n ?? 0)
    },
    forget: () => open.remove(),
  })
}
