import { createHash } from 'node:crypto'
import { twoKeys } from './idempotency.errors.ts'
import { checkKey } from './idempotency-key.ts'

/** A request that may come again, by its key and by what it says. */
export interface KeyedRequest {
  readonly key: string
  /** Which of several things that it makes; 0 for the only one. */
  readonly item: number
  /** What is done: the name of the mutation. */
  readonly operation: string
  /** All that the client says, but for what it gets back unread. Files are told apart by their content's hash. */
  readonly input: Readonly<Record<string, unknown>>
}

/** Where a door finds the key of a request's header. */
export interface IdempotencyContext {
  readonly idempotencyKey?: string
}

interface Said {
  readonly idempotencyKey?: string | null
  readonly [field: string]: unknown
}

/**
 * The request as one that may come again; undefined without a key. Takes the key out of the input. Throws BAD_REQUEST for two
 * keys, IDEMPOTENCY_KEY_INVALID.
 */
export function keyedRequest(
  operation: string,
  { idempotencyKey, ...input }: Said,
  context: IdempotencyContext,
): KeyedRequest | undefined {
  if (idempotencyKey != null && context.idempotencyKey !== undefined) throw twoKeys()
  const key = idempotencyKey ?? context.idempotencyKey
  return key === undefined ? undefined : { key: checkKey(key), item: 0, operation, input }
}

/** One item of a batch: by the key of the whole, or by its own, under which it is the same request as alone. */
export function keyedPart(
  whole: KeyedRequest | undefined,
  { idempotencyKey, ...input }: Said,
  { item, alone }: { readonly item: number; readonly alone: string },
): KeyedRequest | undefined {
  if (!whole) return keyedRequest(alone, { idempotencyKey, ...input }, {})
  if (idempotencyKey != null) throw twoKeys()
  return { ...whole, item, input }
}

/** SHA-256 in hex over the request in one canonical form: what does not depend on the order of keys, nor on absent ones. */
export function requestHash({ operation, input }: KeyedRequest, content: string | null): string {
  const text = JSON.stringify({ operation, input, content }, (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? sorted(value) : value,
  )
  return createHash('sha256').update(text).digest('hex')
}

const sorted = (object: object): object =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
