import type { Sql } from '../../../platform/db/database.ts'
import { uploadExpired } from '../tickets/ticket.errors.ts'
import { uploadLocked } from './tus.errors.ts'

export interface TusLock {
  /** Aborted when somebody else waits for the lock, or has taken it, or the upload has expired: no more bytes may come. */
  readonly signal: AbortSignal
  release(): Promise<void>
}

/** How long a holder may be silent before the lock is another's. */
export const HOLD_MS = 4_000
/** How often a holder says that it is there, and hears whether somebody waits. */
const BEAT_MS = 1_000
/** How long one waits for a lock: longer than a silent holder keeps it. */
const PATIENCE_MS = 8_000
/** How often one who waits looks whether it is free. */
export const PAUSE_MS = 100

/**
 * Lets one request at a time be at a resumable upload, over all nodes. A second one makes the first end and takes over: a client
 * that has lost its connection comes again before the gateway has noticed. A holder that died, or sleeps, loses its lock in
 * four seconds, and the upload is marked as torn.
 */
export class TusLocks {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** Null for an upload that is not there. Rejects with UPLOAD_LOCKED when the holder does not end in time. */
  async acquire(id: string): Promise<TusLock | null> {
    const { database } = this.deps
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const began = performance.now()
      const [taken] = await database.query<{ number: number }>(
        `UPDATE tus_upload SET lock_number = lock_number + 1, lock_wanted = false, is_torn = is_torn OR locked_until IS NOT NULL,
           locked_until = clock_timestamp() + $2 * interval '1 millisecond'
         WHERE id = $1 AND (locked_until IS NULL OR locked_until < clock_timestamp()) RETURNING lock_number AS number`,
        [id, HOLD_MS],
      )
      if (taken) return hold(database, { id, number: taken.number, began })
      const waited = await database.query(
        `UPDATE tus_upload SET lock_wanted = true WHERE id = $1 RETURNING id`,
        [id],
      )
      if (waited.length === 0) return null
      if (performance.now() > until) throw uploadLocked()
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }
}

interface Held {
  readonly id: string
  readonly number: number
  /** When it was taken, on the clock of `performance`. */
  readonly began: number
}

function hold(database: Sql, { id, number, began }: Held): TusLock {
  const ending = new AbortController()
  let certainUntil = began + HOLD_MS
  const beat = async () => {
    const asked = performance.now()
    const [row] = await database.query<{ isWanted: boolean; isExpired: boolean }>(
      `UPDATE tus_upload SET locked_until = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE id = $1 AND lock_number = $2
       RETURNING lock_wanted AS "isWanted", state = 'open' AND expires_at <= clock_timestamp() AS "isExpired"`,
      [id, number, HOLD_MS],
    )
    certainUntil = asked + HOLD_MS
    if (!row || row.isWanted) ending.abort(uploadLocked())
    else if (row.isExpired) ending.abort(uploadExpired())
  }
  const timer = setInterval(() => {
    if (performance.now() > certainUntil) ending.abort(uploadLocked())
    beat().catch(() => undefined)
  }, BEAT_MS)
  timer.unref()
  return {
    signal: ending.signal,
    async release() {
      clearInterval(timer)
      await database.query(
        `UPDATE tus_upload SET locked_until = NULL, lock_wanted = false WHERE id = $1 AND lock_number = $2`,
        [id, number],
      )
    },
  }
}
