/**
 * What is kept of values that a file's author chose. Also run by Node itself in an isolated process: erasable TypeScript only.
 */
const LONGEST_TEXT = 2_000
const LONGEST_KEY = 120
const MOST_ENTRIES = 200
const DEEPEST = 6

/** Bytes of JSON that `technicalMetadata` takes at most. */
export const METADATA_BYTES = 64 * 1024

/**
 * The JSON part of any value: no binary, no NaN, no character that PostgreSQL's jsonb refuses (U+0000, lone surrogates), long texts
 * cut, and no more than `bytes` of JSON altogether; what does not fit, or holds nothing, is left out.
 */
export function plainObject(value: object, bytes = METADATA_BYTES): Record<string, unknown> {
  return Object(plain(value, { bytes: bytes - 2 }, 0)) as Record<string, unknown>
}

/** A text in one piece, without control characters at its ends; undefined for none. */
export function plainText(value: unknown, longest = LONGEST_TEXT): string | undefined {
  if (typeof value !== 'string') return undefined
  // A cut may part a surrogate pair.
  const text = value
    .slice(0, longest * 2)
    .replaceAll('\0', '')
    .trim()
    .slice(0, longest)
    .toWellFormed()
  return text === '' ? undefined : text
}

interface Budget {
  bytes: number
}

function plain(value: unknown, budget: Budget, depth: number): unknown {
  if (Array.isArray(value)) return plainArray(value, budget, depth)
  if (value instanceof Date)
    return spend(Number.isNaN(value.getTime()) ? undefined : value.toISOString(), budget)
  if (typeof value === 'object' && value !== null) {
    return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
      ? undefined
      : plainEntries(value, budget, depth)
  }
  return spend(primitive(value), budget)
}

function primitive(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value)
  if (typeof value === 'bigint') return String(value).slice(0, LONGEST_KEY)
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'boolean' ? value : undefined
}

function plainArray(values: readonly unknown[], budget: Budget, depth: number): unknown {
  if (depth >= DEEPEST) return undefined
  budget.bytes -= 2
  const kept = values.slice(0, MOST_ENTRIES).flatMap(value => plain(value, budget, depth + 1) ?? [])
  return kept.length > 0 ? kept : undefined
}

function plainEntries(value: object, budget: Budget, depth: number): unknown {
  if (depth >= DEEPEST) return undefined
  budget.bytes -= 2
  const kept: Array<[string, unknown]> = []
  for (const [name, each] of Object.entries(value).slice(0, MOST_ENTRIES)) {
    const key = plainText(name, LONGEST_KEY)
    if (key === undefined || key === '__proto__') continue
    const room = budget.bytes
    budget.bytes -= jsonBytes(key) + 2
    const part = plain(each, budget, depth + 1)
    if (part === undefined) budget.bytes = Math.min(room, budget.bytes + jsonBytes(key) + 2)
    else kept.push([key, part])
  }
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

function spend(value: unknown, budget: Budget): unknown {
  if (value === undefined) return undefined
  const bytes = jsonBytes(value) + 1
  if (bytes > budget.bytes) return undefined
  budget.bytes -= bytes
  return value
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
