/** What a cursor stands for: the order it belongs to and the sort values of one row, its id last. */
export interface Position {
  readonly order: string
  readonly values: readonly (string | number | boolean)[]
}

/** Above what the longest name gives: 512 characters of six escaped bytes each, in base64. */
const LONGEST = 8_000

export function encodeCursor(position: Position): string {
  return Buffer.from(JSON.stringify([position.order, ...position.values])).toString('base64url')
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
