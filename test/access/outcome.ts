/** Who asks, in the order of the letters of an expectation. */
export const ASKERS = [
  'none',
  'garbage',
  'revoked',
  'expired',
  'readOnly',
  'noMediaScope',
  'otherAccount',
  'otherOwner',
  'owner',
  'admin',
  'jwtAll',
  'jwtGet',
  'jwtElsewhere',
] as const
export type Asker = (typeof ASKERS)[number]

/**
 * What a cell may come to: `+` done · `U` not signed in or signed in badly (401) · `F` known and not allowed (403) · `-` not
 * found, as if it never was.
 */
export type Outcome = '+' | 'U' | 'F' | '-'

/** An expectation is written as one letter an asker, with blanks where they help the eye. */
export function expected(letters: string): Record<Asker, Outcome> {
  const outcomes = [...letters.replaceAll(' ', '')] as Outcome[]
  if (outcomes.length !== ASKERS.length)
    throw new Error(`${letters}: ${outcomes.length} letters for ${ASKERS.length} askers`)
  return Object.fromEntries(ASKERS.map((asker, i) => [asker, outcomes[i]])) as Record<Asker, Outcome>
}

interface GraphQLBody {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly { extensions?: { code?: string } }[]
}

const BY_CODE: Readonly<Record<string, Outcome>> = {
  UNAUTHENTICATED: 'U',
  FORBIDDEN: 'F',
  LEGAL_HOLD: 'F',
  NOT_FOUND: '-',
}

/** The outcome that an answer of one GraphQL field stands for. */
export function graphQLOutcome(field: string, body: GraphQLBody): Outcome {
  const value = body.data?.[field] as {
    userErrors?: { code: string }[]
    results?: { userErrors: { code: string }[] }[]
  } | null
  const code =
    body.errors?.[0]?.extensions?.code ??
    value?.userErrors?.[0]?.code ??
    value?.results?.[0]?.userErrors[0]?.code
  if (code !== undefined) return BY_CODE[code] ?? unforeseen(code)
  const isEmpty = value === null || (Array.isArray(value) && value.every(item => item === null))
  return isEmpty ? '-' : '+'
}

/** The outcome that an HTTP status stands for. */
export function httpOutcome(status: number): Outcome {
  // Admitted, and told that the path has no such method.
  if (status < 400 || status === 405) return '+'
  return (
    // 409 is how the APIs of others tell of a legal hold.
    ({ 401: 'U', 403: 'F', 404: '-', 409: 'F' } as Record<number, Outcome>)[status] ??
    unforeseen(`status ${status}`)
  )
}

function unforeseen(what: string): never {
  throw new Error(`an outcome that no expectation can name: ${what}`)
}
