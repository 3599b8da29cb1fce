import { CommitUnknownError } from '../../platform/db/pg-errors.ts'
import { AppError } from '../../platform/errors.ts'
import type { BlobService } from './blob.service.ts'

export interface Unsettled<T> {
  readonly error: CommitUnknownError
  /** What the database says of the blob that was to become live. */
  readonly stateOf: () => ReturnType<BlobService['stateOf']>
  /** What the transaction made, once it is known to have happened. */
  readonly find: () => Promise<T | null>
  /** The whole transaction once more. */
  readonly attempt: () => Promise<T>
}

const PAUSES_MS = [50, 200, 1_000, 3_000]

/**
 * Finds out what became of a COMMIT whose answer was lost: live = it happened; staged = it did not, so once more, where a
 * transaction that is still ending makes us wait at its row lock. Rejects with CommitUnknownError while nobody answers.
 */
export async function settleCommit<T>({ error, stateOf, find, attempt }: Unsettled<T>): Promise<T> {
  for (const pause of PAUSES_MS) {
    await new Promise(resolve => setTimeout(resolve, pause))
    try {
      const state = await stateOf()
      const made = state === 'live' ? await find() : null
      if (made) return made
      if (state !== 'staged') break
      return await attempt()
    } catch (again) {
      const unreachable = again instanceof AppError && again.code === 'SERVICE_UNAVAILABLE'
      const decidedMeanwhile = again instanceof AppError && again.code === 'LEASE_LOST'
      if (!unreachable && !decidedMeanwhile && !(again instanceof CommitUnknownError)) throw again
    }
  }
  throw error
}
