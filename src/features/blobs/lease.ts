import type { Sql } from '../../platform/db/database.ts'

export interface LeaseRequest {
  readonly database: Sql
  readonly blob: { readonly id: string; readonly fence: number }
  readonly leaseSeconds: number
  /** The caller's own reason to stop. */
  readonly signal?: AbortSignal
}

export interface Lease {
  /** Aborted when the caller's signal is, or when the lease is lost. */
  readonly signal: AbortSignal
  /** Asks the database, unless it is known already; a database that does not answer says no. */
  isLost(): Promise<boolean>
  release(): void
}

/**
 * Extends a blob's lease every third of its length until released, and never shortens one that was longer. A database that does not answer is asked again: the
 * commit decides in the end whether the lease still held.
 */
export function keepLease({ database, blob, leaseSeconds, signal }: LeaseRequest): Lease {
  const lapse = new AbortController()
  const beat = async () => {
    const rows = await database.query(
      `UPDATE blob SET lease_until = greatest(lease_until, clock_timestamp() + $3 * interval '1 second')
       WHERE id = $1 AND fence = $2 AND state = 'staged' AND lease_until > clock_timestamp() RETURNING id`,
      [blob.id, blob.fence, leaseSeconds],
    )
    if (rows.length === 0) lapse.abort()
  }
  const timer = setInterval(() => beat().catch(() => undefined), (leaseSeconds * 1000) / 3)
  timer.unref()
  return {
    signal: signal ? AbortSignal.any([signal, lapse.signal]) : lapse.signal,
    isLost: async () => {
      if (!lapse.signal.aborted) await beat().catch(() => undefined)
      return lapse.signal.aborted
    },
    release: () => clearInterval(timer),
  }
}
