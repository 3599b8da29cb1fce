import type { Metrics, MetricTable } from '../metrics.ts'
import type { StorageEvent } from './storage.ts'

/** What is told of the stores. A row for anything else that a store is asked or does belongs here, too. */
export const storageMetrics = {
  storage_call_seconds: {
    type: 'histogram',
    about:
      'Calls of stores: reads until their first byte can flow, writes until they are durable; listings are not among them. The outcome `broken` is no fault of the store.',
    labels: ['store', 'operation', 'outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  },
} as const satisfies MetricTable

/** Counts what `Storage` observes. */
export function observeStorage(metrics: Metrics): (event: StorageEvent) => void {
  const { storage_call_seconds: calls } = metrics.define(storageMetrics)
  return ({ seconds, store, operation, outcome }) => calls.observe({ store, operation, outcome }, seconds)
}
