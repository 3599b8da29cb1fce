/** What a cursor stands for: the order it belongs to and the sort values of one row, its id last. */
export interface Position {
  readonly order: string
  readonly values: readonly (string | number | boolean)[]
}

/** Above what the longest name gives: 512 characters of six escaped bytes each, in base64. */
const LONGEST = 8_000

/** Texts that JSON writes as they are, in ASCII of which base64 makes nothing that base64url writes otherwise. */
const PLAIN = /^[\w .:-]*$/

/** JSON in base64url (RFC 4648, 5). */
export function encodeCursor({ order, values }: Position): string {
  return plainCursor(order, values) ?? Buffer.from(JSON.stringify([order, ...values])).toString('base64url')
}

/** The same, of times, ids and the like, which nearly all cursors are made of; a page has one for each row. */
function plainCursor(order: string, values: Position['values']): string | undefined {
  if (!PLAIN.test(order)) return undefined
  let json = `["${order}"`
  for (const value of values) {
    if (typeof value === 'string' && !PLAIN.test(value)) return undefined
    json += typeof value === 'string' ? `,"${value}"` : `,${JSON.stringify(value)}`
  }
  const padded = btoa(`${json}]`)
  const padding = (3 - ((json.length + 1) % 3)) % 3
  return padding === 0 ? padded : padded.slice(0, -padding)
}

/** The position that a cursor of this order stands for; null when it is no cursor, or one of another order. */
export function decodeCursor(cursor: string, order: string): Position | null {
  if (cursor.length > LONGEST) return null
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (!Array.isArray(parsed) || parsed[0] !== order) return null
    const values = parsed.slice(1)
    const plain = values.every(value => ['string', 'number', 'boolean'].includes(typeof value))
    return plain ? { order, values } : null
  } catch {
    return null
  }
}
