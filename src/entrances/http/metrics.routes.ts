import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyPluginAsync } from 'fastify'
import { defineErrors } from '../../platform/errors.ts'
import type { Metrics } from '../../platform/metrics.ts'
import type { Admission } from './admission.ts'

export const metricsErrors = defineErrors({
  METRICS_TOKEN_WRONG: { status: 401, meaning: '`/metrics` is read with the bearer token METRICS_TOKEN.' },
})

export interface MetricsDoor {
  readonly metrics: Metrics
  /** What who reads them must send. */
  readonly token: string
  readonly admission: Pick<Admission, 'admit'>
}

/**
 * `/metrics`, for who has its own token: an API key of a tenant opens it no more than the token opens anything else. A wrong one is
 * counted by its address as a request without a credential, and costs no reading.
 *
 * @throws METRICS_TOKEN_WRONG, RATE_LIMITED
 */
export function metricsRoutes({ metrics, token, admission }: MetricsDoor): FastifyPluginAsync {
  metrics.tellOfProcess()
  const right = digest(token)
  return async fastify => {
    fastify.get('/metrics', async ({ headers, ip }, reply) => {
      const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
      if (given === undefined || !timingSafeEqual(digest(given), right)) {
        await admission.admit({ headers: {}, ip }, reply)
        throw metricsErrors.METRICS_TOKEN_WRONG('Send METRICS_TOKEN as "Authorization: Bearer …".')
      }
      reply.type(metrics.contentType).header('cache-control', 'no-store')
      return metrics.text()
    })
  }
}

/** Of equal length whatever was sent, so that the comparison tells nothing of the token. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
