import type { Metrics, MetricTable } from '../../platform/metrics.ts'

export const httpMetrics = {
  http_request_seconds: {
    type: 'histogram',
    about:
      'Requests until their answer was sent or cut off, by the pattern of their route (`none` where there is no such path) and the class of their status.',
    labels: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
  },
} as const satisfies MetricTable

/** A request that has been answered. */
export interface Answered {
  readonly method: string
  /** The route's pattern; undefined where no route has the path. */
  readonly route: string | undefined
  readonly status: number
  readonly seconds: number
}

/** Methods that routes have; a client may send any of Node's, and each would be a series of its own. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts what the HTTP server has answered. */
export function observeRequests(metrics: Metrics): (answered: Answered) => void {
  const { http_request_seconds: requests } = metrics.define(httpMetrics)
  return ({ method, route = 'none', status, seconds }) => {
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route,
      status: `${Math.floor(status / 100)}xx`,
    }
    requests.observe(labels, seconds)
  }
}
