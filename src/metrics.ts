import { graphqlMetrics } from './entrances/graphql/observed-operation.ts'
import { subscriptionMetrics } from './entrances/graphql/subscriptions/subscription.metrics.ts'
import { admissionMetrics } from './entrances/http/admission.metrics.ts'
import { httpMetrics } from './entrances/http/http.metrics.ts'
import { auditMetrics } from './features/audit/audit.metrics.ts'
import { blobsMetrics } from './features/blobs/blobs.metrics.ts'
import { scanMetrics } from './features/scan/scan.metrics.ts'
import { transformMetrics } from './features/transform/transform.metrics.ts'
import { uploadMetrics } from './features/upload/upload.metrics.ts'
import { usageMetrics } from './features/usage/usage.metrics.ts'
import { webhooksMetrics } from './features/webhooks/webhooks.metrics.ts'
import { dbMetrics } from './platform/db/db.metrics.ts'
import { eventsMetrics } from './platform/events/events.metrics.ts'
import { idempotencyMetrics } from './platform/idempotency/idempotency.metrics.ts'
import { isolatedMetrics } from './platform/isolated/isolated.metrics.ts'
import { jobsMetrics } from './platform/jobs/jobs.metrics.ts'
import type { MetricTable } from './platform/metrics.ts'
import { storageMetrics } from './platform/storage/storage.metrics.ts'
import { tracingMetrics } from './platform/tracing/tracing.metrics.ts'

/** Every metric of the program, part by part; the reference in the docs is made from it. */
export const METRIC_TABLE = {
  ...httpMetrics,
  ...graphqlMetrics,
  ...subscriptionMetrics,
  ...admissionMetrics,
  ...idempotencyMetrics,
  ...uploadMetrics,
  ...jobsMetrics,
  ...eventsMetrics,
  ...dbMetrics,
  ...storageMetrics,
  ...blobsMetrics,
  ...auditMetrics,
  ...scanMetrics,
  ...isolatedMetrics,
  ...transformMetrics,
  ...usageMetrics,
  ...tracingMetrics,
  ...webhooksMetrics,
} satisfies MetricTable
