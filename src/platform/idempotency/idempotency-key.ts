import { badHeader, invalidKey } from './idempotency.errors.ts'

/** The description of the field, wherever an input has it. */
export const IDEMPOTENCY_KEY =
  'Any text of up to 255 printable ASCII characters, new for each new request: sent again within 24 hours, the request is not carried out twice, and its answer names the same result.'

const PRINTABLE = /^[ -~]{1,255}$/
/** An sf-string without parameters (RFC 9651, 3.3.3). */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/
/** What clients send that know nothing of structured fields: UUIDs, tokens, base64. No comma: it parts two headers. */
const PLAIN = /^[A-Za-z0-9!#$%&'*+.^_`|~:/=@-]+$/

/** Throws IDEMPOTENCY_KEY_INVALID. */
export function checkKey(key: string): string {
  if (!PRINTABLE.test(key)) throw invalidKey()
  return key
}

/** The key in a header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header, 2.1). Throws BAD_REQUEST. */
export function keyOfHeader(header: string): string {
  const text = header.trim()
  const key = QUOTED.exec(text)?.[1]?.replace(/\\(.)/g, '$1') ?? (PLAIN.test(text) ? text : '')
  if (!PRINTABLE.test(key)) throw badHeader('is not one quoted text, or token, of 1 to 255 characters')
  return key
}
