import type { Door, Protocol, Refusal } from './door.ts'

export type RefusedCode = keyof typeof GRAPHQL

/**
 * Where each refusal is told, by hand: what users can mend is in the payload of a mutation, and who they are is not. To a client of
 * tus 409 says "try again": a refusal that stays one is 422 there.
 */
const GRAPHQL = {
  FILE_TOO_LARGE: 'payload 200',
  UNSUPPORTED_TYPE: 'payload 200',
  INVALID_INPUT: 'payload 200',
  NAME_TAKEN: 'payload 200',
  DUPLICATE_CONTENT: 'payload 200',
  UNAUTHENTICATED: 'errors 401',
  // An error of a field (GraphQL over HTTP): others of the same request may have been done.
  FORBIDDEN: 'errors 200',
} as const
const TOLD = {
  graphql: GRAPHQL,
  // Each item stands or falls by itself.
  batch: { ...GRAPHQL, FORBIDDEN: 'payload 200' },
  put: { FILE_TOO_LARGE: '413', UNSUPPORTED_TYPE: '415' },
  tus: {
    FILE_TOO_LARGE: '413',
    UNSUPPORTED_TYPE: '415',
    INVALID_INPUT: '422',
    NAME_TAKEN: '422',
    DUPLICATE_CONTENT: '422',
    UNAUTHENTICATED: '401',
    FORBIDDEN: '403',
  },
  import: { FILE_TOO_LARGE: 'FAILED', UNSUPPORTED_TYPE: 'FAILED' },
} as const

/** One expectation for all doors, in the words of each. */
export interface Expected {
  readonly code: RefusedCode
  readonly field: string | null
  /** What is at fault: what is said (or who says it), the bytes, or the media that would come of both. */
  readonly of: 'said' | 'bytes' | 'media'
}

export function refusalAt(door: Door, { code, field, of }: Expected): Refusal {
  const protocol: Protocol = door.tells[of]
  const told = (TOLD[protocol] as Partial<Record<RefusedCode, string>>)[code]
  if (told === undefined) throw new Error(`nobody has written down how ${protocol} tells ${code}`)
  const named = field === null || protocol === 'import' ? null : (door.names?.[field] ?? field)
  return { protocol, code, field: named, told }
}
