import type { Rate, RateLimits } from '../../features/limits/limits.config.ts'
import { limitsErrors } from '../../features/limits/limits.errors.ts'
import { WindowCounter } from '../../features/limits/window-counter.ts'
import type { Clock } from '../../platform/clock.ts'

/** Where the header fields of an answer go: a Fastify reply is one. */
export interface HeaderSink {
  header(name: string, value: string): unknown
}

/** Whose requests are counted together; the names are those in the header fields. */
const POLICIES = {
  key: 'this credential',
  address: 'an address without a valid credential',
} as const
export type Policy = keyof typeof POLICIES

/**
 * Counts requests and says on each answer how many are left, in the fields RateLimit-Policy and RateLimit
 * (draft-ietf-httpapi-ratelimit-headers-09).
 */
export class RequestLimits {
  readonly #counters: Readonly<Record<Policy, { rate: Rate; counter: WindowCounter; field: string } | null>>

  constructor({ rates, clock }: { rates: Pick<RateLimits, Policy>; clock: Clock }) {
    const of = (policy: Policy) => {
      const rate = rates[policy]
      if (!rate) return null
      const field = `"${policy}";q=${rate.most};w=${rate.seconds}`
      return { rate, counter: new WindowCounter({ rate, clock }), field }
    }
    this.#counters = { key: of('key'), address: of('address') }
  }

  /** Counts one request of `name`; throws RATE_LIMITED when it is beyond the rate. */
  take(reply: HeaderSink, policy: Policy, name: string): void {
    const counted = this.#counters[policy]
    if (!counted) return
    const { granted, left, endsIn } = counted.counter.take(name)
    reply.header('ratelimit-policy', counted.field)
    reply.header('ratelimit', `"${policy}";r=${left};t=${endsIn}`)
    if (granted) return
    const { most, seconds } = counted.rate
    throw limitsErrors.RATE_LIMITED(
      `Too many requests: ${POLICIES[policy]} may send ${most} within ${seconds} s. Try again in ${endsIn} s.`,
      { retryAfter: endsIn, details: { limit: most, windowSeconds: seconds } },
    )
  }
}
