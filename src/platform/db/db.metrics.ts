import type { Pool } from 'pg'
import type { Metrics, MetricTable } from '../metrics.ts'

export const dbMetrics = {
  database_connections: {
    type: 'gauge',
    about:
      'Connections of the pool of this process, `busy` or `idle`. Those that listen for events or hold locks are beside it.',
    advice: 'All busy all the time: see `media_gateway_database_connection_wait_seconds`.',
    labels: ['state'],
  },
  database_waiting: {
    type: 'gauge',
    about: 'Who waits for a connection of the pool now.',
    advice: 'More than a moment above 0: DATABASE_POOL is too small for this load, or statements are slow.',
    labels: [],
  },
  database_connection_wait_seconds: {
    type: 'histogram',
    about: 'How long each connection was waited for, opening a new one included.',
    advice:
      'Its 99th percentile above 0.1 s: look for slow statements first (`pg_stat_statements`), then raise DATABASE_POOL, and `max_connections` of PostgreSQL with it.',
    labels: [],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
  },
} as const satisfies MetricTable

/** Counts how long connections are waited for. */
export function observeWaits(metrics: Metrics): (seconds: number) => void {
  const { database_connection_wait_seconds: waits } = metrics.define(dbMetrics)
  return seconds => waits.observe(seconds)
}

export function tellOfPool(
  metrics: Metrics,
  pool: Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>,
): void {
  const { database_connections: connections, database_waiting: waiting } = metrics.define(dbMetrics)
  metrics.beforeReading(async () => {
    connections.set({ state: 'idle' }, pool.idleCount)
    connections.set({ state: 'busy' }, pool.totalCount - pool.idleCount)
    waiting.set(pool.waitingCount)
  })
}
