import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose'
import { badCredential } from '../access.errors.ts'
import type { Claims } from './unverified-token.ts'

/** How far the clocks of issuers may differ from ours, in seconds. */
export const CLOCK_TOLERANCE = 30

/** The signature algorithms that are taken at all. None is symmetric, so that no public key can serve as a secret. */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export interface Verification {
  readonly key: JWTVerifyGetKey
  /** The algorithms that this key may be used with; what the header asks for decides nothing. */
  readonly algorithms: readonly Algorithm[]
  /** Media types of the token, without `application/` and in small letters; a token may also name none. */
  readonly types: readonly string[]
  readonly now: Date
  readonly claims?: Pick<JWTVerifyOptions, 'issuer' | 'audience' | 'requiredClaims'>
}

/**
 * The claims of a token whose signature holds and whose time is now (RFC 7515, 5.2; RFC 7519, 7.2; RFC 8725). Throws
 * UNAUTHENTICATED for every other one. Extensions (`crit`) are not understood, and key material that a token brings along
 * (`jwk`, `jku`, `x5c`, `x5u`) is not looked at.
 */
export async function verifiedClaims(token: string, verification: Verification): Promise<Claims> {
  const { key, algorithms, types, now, claims } = verification
  try {
    const { payload, protectedHeader } = await jwtVerify(token, key, {
      ...claims,
      algorithms: [...algorithms],
      currentDate: now,
      clockTolerance: CLOCK_TOLERANCE,
    })
    const { crit, typ } = protectedHeader
    if (crit !== undefined || !isOfType(typ, types)) throw badCredential()
    for (const time of [payload.iat, payload.nbf, payload.exp]) {
      // A number of JSON may be too large for a double.
      if (time !== undefined && !Number.isFinite(time)) throw badCredential()
    }
    if (payload.iat !== undefined && payload.iat > secondsOf(now) + CLOCK_TOLERANCE) throw badCredential()
    return payload
  } catch (error) {
    throw error instanceof errors.JOSEError ? badCredential() : error
  }
}

const isOfType = (typ: unknown, types: readonly string[]): boolean =>
  typ === undefined ||
  (typeof typ === 'string' && types.includes(typ.toLowerCase().replace(/^application\//, '')))

export const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1000)
