import type { Sql } from '../../platform/db/database.ts'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import { keepReading } from '../../platform/metrics-reading.ts'
import { FINDINGS, type Finding } from './doctor/findings.ts'
import type { Inspections } from './inspections.ts'
import type { Reaped } from './reaper.ts'
import type { Scrubbed } from './scrubber/scrubber.ts'

export const blobsMetrics = {
  reaper_expired_uploads_total: {
    type: 'counter',
    about: 'Uploads that the reaper gave up, since their lease had run out.',
    advice: 'Growing: uploads break off, or nodes die in the middle of them.',
    labels: [],
  },
  reaper_removed_blobs_total: {
    type: 'counter',
    about: 'Blobs whose bytes and row the reaper has removed.',
    advice:
      'Standing still while `media_gateway_blobs_awaiting_reaper` grows: the job `blobs.reap` does not run.',
    labels: [],
  },
  reaper_failures_total: {
    type: 'counter',
    about: 'Blobs that could not be removed, and are tried again.',
    advice: 'Growing: a store does not take deletions; the log has what it says.',
    labels: [],
  },
  scrubbed_blobs_total: {
    type: 'counter',
    about: 'Blobs that the scrubber has read and compared with their SHA-256.',
    advice: 'Standing still for more than a day: the job `blobs.scrub` does not run, or SCRUB_SAMPLE is 0.',
    labels: [],
  },
  scrubbed_bytes_total: {
    type: 'counter',
    about: 'Bytes that it has read.',
    advice: 'What it reads of the stores each night; SCRUB_MAX_BYTES and SCRUB_BYTES_PER_SECOND bound it.',
    labels: [],
  },
  scrub_findings_total: {
    type: 'counter',
    about: 'What it has found.',
    advice: 'Any: run `media-gateway doctor`; it says what is damaged, and what `--repair` would do.',
    labels: ['store', 'code'],
  },
  lost_blobs: {
    type: 'gauge',
    about: 'Blobs whose bytes are known to be lost, as the database says; absent while it does not answer.',
    advice:
      'Above 0: bytes are gone. Restore these objects from the backup of the store; `doctor` names them.',
    labels: ['store'],
  },
  blobs_awaiting_reaper: {
    type: 'gauge',
    about: 'Broken-off uploads and deletions that the reaper has to clear, as the database says.',
    advice: 'Growing for an hour: the job `blobs.reap` does not run, or the store does not take deletions.',
    labels: [],
  },
  inspection_findings: {
    type: 'gauge',
    about:
      'Findings of the last inspection by `doctor --repair` or `--record`, by a run of the scrubber (a part each night), and of the epochs of stores.',
    advice: 'Above 0: run `media-gateway doctor`.',
    labels: ['source', 'store', 'invariant', 'code'],
  },
  inspection_ended_timestamp_seconds: {
    type: 'gauge',
    about: 'When that inspection ended, in seconds since 1970.',
    advice: 'Older than two days for `scrubber`: the nightly job does not run.',
    labels: ['source'],
  },
  inspection_hashed_bytes: {
    type: 'gauge',
    about: 'Bytes that were read and compared in it.',
    advice: 'How much of the stores the last inspection has proved.',
    labels: ['source'],
  },
  blobs: {
    type: 'gauge',
    about:
      'Blobs by state: `staged` is being written, `live` is in use, `doomed` is to be removed, `lost` has no bytes any more; as the database says.',
    advice:
      '`doomed` growing: see `media_gateway_blobs_awaiting_reaper`. `staged` growing: uploads that are begun and not finished.',
    labels: ['store', 'state'],
  },
  blob_bytes: {
    type: 'gauge',
    about: 'Their bytes, as far as their size is known; of those that are being written, what was announced.',
    advice: 'What the store holds; plan its space by how `live` grows.',
    labels: ['store', 'state'],
  },
} as const satisfies MetricTable

export interface BlobsMetricsDeps {
  readonly metrics: Metrics
  readonly database: Sql
  readonly inspections: Inspections
}

/** Counts what the reaper and the scrubber do, and reads what the database says of lost blobs and of inspections. */
export class BlobsMetrics {
  readonly #instruments

  constructor(private readonly deps: BlobsMetricsDeps) {
    this.#instruments = deps.metrics.define(blobsMetrics)
    keepReading(deps.metrics, { read: () => this.#readDamage(), forget: () => this.#forgetDamage() })
    // Apart: it looks at every row.
    keepReading(deps.metrics, { read: () => this.#readStates(), forget: () => this.#forgetStates() })
  }

  reaped({ expired, removed, failed }: Reaped): void {
    this.#instruments.reaper_expired_uploads_total.inc(expired)
    this.#instruments.reaper_removed_blobs_total.inc(removed)
    this.#instruments.reaper_failures_total.inc(failed)
  }

  scrubbed({ blobsHashed, bytesHashed }: Scrubbed): void {
    this.#instruments.scrubbed_blobs_total.inc(blobsHashed)
    this.#instruments.scrubbed_bytes_total.inc(bytesHashed)
  }

  found({ store, code }: Finding): void {
    this.#instruments.scrub_findings_total.inc({ store: store ?? '', code })
  }

  async #readDamage(): Promise<() => void> {
    const { database, inspections } = this.deps
    const lost = await database.query<{ store: string; n: number }>(
      `SELECT store_id AS store, count(*)::int AS n FROM blob WHERE state = 'lost' GROUP BY store_id`,
    )
    const [awaiting] = await database.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM blob WHERE state = 'doomed')::int
            + (SELECT count(*) FROM blob WHERE state = 'staged' AND lease_until < clock_timestamp())::int AS n`,
    )
    const last = await inspections.last()
    return () => {
      const gauges = this.#instruments
      for (const { store, n } of lost) gauges.lost_blobs.set({ store }, n)
      gauges.blobs_awaiting_reaper.set(awaiting?.n ?? 0)
      for (const { source, endedAt, hashedBytes, findings } of last) {
        gauges.inspection_ended_timestamp_seconds.set({ source }, endedAt.getTime() / 1000)
        gauges.inspection_hashed_bytes.set({ source }, hashedBytes)
        for (const { store, code, count } of findings) {
          // A newer node may have noted a code that this one does not know.
          const invariant = Object.hasOwn(FINDINGS, code) ? FINDINGS[code].invariant : ''
          gauges.inspection_findings.set({ source, store: store ?? '', invariant, code }, count)
        }
      }
    }
  }

  async #readStates(): Promise<() => void> {
    const rows = await this.deps.database.query<{ store: string; state: string; n: number; bytes: number }>(
      `SELECT store_id AS store, state, count(*)::float8 AS n, coalesce(sum(coalesce(size, reserved_bytes)), 0)::float8 AS bytes
       FROM blob GROUP BY store_id, state`,
    )
    return () => {
      for (const { store, state, n, bytes } of rows) {
        this.#instruments.blobs.set({ store, state }, n)
        this.#instruments.blob_bytes.set({ store, state }, bytes)
      }
    }
  }

  #forgetDamage(): void {
    const gauges = this.#instruments
    gauges.lost_blobs.reset()
    gauges.blobs_awaiting_reaper.remove()
    gauges.inspection_findings.reset()
    gauges.inspection_ended_timestamp_seconds.reset()
    gauges.inspection_hashed_bytes.reset()
  }

  #forgetStates(): void {
    this.#instruments.blobs.reset()
    this.#instruments.blob_bytes.reset()
  }
}
