import { randomBytes } from 'node:crypto'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A random text in base62, 5.95 bits a character. */
export function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    // 248 is the largest multiple of 62 in a byte: above it a character would be likelier than others.
    for (const byte of randomBytes(64)) if (byte < 248 && text.length < length) text += BASE62[byte % 62]
  }
  return text
}

/** A secret of at least 256 random bits: 43 characters of base62. */
export const newSecret = (): string => randomText(43)
