import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'

export interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly pem: string
}

const pair = (privateKey: KeyObject, publicKey: KeyObject): KeyPair => ({
  privateKey,
  publicKey,
  pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
})

export function rsaPair(modulusLength = 2048): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength })
  return pair(privateKey, publicKey)
}

export function ecPair(namedCurve = 'P-256'): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  return pair(privateKey, publicKey)
}

export function edPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return pair(privateKey, publicKey)
}

export type Signer = (input: Buffer) => Buffer

export const rs256 =
  ({ privateKey }: KeyPair): Signer =>
  input =>
    sign('sha256', input, privateKey)
export const es256 =
  ({ privateKey }: KeyPair, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signer =>
  input =>
    sign('sha256', input, { key: privateKey, dsaEncoding })
export const eddsa =
  ({ privateKey }: KeyPair): Signer =>
  input =>
    sign(null, input, privateKey)
export const hs256 =
  (secret: string): Signer =>
  input =>
    createHmac('sha256', secret).update(input).digest()

const segment = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token as anybody can make it, without any library that would refuse to. A text as header or payload is taken as it is. */
export function forge(header: unknown, payload: unknown, signer: Signer): string {
  const input = `${segment(header)}.${segment(payload)}`
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`
}

export const seconds = (fromNow = 0): number => Math.floor(Date.now() / 1000) + fromNow

/** The claims that the clients of the Vonage APIs send. */
export const vonageClaims = (applicationId: string, more: Record<string, unknown> = {}) => ({
  application_id: applicationId,
  iat: seconds(),
  jti: randomUUID(),
  ...more,
})
