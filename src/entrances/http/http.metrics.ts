import type { Server } from 'node:http'
import type { Metrics, MetricTable } from '../../platform/metrics.ts'
import type { Answered } from './answered.ts'

export const httpMetrics = {
  http_request_seconds: {
    type: 'histogram',
    about:
      'Requests until their answer was sent or cut off, by the pattern of their route (`none` where there is no such path) and the class of their status (`none` where no answer was begun).',
    advice:
      '`5xx` growing: the log has each cause, with its request id. Slow ones on `/graphql`: see the seconds of operations and of the pool. Uploads and downloads take as long as their clients do.',
    labels: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600],
  },
  http_request_bytes_total: {
    type: 'counter',
    about: 'Bytes that came in over HTTP, headers included, by route: by which door they came.',
    advice: 'What uploads bring; compare with the network of the machine.',
    labels: ['route'],
  },
  http_response_bytes_total: {
    type: 'counter',
    about: 'Bytes that went out over HTTP, headers included, by route.',
    advice:
      'What downloads take. A store whose readers are sent there by URL (`redirects`) takes them off this node.',
    labels: ['route'],
  },
  http_cut_answers_total: {
    type: 'counter',
    about:
      'Answers that did not come to their end, since the client went or was cut off for being too slow. A stream of events always ends so.',
    advice:
      'Growing on `/media/…`: clients give up, or IDLE_TIMEOUT_SECONDS and MIN_BYTES_PER_SECOND are too strict for their lines.',
    labels: ['route'],
  },
  http_connections: {
    type: 'gauge',
    about: 'Connections that are open, WebSockets included.',
    advice:
      'Near MAX_CONNECTIONS: more are closed as they come. Add nodes, or raise it and the limit of open files.',
    labels: [],
  },
} as const satisfies MetricTable

/** Methods that routes have; a client may send any of Node's, and each would be a series of its own. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts what the HTTP server has answered. */
export function observeRequests(metrics: Metrics): (answered: Answered) => void {
  const {
    http_request_seconds: requests,
    http_request_bytes_total: bytesIn,
    http_response_bytes_total: bytesOut,
    http_cut_answers_total: cut,
  } = metrics.define(httpMetrics)
  return answered => {
    const { method, route = 'none', status, seconds, isCut } = answered
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route,
      status: status === null ? 'none' : `${Math.floor(status / 100)}xx`,
    }
    requests.observe(labels, seconds)
    bytesIn.inc({ route }, answered.bytesIn)
    bytesOut.inc({ route }, answered.bytesOut)
    if (isCut) cut.inc({ route })
  }
}

export function tellOfConnections(metrics: Metrics, server: Pick<Server, 'getConnections'>): void {
  const { http_connections: connections } = metrics.define(httpMetrics)
  metrics.beforeReading(
    () =>
      new Promise(resolve => {
        server.getConnections((error, count) => {
          if (!error) connections.set(count)
          resolve()
        })
      }),
  )
}
