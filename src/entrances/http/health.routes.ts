import type { FastifyPluginAsync } from 'fastify'
import { inTime } from '../../platform/lib/in-time.ts'

/** Names of what is needed, each with a check that rejects while it is not usable. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<unknown>>>

export interface HealthDeps {
  readonly checks: ReadinessChecks
  readonly draining: () => boolean
}

/** A check that does not answer within this time has failed. */
const PATIENCE_MS = 2_000
/** An answer is good for so long: whoever asks more often, with no credential at all, must not keep the disk busy. */
const FRESH_MS = 1_000

/** `/health/live`: the process answers · `/health/ready`: it can serve now; says which part cannot, never why. */
export function healthRoutes({ checks, draining }: HealthDeps): FastifyPluginAsync {
  const names = Object.keys(checks)
  let asked = 0
  let answer: Promise<PromiseSettledResult<unknown>[]> | undefined
  const outcomesNow = () => {
    if (answer && Date.now() - asked < FRESH_MS) return answer
    asked = Date.now()
    answer = Promise.allSettled(
      names.map(name => inTime(checks[name] as () => Promise<unknown>, PATIENCE_MS)),
    )
    return answer
  }
  return async fastify => {
    fastify.get('/health/live', async () => ({ status: 'ok' }))
    fastify.get('/health/ready', async (request, reply) => {
      const outcomes = await outcomesNow()
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') request.log.warn({ err: outcome.reason }, 'not ready')
      const parts = Object.fromEntries(
        names.map((name, i) => [name, outcomes[i]?.status === 'fulfilled' ? 'ok' : 'failing']),
      )
      const ready = !draining() && outcomes.every(outcome => outcome.status === 'fulfilled')
      reply.code(ready ? 200 : 503)
      return { status: draining() ? 'draining' : ready ? 'ok' : 'failing', parts }
    })
  }
}
