import type { EntityManager } from 'typeorm'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import { reachableMedia } from '../access/policy.ts'
import { hasScope, type Principal } from '../access/viewer.ts'
import { batchTooLarge, mediaErrors } from './media.errors.ts'
import { filterConditions, type MediaFilter } from './media.filter.ts'

/** What a change needs to know of a media that is locked for it. */
export interface LockedMedia {
  readonly id: string
  readonly version: number
  readonly tags: readonly string[]
}

export interface Locking {
  readonly viewer: Principal
  readonly action: 'update' | 'delete'
  /** A dry run looks without holding anybody up. */
  readonly dryRun: boolean
}

/** Media that one batch takes by a filter. */
export const MOST_MATCHES = 1_000

type Condition = (p: SqlParameters) => SqlText

/** Those of the ids that the viewer may change, locked. */
export const lockMedia = (
  tx: EntityManager,
  ids: readonly string[],
  locking: Locking,
): Promise<LockedMedia[]> => lock(tx, locking, p => `m.id = ANY (${p.add(ids, 'uuid[]')})`)

/**
 * The media that match and that the viewer may both see and change, locked, oldest first. Throws BATCH_TOO_LARGE with their
 * number when they are more than a batch may be, and INVALID_INPUT for a filter that asks for nothing.
 */
export async function lockMatches(
  tx: EntityManager,
  filter: MediaFilter,
  locking: Locking,
): Promise<LockedMedia[]> {
  const matches: Condition = p => {
    const conditions = filterConditions(filter, p)
    if (conditions.every(condition => condition === 'true')) throw emptyFilter()
    return [reachableMedia(locking.viewer, 'list', p), ...conditions].join(' AND ')
  }
  const locked = await lock(tx, locking, matches)
  if (locked.length <= MOST_MATCHES) return locked
  const p = new SqlParameters()
  const [{ n } = { n: locked.length }] = await tx.query<{ n: number }[]>(
    `SELECT count(*)::int AS n FROM media m WHERE ${reachableMedia(locking.viewer, locking.action, p)} AND ${matches(p)}`,
    p.values,
  )
  throw batchTooLarge('filter', { maximum: MOST_MATCHES, count: n })
}

/** Those of the ids that the viewer may see, whatever else. */
export async function visibleMedia(
  tx: EntityManager,
  viewer: Principal,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0 || !hasScope(viewer, 'media:read')) return new Set()
  const p = new SqlParameters()
  const rows = await tx.query<{ id: string }[]>(
    `SELECT m.id FROM media m WHERE ${reachableMedia(viewer, 'read', p)} AND m.id = ANY (${p.add(ids, 'uuid[]')})`,
    p.values,
  )
  return new Set(rows.map(({ id }) => id))
}

/** In one order everywhere, so that two batches over the same media do not lock each other out. */
function lock(tx: EntityManager, locking: Locking, condition: Condition): Promise<LockedMedia[]> {
  const { viewer, action, dryRun } = locking
  const p = new SqlParameters()
  return tx.query<LockedMedia[]>(
    `SELECT m.id, m.version, m.tags FROM media m WHERE ${reachableMedia(viewer, action, p)} AND ${condition(p)}
     ORDER BY m.created_at, m.id LIMIT ${MOST_MATCHES + 1} ${dryRun ? '' : 'FOR NO KEY UPDATE'}`,
    p.values,
  )
}

const emptyFilter = () =>
  mediaErrors.INVALID_INPUT('filter says nothing, which would be every media. Say which ones.', {
    field: ['filter'],
  })
