/** What a Range header asks for, of a representation of known size; `start` and `end` are both included, counted from 0. */
export type RequestedRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'range'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' }

/** No honest client needs more for one range, and a server may ignore any Range header (RFC 9110, 14.2). */
const LONGEST_HEADER = 256

/** One range; blanks and empty list elements around it mean nothing (RFC 9110, 5.6.1.2). */
const ONE_RANGE = /^bytes=[\t ,]*(?:(?<first>\d+)-(?<last>\d*)|-(?<suffix>\d+))[\t ,]*$/i

const whole = { kind: 'whole' } as const
const unsatisfiable = { kind: 'unsatisfiable' } as const

/**
 * Reads a Range header against a size in bytes (RFC 9110, 14.1.1 to 14.2). Another unit, a malformed header and more than
 * one range are ignored, which the RFC allows and which makes the many-ranges attack pointless. A range that begins behind
 * the end and a suffix of nothing are unsatisfiable.
 */
export function parseRange(header: string | undefined, size: number): RequestedRange {
  if (header === undefined || header.length > LONGEST_HEADER) return whole
  const { first, last, suffix } = ONE_RANGE.exec(header)?.groups ?? {}

  if (suffix !== undefined) {
    const length = Number(suffix)
    if (length === 0) return unsatisfiable
    // Satisfiable by the letter even when there are no bytes, but no Content-Range can say "none".
    if (size === 0) return whole
    return { kind: 'range', start: Math.max(0, size - length), end: size - 1 }
  }
  if (first === undefined) return whole

  // Digits beyond 2^53 lose precision but stay above every size, which is all that is asked of them.
  const start = Number(first)
  const end = last ? Number(last) : Number.POSITIVE_INFINITY
  if (end < start) return whole
  if (start >= size) return unsatisfiable
  return { kind: 'range', start, end: Math.min(end, size - 1) }
}
