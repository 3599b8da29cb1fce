import type { Metrics } from '../metrics.ts'
import { type Tracer, within } from '../tracing/trace.ts'
import type { JobTrace } from './job-queue.ts'
import type { JobKind } from './job-runner.ts'
import { jobsMetrics } from './jobs.metrics.ts'

export interface Watchers {
  readonly metrics: Metrics
  readonly tracer: Tracer
}

/** The same kinds of jobs, each run counted and timed, and a part of the trace in which it was asked for. */
export function watchedJobs(kinds: readonly JobKind[], { metrics, tracer }: Watchers): JobKind[] {
  const { job_seconds: seconds } = metrics.define(jobsMetrics)
  const watched =
    ({ name: kind, run }: JobKind): JobKind['run'] =>
    async (payload, helpers) => {
      const { traceparent } = (payload ?? {}) as JobTrace
      const facts = { 'job.kind': kind, 'job.attempt': helpers?.job?.attempts }
      const span = tracer.begin(`job ${kind}`, { kind: 'consumer', facts, traceparent })
      const end = seconds.startTimer({ kind })
      try {
        await within(span, () => run(payload, helpers))
        end({ outcome: 'ok' })
        span?.end()
      } catch (error) {
        end({ outcome: 'failed' })
        span?.end(error)
        throw error
      }
    }
  return kinds.map(kind => ({ ...kind, run: watched(kind) }))
}
