import type { FastifyPluginAsync } from 'fastify'
import { inTime } from '../../platform/lib/in-time.ts'

/** Names of what is needed, each with a check that rejects while it is not usable. */
export type ReadinessChecks = Readonly<Record<string, () => Promise<unknown>>>

export interface HealthDeps {
  /** Without one of these the node is of no use, and not ready. */
  readonly needed: ReadinessChecks
  /** What the rest works without: one that fails is said, and takes no node away from those whom it serves. */
  readonly lesser: ReadinessChecks
  readonly draining: () => boolean
}

/** A check that does not answer within this time has failed. */
const PATIENCE_MS = 2_000
/** An answer is good for so long: whoever asks more often, with no credential at all, must not keep the disk busy. */
const FRESH_MS = 1_000

/**
 * `/health/live`: the process answers · `/health/ready`: it can serve now, with 503 when it cannot; says which part fails, never
 * why. `degraded` is ready: a part fails that not everything needs.
 */
export function healthRoutes({ needed, lesser, draining }: HealthDeps): FastifyPluginAsync {
  const checks = { ...needed, ...lesser }
  const names = Object.keys(checks)
  let asked = 0
  let answer: Promise<PromiseSettledResult<unknown>[]> | undefined
  const outcomesNow = () => {
    if (answer && Date.now() - asked < FRESH_MS) return answer
    asked = Date.now()
    answer = Promise.allSettled(Object.values(checks).map(async check => inTime(check(), PATIENCE_MS)))
    return answer
  }
  const statusOf = (failing: readonly string[]) => {
    if (failing.length === 0) return 'ok'
    return failing.some(name => Object.hasOwn(needed, name)) ? 'failing' : 'degraded'
  }
  return async fastify => {
    fastify.get('/health/live', async () => ({ status: 'ok' }))
    fastify.get('/health/ready', async (request, reply) => {
      const outcomes = await outcomesNow()
      const failing = names.filter((part, i) => {
        const outcome = outcomes[i]
        if (outcome?.status !== 'rejected') return false
        request.log.warn({ part, err: outcome.reason }, 'a part cannot be used')
        return true
      })
      const parts = Object.fromEntries(names.map(name => [name, failing.includes(name) ? 'failing' : 'ok']))
      const status = draining() ? 'draining' : statusOf(failing)
      reply.code(status === 'ok' || status === 'degraded' ? 200 : 503)
      return { status, parts }
    })
  }
}
