import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Parsed } from './config.ts'

/** A key that signs URLs. */
export interface SigningKey {
  /** Names the key in the URLs that it signed. */
  readonly kid: string
  readonly secret: string
}

/** The first key signs; all of them verify, so that a URL survives until its key is taken out. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]]

const KEY = /^([A-Za-z0-9_-]{1,32}):(\S{8,})$/

/** Reads `kid:secret,…`. */
export function signingKeys(input: string): Parsed<SigningKeys | undefined> {
  const keys = input.split(',').flatMap(part => {
    const [, kid, secret] = KEY.exec(part.trim()) ?? []
    return kid && secret ? [{ kid, secret }] : [null]
  })
  const [first, ...others] = keys.filter(key => key !== null)
  const isWhole = first && others.length === keys.length - 1
  const isUnique = new Set(keys.map(key => key?.kid)).size === keys.length
  return isWhole && isUnique
    ? { value: [first, ...others] }
    : { allowed: 'kid:secret parted by commas; each kid once, each secret at least 8 characters, better 32' }
}

/**
 * HMAC-SHA-256 of what is signed, in base64url. The first field says what kind of thing it is, so that no signature is good for
 * another kind; JSON parts the fields, so that no two lists are signed as the same text.
 */
export const signatureOf = ({ secret }: SigningKey, fields: readonly (string | number)[]): string =>
  createHmac('sha256', secret).update(JSON.stringify(fields)).digest('base64url')

/** Compares in a time that tells nothing of where they differ. */
export function isSignature(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)]
  return one.length === other.length && timingSafeEqual(one, other)
}
