export interface KeyCredential {
  readonly keyId: string
  readonly secret: string
}

/** A bearer token that does not name its key: an opaque token of another system, or a JWT. */
export interface TokenCredential {
  readonly token: string
}

/** The longest Authorization header that is looked at. */
const MAX = 8192

/**
 * Reads `Authorization: Basic base64(key:secret)` (RFC 7617), `Bearer mgw_<key>_<secret>`, which is the same credential in
 * another form, and `Bearer <token>` (RFC 6750); null for what is none of them.
 */
export function parseAuthorization(header: string): KeyCredential | TokenCredential | null {
  if (header.length > MAX) return null
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+)$/.exec(header.trim()) ?? []
  if (/^basic$/i.test(scheme)) {
    const bytes = Buffer.from(value, 'base64')
    // Node skips what is no base64: then it is not what the client meant.
    if (unpadded(bytes.toString('base64')) !== unpadded(value)) return null
    const text = bytes.toString('utf8')
    const colon = text.indexOf(':')
    return colon > 0 ? { keyId: text.slice(0, colon), secret: text.slice(colon + 1) } : null
  }
  if (!/^bearer$/i.test(scheme)) return null
  if (!value.startsWith(KEY_TOKEN)) return { token: value }
  const [, keyId, secret] = /^mgw_(.+)_([0-9A-Za-z]+)$/.exec(value) ?? []
  return keyId && secret ? { keyId, secret } : null
}

const unpadded = (base64: string): string => base64.replace(/={1,2}$/, '')

/** How a bearer token begins that is a key and its secret. */
export const KEY_TOKEN = 'mgw_'

/** The Bearer form of a key. */
export const bearerToken = (key: KeyCredential): string => `${KEY_TOKEN}${key.keyId}_${key.secret}`
