import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { publicKeyRefused } from './application.errors.ts'
import type { Algorithm } from './verify-token.ts'

export interface PublicKey {
  /** SubjectPublicKeyInfo in PEM (RFC 7468, 13). */
  readonly pem: string
  /** The one algorithm that signatures of this key are taken in. */
  readonly algorithm: Algorithm
}

const SMALLEST_RSA = 2048
const LARGEST_RSA = 8192
/** A key of 8192 bits takes 1.5 KB. */
const LONGEST_TEXT = 16_384

const ACCEPTED = `RSA of ${SMALLEST_RSA} to ${LARGEST_RSA} bits, EC on P-256, or Ed25519`

/**
 * Reads a public key from PEM (also out of a certificate) or from a JWK, and binds it to its algorithm: RSA to RS256, P-256 to
 * ES256, Ed25519 to EdDSA. Throws PUBLIC_KEY_REFUSED for private and secret keys, other kinds and weak ones.
 */
export function readPublicKey(text: string): PublicKey {
  const input = text.trim()
  if (input.length > LONGEST_TEXT) throw publicKeyRefused('This is too long for a public key.')
  const { key, declared } = input.startsWith('{') ? fromJwk(input) : { key: fromPem(input), declared: null }
  const algorithm = algorithmOf(key)
  if (declared !== null && declared !== algorithm) {
    throw publicKeyRefused(
      `The JWK names an algorithm other than ${algorithm}, the one its key is used with here.`,
    )
  }
  return { pem: key.export({ type: 'spki', format: 'pem' }).toString(), algorithm }
}

function fromPem(input: string): KeyObject {
  if (/PRIVATE KEY-----/.test(input)) throw privateKey()
  if (!input.startsWith('-----BEGIN ')) {
    throw publicKeyRefused('This is neither PEM ("-----BEGIN PUBLIC KEY-----") nor a JWK ("{…}").')
  }
  try {
    return createPublicKey(input)
  } catch (cause) {
    throw publicKeyRefused('This PEM holds no public key that can be read.', cause)
  }
}

function fromJwk(input: string): { key: KeyObject; declared: unknown } {
  let jwk: Record<string, unknown>
  try {
    jwk = JSON.parse(input)
  } catch (cause) {
    throw publicKeyRefused('This begins like a JWK but is no JSON.', cause)
  }
  if (jwk.kty === 'oct')
    throw publicKeyRefused('This is a secret key; register the public key of a key pair.')
  if (Object.hasOwn(jwk, 'd')) throw privateKey()
  if (jwk.use !== undefined && jwk.use !== 'sig') throw publicKeyRefused('This JWK is not for signatures.')
  try {
    return { key: createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' }), declared: jwk.alg ?? null }
  } catch (cause) {
    throw publicKeyRefused('This JWK holds no public key that can be read.', cause)
  }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  if (asymmetricKeyType !== 'rsa') throw publicKeyRefused(`Keys of this kind are not taken: use ${ACCEPTED}.`)
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  if (bits < SMALLEST_RSA || bits > LARGEST_RSA) {
    throw publicKeyRefused(`An RSA key of ${bits} bits is not taken: use ${ACCEPTED}.`)
  }
  return 'RS256'
}

const privateKey = () =>
  publicKeyRefused(
    'This is a private key. Keep it to yourself, and register the public key that belongs to it (openssl pkey -pubout).',
  )
