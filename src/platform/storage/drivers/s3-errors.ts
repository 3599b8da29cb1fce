/** What the SDK's errors have in common with those of its transport. */
interface Failure {
  readonly name?: unknown
  readonly code?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/** Codes by which stores say that they are full, or that the account is. */
const FULL = new Set(['QuotaExceeded', 'XMinioStorageFull', 'InsufficientCapacity'])
/** Statuses of a store that answers, and lets nobody do this. */
const DENIED = new Set<unknown>([401, 403])
/** Codes that tell that the parts of an upload do not make an object. */
const UNFIT = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall'])

/** True for "no such object" and "no such upload"; never for a bucket that is missing, as far as the store tells. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket'
}

/** True when a request with a condition found it unmet, or lost against another one that ran at the same time. */
export function isTaken(error: unknown): boolean {
  return statusOf(error) === 412 || nameOf(error) === 'ConditionalRequestConflict'
}

/** True when the store does not know a header that the request has. */
export function isNotImplemented(error: unknown): boolean {
  return statusOf(error) === 501
}

export function isUnfit(error: unknown): boolean {
  return UNFIT.has(nameOf(error))
}

/**
 * The error with a message where the store sent none, with the code EDQUOT when it says that the store is full, and with EACCES
 * when it lets nobody do this.
 */
export function told(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error(String(error))
  const status = statusOf(error)
  if (status === undefined) return error
  if (error.message === '' || error.message === 'UnknownError')
    error.message = `the store answered ${error.name} (HTTP ${status})`
  if (FULL.has(error.name)) return Object.assign(error, { code: 'EDQUOT' })
  return DENIED.has(status) ? Object.assign(error, { code: 'EACCES' }) : error
}

function statusOf(error: unknown): number | undefined {
  return (error as Failure | null)?.$metadata?.httpStatusCode
}

function nameOf(error: unknown): string {
  return String((error as Failure | null)?.name ?? '')
}
