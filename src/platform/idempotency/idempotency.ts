import type { EntityManager } from 'typeorm'
import type { Sql } from '../db/database.ts'
import { commonErrors } from '../errors.ts'
import type { IdempotencyRow } from './idempotency.entity.ts'
import { keyConflict } from './idempotency.errors.ts'
import type { RepeatObserver } from './idempotency.metrics.ts'
import { type KeyedRequest, requestHash } from './keyed-request.ts'
import { AlreadyMade, type Earlier, type Once, unkeyed } from './once.ts'
import { watchedOnce } from './watched-once.ts'

/** Whose keys they are: nobody meets the keys of somebody else. */
export interface KeyHolder {
  readonly accountId: string
  readonly name: string
}

type Noted = Pick<IdempotencyRow, 'item' | 'operation' | 'requestHash' | 'resultId'>

/** How long a key is remembered at least; it is forgotten within an hour after that. */
export const REMEMBERED_HOURS = 24

const SELECT = `SELECT item, operation, request_hash AS "requestHash", result_id AS "resultId" FROM idempotency
  WHERE account_id = $1 AND principal = $2 AND key = $3`

/**
 * Lets a request that comes twice make one thing. A key is written with what it made, in one transaction, and at no other time:
 * a request that came to nothing, or died, leaves no key behind, and of two at once the second one waits for the first.
 */
export class Idempotency {
  constructor(private readonly deps: { readonly database: Sql; readonly onRepeat?: RepeatObserver }) {}

  once(holder: KeyHolder, request: KeyedRequest | undefined): Once {
    if (!request) return unkeyed
    const scope = [holder.accountId, holder.name, request.key]
    const once: Once = {
      earlier: async () => earlierOf(request, await this.deps.database.query<Noted>(SELECT, scope)),
      claim: (tx, resultId, content) => claim(tx, scope, { request, resultId, content }),
    }
    return this.deps.onRepeat ? watchedOnce(once, this.deps.onRepeat) : once
  }

  /** Forgets the keys whose time is over; gives their number. */
  async forget(): Promise<number> {
    const [row] = await this.deps.database.query<{ n: number }>(
      `WITH gone AS (DELETE FROM idempotency WHERE created_at < now() - interval '${REMEMBERED_HOURS} hours' RETURNING 1)
       SELECT count(*)::int AS n FROM gone`,
    )
    return row?.n ?? 0
  }
}

/** Among all that was made under the key: one request makes several things by one operation. */
function earlierOf(request: KeyedRequest, rows: readonly Noted[]): Earlier | null {
  if (rows.some(({ operation }) => operation !== request.operation)) throw keyConflict()
  const noted = rows.find(({ item }) => item === request.item)
  if (!noted) return null
  return {
    resultFor: content => {
      if (noted.requestHash !== requestHash(request, content ?? null)) throw keyConflict()
      return noted.resultId
    },
  }
}

interface Claim {
  readonly request: KeyedRequest
  readonly resultId: string
  readonly content: string | undefined
}

async function claim(
  tx: EntityManager,
  scope: readonly string[],
  { request, resultId, content }: Claim,
): Promise<void> {
  const hash = requestHash(request, content ?? null)
  const claimed: unknown[] = await tx.query(
    `INSERT INTO idempotency (account_id, principal, key, item, operation, request_hash, result_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING key`,
    [...scope, request.item, request.operation, hash, resultId],
  )
  if (claimed.length === 1) return
  const earlier = earlierOf(request, await tx.query<Noted[]>(SELECT, [...scope]))
  if (earlier) throw new AlreadyMade(earlier.resultFor(content))
  // Forgotten between the two statements: its 24 hours were over just now.
  throw commonErrors.SERVICE_UNAVAILABLE('This idempotency key is being forgotten. Try again.', {
    retryAfter: 1,
  })
}
