import type { Readable } from 'node:stream'

/** What the SDK's errors have in common with those of its transport. */
interface Failure {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly response?: { readonly headers?: { get(name: string): string | undefined } }
}

/** Codes by which Azure says that an upload has as many blocks as it may have. */
const TOO_MANY_BLOCKS = new Set([
  'BlockCountExceedsLimit',
  'BlockListTooLong',
  'RequestEntityTooLargeBlockCountExceedsLimit',
])
const INSUFFICIENT_STORAGE = 507
/** Statuses of a store that answers, and lets nobody do this. */
const DENIED = new Set([401, 403])
const COPY_SOURCE = 'CannotVerifyCopySource'

/** True for "no such blob"; never for a container that is missing. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && !['ContainerNotFound', 'ContainerBeingDeleted'].includes(codeOf(error))
}

export function isContainerMissing(error: unknown): boolean {
  return codeOf(error) === 'ContainerNotFound'
}

export function isContainerThere(error: unknown): boolean {
  return codeOf(error) === 'ContainerAlreadyExists'
}

/** True when a request on condition found it unmet. */
export function isTaken(error: unknown): boolean {
  return statusOf(error) === 412 || codeOf(error) === 'BlobAlreadyExists'
}

/** True when the blocks that are named are not, or not all, there. */
export function isUnfit(error: unknown): boolean {
  return codeOf(error) === 'InvalidBlockList'
}

export function isTooMany(error: unknown): boolean {
  return TOO_MANY_BLOCKS.has(codeOf(error))
}

/** True when the store cannot read what it is to copy, for another reason than that it is not there: a firewall, say. */
export function isUnreadable(error: unknown): boolean {
  return codeOf(error) === COPY_SOURCE && statusOf(error) !== 404
}

/**
 * The error with its code and one line of a message, also where the store sent neither (answers to HEAD have no body), and
 * with the code ENOSPC when the store says that it is full, or EACCES when it lets nobody do this.
 */
export function told(error: unknown): unknown {
  if (!(error instanceof Error)) return new Error(String(error))
  const status = statusOf(error)
  if (status === undefined) return error
  const code = codeOf(error)
  const [said] = error.message.split('\n')
  error.message = `the store answered ${code || 'without a code'} (HTTP ${status})${said ? `: ${said}` : ''}`
  if (status === INSUFFICIENT_STORAGE) return Object.assign(error, { code: 'ENOSPC' })
  return Object.assign(error, { code: DENIED.has(status) && code !== COPY_SOURCE ? 'EACCES' : code })
}

/**
 * The body, whose end by a broken connection is told as one: the SDK calls it an abort, as if its reader had given up. Node's own
 * abort has a code.
 */
export function brokenAsSuch(body: Readable): Readable {
  const destroy = body.destroy.bind(body)
  body.destroy = error => {
    const isBroken = error?.name === 'AbortError' && (error as Failure).code === undefined
    return destroy(
      isBroken
        ? Object.assign(new Error('the store broke off', { cause: error }), { code: 'ECONNRESET' })
        : error,
    )
  }
  return body
}

function statusOf(error: unknown): number | undefined {
  const status = (error as Failure | null)?.statusCode
  return typeof status === 'number' ? status : undefined
}

function codeOf(error: unknown): string {
  const { code, response } = (error ?? {}) as Failure
  return String(code ?? response?.headers?.get('x-ms-error-code') ?? '')
}
