import { type CryptoKey, importSPKI } from 'jose'
import type { Clock } from '../../../platform/clock.ts'
import type { Sql } from '../../../platform/db/database.ts'
import { badCredential } from '../access.errors.ts'
import type { Principal } from '../viewer.ts'
import { parseAcl } from './acl-claim.ts'
import type { TokenSigner } from './jwt.tokens.ts'
import type { Claims } from './unverified-token.ts'
import { type Algorithm, CLOCK_TOLERANCE, secondsOf, verifiedClaims } from './verify-token.ts'

export interface ApplicationTokensDeps {
  readonly database: Sql
  readonly clock: Clock
  /** What a token may name in `aud` to mean this gateway; without one, no token with an `aud` is taken. */
  readonly audience: string | undefined
}

/** Seconds from `iat` that a token without `exp` is valid for, and the most that `exp` may give it (Vonage's rules). */
const DEFAULT_LIFE = 15 * 60
const LONGEST_LIFE = 24 * 60 * 60

/** Clients that make a token for each request do not cost a query each; revocation comes later by no more than this. */
const REMEMBER_MS = 1_000
const REMEMBER_AT_MOST = 1_000

interface ApplicationKey {
  readonly accountId: string
  readonly publicKey: string
  readonly algorithm: Algorithm
  readonly scopes: readonly string[]
}

interface Remembered {
  readonly application: ApplicationKey
  readonly key: CryptoKey
  readonly until: number
}

/** Tokens that applications sign themselves, as the clients of the Vonage APIs do: claim `application_id`. */
export class ApplicationTokens implements TokenSigner {
  readonly #known = new Map<string, Remembered>()

  constructor(private readonly deps: ApplicationTokensDeps) {}

  claims({ application_id }: Claims): boolean {
    return application_id !== undefined
  }

  async principal(token: string, { application_id: id }: Claims): Promise<Principal> {
    if (typeof id !== 'string') throw badCredential()
    const { application, key } = await this.#application(id)
    const now = this.deps.clock.now()
    const { audience } = this.deps
    const claims = await verifiedClaims(token, {
      key: () => key,
      algorithms: [application.algorithm],
      types: ['jwt'],
      now,
    })
    if (!followsVonage(claims, now) || !isMeantFor(audience, claims)) throw badCredential()
    const acl = parseAcl(claims.acl)
    if (acl === 'malformed') throw badCredential()
    return {
      kind: 'principal',
      accountId: application.accountId,
      name: `application:${id}`,
      scopes: new Set(application.scopes),
      ownerId: null,
      groupIds: [],
      applicationId: id,
      acl,
    }
  }

  /** The imported key stays with the row for as long as it is the same key. */
  async #application(id: string): Promise<Remembered> {
    const known = this.#known.get(id)
    const now = this.deps.clock.now().getTime()
    if (known && known.until > now) return known
    const [application] = /^[\w-]{1,64}$/.test(id) ? await this.#read(id) : []
    if (!application) {
      this.#known.delete(id)
      throw badCredential()
    }
    const { publicKey, algorithm } = application
    const key =
      known?.application.publicKey === publicKey ? known.key : await importSPKI(publicKey, algorithm)
    if (this.#known.size >= REMEMBER_AT_MOST) this.#known.clear()
    const remembered = { application, key, until: now + REMEMBER_MS }
    this.#known.set(id, remembered)
    return remembered
  }

  #read(id: string): Promise<ApplicationKey[]> {
    return this.deps.database.query<ApplicationKey>(
      `SELECT account_id AS "accountId", public_key AS "publicKey", algorithm, scopes
       FROM application WHERE id = $1 AND revoked_at IS NULL`,
      [id],
    )
  }
}

/** `iat` and `jti` are always there; the life of a token is bounded from its `iat` on. */
function followsVonage({ iat, exp, jti }: Claims, now: Date): boolean {
  if (typeof iat !== 'number' || typeof jti !== 'string') return false
  const until = typeof exp === 'number' ? exp : iat + DEFAULT_LIFE
  return until - iat <= LONGEST_LIFE && until > secondsOf(now) - CLOCK_TOLERANCE
}

/** Who is named as the audience must find itself there (RFC 7519, 4.1.3). */
function isMeantFor(audience: string | undefined, { aud }: Claims): boolean {
  if (aud === undefined) return true
  return audience !== undefined && (Array.isArray(aud) ? aud.includes(audience) : aud === audience)
}
