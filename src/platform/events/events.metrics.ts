import type { Sql } from '../db/database.ts'
import type { Metrics, MetricTable } from '../metrics.ts'
import { keepReading } from '../metrics-reading.ts'

export const eventsMetrics = {
  outbox_events: {
    type: 'gauge',
    about: 'Events that are kept, for EVENT_DAYS; as the database says.',
    advice: 'Growing without end: `events.prune` does not run; see `media_gateway_jobs`.',
    labels: [],
  },
  outbox_lag_seconds: {
    type: 'gauge',
    about:
      'Age of the oldest event that nobody can read yet, since a transaction that began before it is still open; 0 when all can be. As the database says.',
    advice:
      'Minutes: a transaction hangs; `pg_stat_activity` names it by its `xact_start`. Subscriptions and webhooks wait for it.',
    labels: [],
  },
} as const satisfies MetricTable

export function tellOfOutbox(metrics: Metrics, database: Sql): void {
  const { outbox_events: events, outbox_lag_seconds: lag } = metrics.define(eventsMetrics)
  keepReading(metrics, {
    async read() {
      const [row] = await database.query<{ n: number; lag: number }>(
        `SELECT (SELECT count(*) FROM outbox)::float8 AS n,
           greatest(0, coalesce((SELECT extract(epoch FROM clock_timestamp() - min(occurred_at)) FROM outbox
             WHERE xid >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint), 0))::float8 AS lag`,
      )
      return () => {
        events.set(row?.n ?? 0)
        lag.set(row?.lag ?? 0)
      }
    },
    forget() {
      events.remove()
      lag.remove()
    },
  })
}
