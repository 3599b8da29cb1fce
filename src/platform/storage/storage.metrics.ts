import type { Metrics, MetricTable } from '../metrics.ts'
import type { Storage, StorageEvent } from './storage.ts'

/** What is told of the stores. A row for anything else that a store is asked or does belongs here, too. */
export const storageMetrics = {
  storage_call_seconds: {
    type: 'histogram',
    about:
      'Calls of stores: reads until their first byte can flow, writes until they are durable; listings are not among them. The outcome `broken` is no fault of the store.',
    advice:
      '`failed`: the store refuses or does not answer; the log has what it says. `refused`: it is being spared. Slow writes: its line or its disk.',
    labels: ['store', 'operation', 'outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
  },
  storage_up: {
    type: 'gauge',
    about: 'Whether calls reach a store: 0 while it is left alone, since it has not answered those before.',
    advice:
      '0: the store does not answer. Uploads to it and downloads from it get 503 until it is back; nothing is lost.',
    labels: ['store'],
  },
} as const satisfies MetricTable

/** Counts what `Storage` observes. */
export function observeStorage(metrics: Metrics): (event: StorageEvent) => void {
  const { storage_call_seconds: calls } = metrics.define(storageMetrics)
  return ({ seconds, store, operation, outcome }) => calls.observe({ store, operation, outcome }, seconds)
}

/** Tells of each store whether it is spared at the moment. */
export function tellOfStores(metrics: Metrics, storage: Pick<Storage, 'storeIds' | 'refuses'>): void {
  const { storage_up: up } = metrics.define(storageMetrics)
  metrics.beforeReading(async () => {
    for (const store of storage.storeIds) up.set({ store }, storage.refuses(store) ? 0 : 1)
  })
}
