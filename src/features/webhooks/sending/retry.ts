import type { Outcome } from './sender.ts'

/** What becomes of a delivery whose attempt has failed. */
export interface NextStep {
  /** Seconds until it is tried again; null = it is dead. */
  readonly retryIn: number | null
  /** Seconds for which nothing is sent to its webhook; 0 = none. */
  readonly pause: number
}

/** What a receiver can ask for by Retry-After: no more than this, so that none is silent for ever. */
const LONGEST_WAIT = 86_400
/** For one answer the rest of the webhook's deliveries do not wait for longer. */
const LONGEST_PAUSE = 3_600
/** They say that there is too much at the moment, whatever it is about (RFC 6585, 4; RFC 9110, 15.6). */
const TOO_MUCH: ReadonlySet<number | null> = new Set([429, 502, 503, 504])

export interface RetryRules {
  /** Seconds between attempts; one more attempt than there are of them is made. */
  readonly pauses: readonly number[]
  /** From 0 to 1. */
  readonly random: () => number
}

/** The step behind the `attempts`th attempt, which has failed. Jitter of a fifth keeps what failed together from coming together again. */
export function nextStep(attempts: number, failed: Outcome, { pauses, random }: RetryRules): NextStep {
  const asked = Math.min(failed.retryAfter ?? 0, LONGEST_WAIT)
  const pause = TOO_MUCH.has(failed.status) ? Math.min(asked, LONGEST_PAUSE) : 0
  const wait = pauses[attempts - 1]
  // Its webhook is disabled with it: it waits, as all that comes later, for who enables that again.
  if (failed.result === 'gone') return { retryIn: 0, pause }
  if (wait === undefined) return { retryIn: null, pause }
  const jittered = Math.round(wait * (800 + 400 * random())) / 1000
  return { retryIn: Math.max(jittered, asked), pause }
}
