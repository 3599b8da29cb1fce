import { hash } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { AppError } from '../../platform/errors.ts'
import { parseAuthorization } from '../access/credentials.ts'
import { tooManyLogins } from './limits.errors.ts'
import type { BackOff, LoginFailures } from './login-failures.ts'
import type { WindowCounter } from './window-counter.ts'

export interface LoginAttempt {
  /** Where it comes from: what `networkOf` makes of the address. */
  readonly network: string
  readonly authorization: string
}

interface Login {
  readonly network: string
  /** The network with the key id that is named; of tokens, each is its own. */
  readonly pair: string
  /** Somebody may have chosen the secret of a key; tokens are long and random, or signed, and not worth a look-up each. */
  readonly canBeGuessed: boolean
}

/** A block that another node decided holds here after this time at the latest. */
const ASK_AGAIN_MS = 5_000
/** A login that worked is known for this long. */
const PROVEN_MS = 3_600_000
const REMEMBER_AT_MOST = 10_000
/** No key has a longer id; what is longer must not fill the memory. */
const LONGEST_KEY_ID = 64

/**
 * Slows down who guesses credentials. Failures are counted for the address, and for the address together with the key id that
 * it names; never for a key id alone, or whoever knows one could lock its owner out. Too many for the pair block it whatever
 * is sent, for a time that doubles with each further failure. Too many for the address block it for one window, except for
 * keys that lately worked from there: one who fails does not lock out others behind the same router.
 */
export class LoginThrottle {
  /** Until when a network or a pair is blocked, as far as this node knows. */
  readonly #blocked = new Map<string, number>()
  /** When a pair that then worked was last looked up among the failures of all nodes. */
  readonly #proven = new Map<string, number>()
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(
    private readonly deps: {
      readonly failures: Pick<LoginFailures, 'blockedFor' | 'count'>
      /** Counts while the database cannot. */
      readonly insurance: WindowCounter
      readonly clock: Clock
      readonly onError: (error: unknown) => void
    },
  ) {}

  /**
   * Runs the login unless too many have failed. While the shared counts cannot be reached, this node's own hold: neither is
   * everybody locked out, nor is the door open.
   *
   * @throws RATE_LIMITED, before any secret is compared; and what the login throws
   */
  async attempt<T>(attempt: LoginAttempt, logIn: () => Promise<T>): Promise<T> {
    const login = loginOf(attempt)
    // No key and no token, such as the placeholder of an example: nothing is guessed, and nobody else is to pay for it.
    if (!login) return logIn()
    if (this.#isFresh(login.pair)) return this.#run(login, logIn)
    if (!login.canBeGuessed) return this.#prove(login, logIn)
    // One at a time: guesses that are sent side by side are not all compared before the first of them counts.
    return this.#inTurn(login.pair, async () => {
      if (this.#isFresh(login.pair)) return this.#run(login, logIn)
      this.#refuseBlocked(login)
      await this.#ask([login.network, login.pair])
      return this.#prove(login, logIn)
    })
  }

  async #prove<T>(login: Login, logIn: () => Promise<T>): Promise<T> {
    const now = this.#now()
    const result = await this.#run(login, logIn)
    remember(this.#proven, login.pair, now)
    return result
  }

  #isFresh(pair: string): boolean {
    return this.#now() - (this.#proven.get(pair) ?? -Infinity) < ASK_AGAIN_MS
  }

  #refuseBlocked({ network, pair }: Login): void {
    const now = this.#now()
    const isProven = now - (this.#proven.get(pair) ?? -Infinity) < PROVEN_MS
    const until = Math.max(this.#blocked.get(pair) ?? 0, isProven ? 0 : (this.#blocked.get(network) ?? 0))
    if (until > now) throw tooManyLogins(until - now)
  }

  async #ask(subjects: readonly string[]): Promise<void> {
    try {
      const waits = await this.deps.failures.blockedFor(subjects)
      for (const [i, subject] of subjects.entries()) this.#block(subject, waits[i] ?? 0)
    } catch (error) {
      this.deps.onError(error)
    }
  }

  async #run<T>(login: Login, logIn: () => Promise<T>): Promise<T> {
    this.#refuseBlocked(login)
    try {
      return await logIn()
    } catch (error) {
      if (error instanceof AppError && error.code === 'UNAUTHENTICATED') {
        await Promise.all([this.#count(login.network, 'steady'), this.#count(login.pair, 'growing')])
      }
      throw error
    }
  }

  async #count(subject: string, backOff: BackOff): Promise<void> {
    try {
      this.#block(subject, await this.deps.failures.count(subject, backOff))
    } catch (error) {
      this.deps.onError(error)
      const { left, endsIn } = this.deps.insurance.take(subject)
      if (left === 0) this.#block(subject, endsIn * 1000)
    }
  }

  #block(subject: string, ms: number): void {
    if (ms > 0) remember(this.#blocked, subject, this.#now() + ms)
  }

  async #inTurn<T>(pair: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(pair) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#turns.set(pair, turn)
    try {
      return await turn
    } finally {
      if (this.#turns.get(pair) === turn) this.#turns.delete(pair)
    }
  }

  #now(): number {
    return this.deps.clock.now().getTime()
  }
}

/** Null for a header that names no credential. */
function loginOf({ network, authorization }: LoginAttempt): Login | null {
  const credential = parseAuthorization(authorization)
  if (!credential) return null
  const canBeGuessed = 'keyId' in credential && credential.keyId.length <= LONGEST_KEY_ID
  const name = canBeGuessed ? `key ${credential.keyId}` : `token ${hash('sha256', authorization, 'base64')}`
  return { network, pair: `${network} ${name}`, canBeGuessed }
}

function remember(known: Map<string, number>, name: string, time: number): void {
  if (known.size >= REMEMBER_AT_MOST && !known.has(name)) known.clear()
  known.set(name, time)
}
