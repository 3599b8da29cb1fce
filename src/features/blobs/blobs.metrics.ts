import type { Sql } from '../../platform/db/database.ts'
import { inTime } from '../../platform/lib/in-time.ts'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import { FINDINGS, type Finding } from './doctor/findings.ts'
import type { Inspections } from './inspections.ts'
import type { Reaped } from './reaper.ts'
import type { Scrubbed } from './scrubber/scrubber.ts'

export const blobsMetrics = {
  reaper_expired_uploads_total: {
    type: 'counter',
    about: 'Uploads that the reaper gave up, since their lease had run out.',
    labels: [],
  },
  reaper_removed_blobs_total: {
    type: 'counter',
    about: 'Blobs whose bytes and row the reaper has removed.',
    labels: [],
  },
  reaper_failures_total: {
    type: 'counter',
    about: 'Blobs that could not be removed, and are tried again.',
    labels: [],
  },
  scrubbed_blobs_total: {
    type: 'counter',
    about: 'Blobs that the scrubber has read and compared with their SHA-256.',
    labels: [],
  },
  scrubbed_bytes_total: { type: 'counter', about: 'Bytes that it has read.', labels: [] },
  scrub_findings_total: { type: 'counter', about: 'What it has found.', labels: ['store', 'code'] },
  lost_blobs: {
    type: 'gauge',
    about: 'Blobs whose bytes are known to be lost, as the database says; absent while it does not answer.',
    labels: ['store'],
  },
  blobs_awaiting_reaper: {
    type: 'gauge',
    about: 'Broken-off uploads and deletions that the reaper has to clear, as the database says.',
    labels: [],
  },
  inspection_findings: {
    type: 'gauge',
    about:
      'Findings of the last inspection by `doctor --repair` or `--record`, by a run of the scrubber (a part each night), and of the epochs of stores.',
    labels: ['source', 'store', 'invariant', 'code'],
  },
  inspection_ended_timestamp_seconds: {
    type: 'gauge',
    about: 'When that inspection ended, in seconds since 1970.',
    labels: ['source'],
  },
  inspection_hashed_bytes: {
    type: 'gauge',
    about: 'Bytes that were read and compared in it.',
    labels: ['source'],
  },
} as const satisfies MetricTable

/** So long a reading of the database is good, and so long it may take. */
const FRESH_MS = 10_000
const PATIENCE_MS = 2_000

export interface BlobsMetricsDeps {
  readonly metrics: Metrics
  readonly database: Sql
  readonly inspections: Inspections
}

/** Counts what the reaper and the scrubber do, and reads what the database says of lost blobs and of inspections. */
export class BlobsMetrics {
  readonly #instruments
  #read = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(private readonly deps: BlobsMetricsDeps) {
    this.#instruments = deps.metrics.define(blobsMetrics)
    deps.metrics.beforeReading(() => this.#refresh())
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

  /** One reading at a time; what fails leaves nothing, since an old value would look like a new one. */
  #refresh(): Promise<void> {
    if (this.#reading) return this.#reading
    if (performance.now() - this.#read < FRESH_MS) return Promise.resolve()
    this.#reading = inTime(this.#readDatabase(), PATIENCE_MS)
      .catch(() => this.#forget())
      .finally(() => {
        this.#read = performance.now()
        this.#reading = undefined
      })
    return this.#reading
  }

  async #readDatabase(): Promise<void> {
    const { database, inspections } = this.deps
    const lost = await database.query<{ store: string; n: number }>(
      `SELECT store_id AS store, count(*)::int AS n FROM blob WHERE state = 'lost' GROUP BY store_id`,
    )
    const [awaiting] = await database.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM blob WHERE state = 'doomed')::int
            + (SELECT count(*) FROM blob WHERE state = 'staged' AND lease_until < clock_timestamp())::int AS n`,
    )
    const last = await inspections.last()
    this.#forget()
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

  #forget(): void {
    const gauges = this.#instruments
    gauges.lost_blobs.reset()
    gauges.blobs_awaiting_reaper.remove()
    gauges.inspection_findings.reset()
    gauges.inspection_ended_timestamp_seconds.reset()
    gauges.inspection_hashed_bytes.reset()
  }
}
