import { httpMetrics } from './entrances/http/http.metrics.ts'
import { blobsMetrics } from './features/blobs/blobs.metrics.ts'
import { scanMetrics } from './features/scan/scan.metrics.ts'
import { transformMetrics } from './features/transform/transform.metrics.ts'
import { webhooksMetrics } from './features/webhooks/webhooks.metrics.ts'
import type { MetricTable } from './platform/metrics.ts'
import { storageMetrics } from './platform/storage/storage.metrics.ts'

/** Every metric of the program, part by part; the reference in the docs is made from it. */
export const METRIC_TABLE = {
  ...httpMetrics,
  ...storageMetrics,
  ...blobsMetrics,
  ...scanMetrics,
  ...transformMetrics,
  ...webhooksMetrics,
} satisfies MetricTable
