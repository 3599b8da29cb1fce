import { hash, randomBytes } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import { badCredential } from './access.errors.ts'
import { type KeyCredential, parseAuthorization, type TokenCredential } from './credentials.ts'
import { anonymous, type Principal, type Viewer } from './viewer.ts'

/** Keys with their secrets. */
export interface KeyCredentials {
  /** The principal of a key whose secret this is; null for every pair that does not hold, whatever the reason. */
  principal(credential: KeyCredential): Promise<Principal | null>
}

/** One kind of bearer tokens (RFC 6750), beside those that are a key and its secret. */
export interface BearerTokens {
  /** Who the token stands for; null when it is none of this kind. Throws UNAUTHENTICATED when it is one that does not hold. */
  principal(token: string): Promise<Principal | null>
}

export interface AuthenticatorDeps {
  readonly keys: KeyCredentials
  /** Asked in this order; the first that knows a token decides. */
  readonly tokens: readonly BearerTokens[]
  readonly clock: Clock
}

/** What was revoked elsewhere works for at most this long at a node that has just seen it; the promise is 5 seconds. */
const REMEMBER_MS = 3_000
const REMEMBER_AT_MOST = 10_000

/** Turns the Authorization header of a request into a viewer. */
export class Authenticator {
  readonly #known = new Map<string, { readonly principal: Promise<Principal>; readonly since: number }>()
  /** Credentials are remembered by a digest that is worth nothing outside of this process. */
  readonly #salt = randomBytes(32).toString('base64')

  constructor(private readonly deps: AuthenticatorDeps) {}

  /** No header is the anonymous viewer; a header that does not hold is UNAUTHENTICATED, never anonymous. */
  async viewer(authorization: string | undefined): Promise<Viewer> {
    if (authorization === undefined) return anonymous
    const digest = hash('sha256', this.#salt + authorization, 'base64')
    const now = this.deps.clock.now().getTime()
    const known = this.#known.get(digest)
    // A clock that is set back makes nothing live longer.
    if (known && now >= known.since && now - known.since < REMEMBER_MS) return known.principal
    // Remembered while it is under way, so that requests that come together cost one look-up; from before it, so that what
    // is revoked meanwhile lives no longer.
    const entry = { principal: this.#principal(authorization), since: now }
    if (this.#known.size >= REMEMBER_AT_MOST) this.#known.clear()
    this.#known.set(digest, entry)
    try {
      return await entry.principal
    } catch (error) {
      if (this.#known.get(digest) === entry) this.#known.delete(digest)
      throw error
    }
  }

  async #principal(authorization: string): Promise<Principal> {
    const credential = parseAuthorization(authorization)
    const principal = credential && (await this.#find(credential))
    if (!principal) throw badCredential()
    return principal
  }

  async #find(credential: KeyCredential | TokenCredential): Promise<Principal | null> {
    if ('keyId' in credential) return this.deps.keys.principal(credential)
    for (const tokens of this.deps.tokens) {
      const principal = await tokens.principal(credential.token)
      if (principal) return principal
    }
    return null
  }
}
