/** What a token says of itself. Nothing in it is true before its signature has been checked. */
export interface UnverifiedToken {
  readonly header: Readonly<Record<string, unknown>>
  /** Null when the payload is no JSON object. */
  readonly claims: Claims | null
}

export type Claims = Readonly<Record<string, unknown>>

/** Reads a token that has the form of a signed JWT (RFC 7519, 7.2): three segments, the first a JSON object; null for others. */
export function readUnverified(token: string): UnverifiedToken | null {
  const [, header = '', payload = ''] = /^([\w-]+)\.([\w-]*)\.([\w-]*)$/.exec(token) ?? []
  const parsed = jsonObject(header)
  return parsed && { header: parsed, claims: jsonObject(payload) }
}

function jsonObject(segment: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null
  } catch {
    return null
  }
}
