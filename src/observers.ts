import { observeAdmission } from './entrances/http/admission.metrics.ts'
import type { Foundation } from './foundation.ts'
import { observeRepeats } from './platform/idempotency/idempotency.metrics.ts'
import { isolatedObserver } from './platform/isolated/isolated.metrics.ts'
import type { JobKind } from './platform/jobs/job-runner.ts'
import { watchedJobs } from './platform/jobs/watched-jobs.ts'

/** Who counts what parts do, for those parts. */
export const composeObservers = ({ metrics, tracer }: Foundation) => ({
  admission: observeAdmission(metrics),
  repeats: observeRepeats(metrics),
  pools: isolatedObserver(metrics),
  jobs: (kinds: readonly JobKind[]) => watchedJobs(kinds, { metrics, tracer }),
})
