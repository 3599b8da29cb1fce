import { AppError, commonErrors } from '../errors.ts'

/** The answer to COMMIT did not arrive: the transaction may or may not have happened. Ask the database on a new connection. */
export class CommitUnknownError extends Error {
  override readonly name = 'CommitUnknownError'
}

/** SQLSTATE of a node-postgres error, also inside TypeORM's wrapper; or the system's code (`ECONNRESET`). */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { code, driverError } = error as { code?: unknown; driverError?: unknown }
  return typeof code === 'string' ? code : driverError === undefined ? undefined : errorCode(driverError)
}

/** The constraint that a 23505 or 23503 names. */
export function constraintOf(error: unknown): string | undefined {
  const { constraint, driverError } = error as { constraint?: unknown; driverError?: unknown }
  return typeof constraint === 'string' ? constraint : driverError ? constraintOf(driverError) : undefined
}

export const isUniqueViolation = (error: unknown, constraint: string): boolean =>
  errorCode(error) === '23505' && constraintOf(error) === constraint

/** Serialization failure and deadlock: the whole transaction may simply be run again. */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(errorCode(error) ?? '')

const NETWORK = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'EHOSTUNREACH',
  'ENOTFOUND',
])
/** The last one is TypeORM's, whose query runner lets go of a connection as soon as that is lost. */
const LOST =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable|pool after calling end|query runner already released/i

/** The connection is gone or could not be had: classes 08 and 57P0x, and what the socket says. */
export function isConnectionLost(error: unknown): boolean {
  const code = errorCode(error)
  // 08P01 is a statement of ours that does not fit its parameters.
  if (code === '08P01') return false
  if (code && (code.startsWith('08') || code.startsWith('57P') || NETWORK.has(code))) return true
  return LOST.test(String((error as { message?: unknown } | null)?.message))
}

/** Conditions of the server that pass: out of disk, memory or connections (53), read-only after a fail-over, lock and statement time-outs. */
const PASSING = ['25006', '55P03', '57014']

/**
 * Turns what the database throws into a SERVICE_UNAVAILABLE where trying again later makes sense; everything else comes
 * back as it was.
 */
export function databaseError(error: unknown): unknown {
  if (error instanceof AppError) return error
  const code = errorCode(error) ?? ''
  if (
    error instanceof CommitUnknownError ||
    isConnectionLost(error) ||
    code.startsWith('53') ||
    PASSING.includes(code)
  ) {
    return commonErrors.SERVICE_UNAVAILABLE(
      'The database does not answer at the moment. Try again shortly.',
      {
        retryAfter: 5,
        cause: error,
      },
    )
  }
  return error
}
