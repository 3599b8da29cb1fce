import type { Readable } from 'node:stream'
import { AppError } from '../errors.ts'
import { StorageConflict } from './driver.ts'
import { storageErrors } from './storage.errors.ts'
import { StoreAway } from './store-breaker.ts'

const RETRY_AFTER_SECONDS = 5

const FULL = new Set<unknown>(['ENOSPC', 'EDQUOT'])
/** A store that answers, and lets this call do nothing. */
const DENIED = new Set<unknown>(['EACCES', 'EPERM', 'EROFS'])

/** What a caller has to do with a call: when its body breaks off or it gives up, that is no failure of the store. */
export interface Callers {
  readonly body?: Readable
  readonly signal?: AbortSignal
}

export function isCallers(error: unknown, { body, signal }: Callers): boolean {
  if (signal?.aborted) return true
  if (!body) return false
  return error === body.errored || codeOf(error) === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** Whether an error says that the store does not do what it is there for, and not that this call asks too much of it. */
export function isOutage(error: unknown): boolean {
  if (error instanceof StorageConflict || error instanceof StoreAway) return false
  const code = codeOf(error)
  return !FULL.has(code) && !DENIED.has(code)
}

/**
 * Whether an error ended a stream from the store's side. A reader that leaves does so by an error of Node's own kind (ERR_…,
 * ABORT_ERR) or by none; sockets and disks fail with codes of the system.
 */
export function isBrokenStream(error: Error): boolean {
  const code = String(codeOf(error) ?? '')
  return !(error instanceof AppError) && error.name !== 'AbortError' && !code.startsWith('ERR_')
}

/** What a caller is told of a driver's error. */
export function storageFailure(cause: unknown): AppError {
  if (cause instanceof StorageConflict) {
    return storageErrors.STORAGE_CONFLICT(
      'The upload is not in the state that this request supposes. Ask for its offset and go on from there.',
      { cause },
    )
  }
  if (FULL.has(codeOf(cause))) {
    return storageErrors.INSUFFICIENT_STORAGE('The store is full. Ask its operator to make room.', { cause })
  }
  return storageErrors.STORAGE_UNAVAILABLE('The store cannot be used now. Try again later.', {
    cause,
    retryAfter: cause instanceof StoreAway ? cause.retryAfterSeconds : RETRY_AFTER_SECONDS,
  })
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code
}
