import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import { AppError, commonErrors } from '../../../platform/errors.ts'
import type { Issuer } from './issuers.config.ts'

/** Least time between two fetches for the sake of a key that is not known: forged tokens name such keys, too. */
const COOLDOWN_MS = 1_000
const FETCH_TIMEOUT_MS = 5_000
/** After this a key that the issuer took back is taken no more. */
const REMEMBER_MS = 10 * 60_000
const LARGEST_SET = 1024 * 1024
const SMALLEST_RSA = 2048

/**
 * The public keys of an issuer (JWKS, RFC 7517), fetched when they are first needed and again when they are old or a token names
 * one that is not among them: keys change without a restart. Rejects with SERVICE_UNAVAILABLE when they cannot be had, with
 * an error of jose when none fits the token.
 */
export function issuerKeys(
  { name, jwksUrl }: Pick<Issuer, 'name' | 'jwksUrl'>,
  cooldownMs = COOLDOWN_MS,
): JWTVerifyGetKey {
  const unavailable = (cause: unknown) =>
    commonErrors.SERVICE_UNAVAILABLE(
      `The keys of the issuer ${name} cannot be had at the moment, so that its tokens cannot be judged. Try again shortly.`,
      { retryAfter: 5, cause },
    )
  const keys = createRemoteJWKSet(jwksUrl, {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: REMEMBER_MS,
    cooldownDuration: cooldownMs,
    [customFetch]: (target, options) =>
      fetchSet(target, options).catch(error => {
        throw unavailable(error)
      }),
  })
  return async (header, token) => {
    try {
      const key = await keys(header, token)
      const { modulusLength } = key.algorithm as { modulusLength?: number }
      if (modulusLength !== undefined && modulusLength < SMALLEST_RSA) {
        throw new Error(`an RSA key of ${modulusLength} bits is too weak`)
      }
      return key
    } catch (error) {
      const isOfToken = error instanceof errors.JOSEError && !(error instanceof errors.JWKSInvalid)
      throw isOfToken || error instanceof AppError ? error : unavailable(error)
    }
  }
}

/** Fetches JSON of bounded size; whatever else is answered is an error, and the issuer's fault rather than the token's. */
async function fetchSet(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options)
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`${url} answers ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > LARGEST_SET) throw new Error(`${url} gives more than ${LARGEST_SET} bytes`)
    chunks.push(chunk)
  }
  return Response.json(JSON.parse(Buffer.concat(chunks).toString('utf8')))
}
