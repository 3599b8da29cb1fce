import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import { spanned } from '../../platform/tracing/trace.ts'
import type { OperationNote, OperationOutcome } from '../http/access-log.ts'
import { publicError } from '../http/render-error.ts'

export const graphqlMetrics = {
  graphql_operation_seconds: {
    type: 'histogram',
    about:
      "Operations from their document to their result, by type (`none` where the document could not be read) and outcome: `refused` for an error that is the client's, `failed` for one that is ours. Of a subscription, until its first event can come.",
    advice:
      '`failed` growing: the log has each cause, with its request id. `refused` growing: a client sends what the schema does not take, often after a change of its own. Slow ones: compare the seconds of SQL and stores.',
    labels: ['type', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 1, 5, 30],
  },
} as const satisfies MetricTable

export type OperationObserver = (operation: OperationNote, seconds: number) => void

/** Names of operations are their clients', and no label. */
export function observeOperations(metrics: Metrics): OperationObserver {
  const { graphql_operation_seconds: seconds } = metrics.define(graphqlMetrics)
  return ({ type, outcome }, took) => seconds.observe({ type, outcome }, took)
}

export const outcomeOf = (error: unknown): OperationOutcome =>
  publicError(error).status >= 500 ? 'failed' : 'refused'

/** Does the work in a span of its own, named by what the operation turns out to be, and tells of it when it is over. */
export async function observed<T>(
  operation: OperationNote,
  tell: OperationObserver,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now()
  try {
    return await spanned('graphql', {}, async told => {
      try {
        return await work()
      } catch (error) {
        operation.outcome = outcomeOf(error)
        throw error
      } finally {
        const { type, name, outcome } = operation
        told({ 'graphql.operation.type': type, 'graphql.operation.name': name, outcome })
      }
    })
  } finally {
    tell(operation, (performance.now() - began) / 1000)
  }
}
