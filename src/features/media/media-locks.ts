import type { EntityManager } from 'typeorm'
import { SqlParameters, type SqlText } from '../../platform/db/sql-builder.ts'
import type { AppError } from '../../platform/errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { keptByHolds, notYours } from '../access/access.errors.ts'
import {
  can,
  decide,
  deletedMedia,
  type MediaFacts,
  reachableMedia,
  removableMedia,
} from '../access/policy.ts'
import type { Principal } from '../access/viewer.ts'
import { checkFilter } from './filter.limits.ts'
import { breadthOf } from './filter-breadth.ts'
import type { Media } from './media.entity.ts'
import { batchTooLarge, mediaErrors, mediaNotFound } from './media.errors.ts'
import { filterConditions, type MediaFilter } from './media.filter.ts'
import { FACT_COLUMNS, type MediaColumn, selectList } from './media.row.ts'
import { EXPIRY_COLUMNS, type ExpiringMedia } from './media-expiry.ts'

/** What a change needs to know of a media that is locked for it. */
export type LockedMedia = ExpiringMedia & Pick<Media, 'version'>

export interface Locking {
  readonly viewer: Principal
  readonly action: 'update' | 'delete' | 'replace'
  /** A dry run looks without holding anybody up. */
  readonly dryRun: boolean
  /** What lies in the trash, too. */
  readonly permanent?: boolean
  /** For their rows to go: nothing may begin to belong to them. */
  readonly forGood?: boolean
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
  const { viewer, permanent } = locking
  checkFilter(filter)
  if (filter.deleted && !permanent) throw trashFilter()
  // The whole trash is something that one means.
  if (!filter.deleted && breadthOf(filter) === 'every') throw emptyFilter()
  const matches: Condition = p => {
    const conditions = filterConditions(filter, { viewer, parameters: p })
    const seen = filter.deleted ? deletedMedia(viewer, p) : reachableMedia(viewer, 'list', p)
    return [seen, ...conditions].join(' AND ')
  }
  const locked = await lock(tx, locking, matches)
  if (locked.length <= MOST_MATCHES) return locked
  const p = new SqlParameters()
  const [{ n } = { n: locked.length }] = await tx.query<{ n: number }[]>(
    `SELECT count(*)::int AS n FROM media m WHERE ${reach(locking, p)} AND ${matches(p)}`,
    p.values,
  )
  throw batchTooLarge('filter', { maximum: MOST_MATCHES, count: n })
}

/** Why media that could not be locked for a change stay as they are: not found for who may not see them, else the refusal. */
export async function refusalsOf(
  tx: EntityManager,
  ids: readonly string[],
  { viewer, action, permanent = false }: Locking,
): Promise<ReadonlyMap<string, AppError>> {
  const known = ids.filter(isUuid)
  const rows: Found[] =
    known.length === 0
      ? []
      : await tx.query(
          `SELECT ${selectList(FACT_COLUMNS)}, m.deleted_at IS NOT NULL AS "isDeleted" FROM media m
           WHERE m.id = ANY ($1::uuid[]) AND (m.deleted_at IS NULL OR $2)`,
          [known, permanent],
        )
  const facts = new Map(rows.map(row => [row.id, row]))
  return new Map(ids.map(id => [id, refusal(viewer, action, facts.get(id))]))
}

type Found = MediaFacts & { readonly isDeleted: boolean }

function refusal(viewer: Principal, action: Locking['action'], media: Found | undefined): AppError {
  if (!media) return mediaNotFound(['input', 'id'])
  const { allowed, rule } = decide(viewer, action, media)
  // Allowed by now: a hold stood in the way that was released a moment ago.
  if (allowed || rule === 'legal-hold') return keptByHolds(Math.max(media.openHolds, 1))
  // In the trash nobody sees what they could not have put there.
  return can(viewer, 'read', media) && !media.isDeleted ? notYours(action) : mediaNotFound(['input', 'id'])
}

const LOCKED_COLUMNS: ReadonlySet<MediaColumn> = new Set([...FACT_COLUMNS, ...EXPIRY_COLUMNS, 'version'])

/** In one order everywhere, so that two batches over the same media do not lock each other out. */
function lock(tx: EntityManager, locking: Locking, condition: Condition): Promise<LockedMedia[]> {
  const { dryRun, forGood } = locking
  const p = new SqlParameters()
  const strength = forGood ? 'FOR UPDATE' : 'FOR NO KEY UPDATE'
  return tx.query<LockedMedia[]>(
    `SELECT ${selectList(LOCKED_COLUMNS)}, clock_timestamp() AS now FROM media m WHERE ${reach(locking, p)} AND ${condition(p)}
     ORDER BY m.created_at, m.id LIMIT ${MOST_MATCHES + 1} ${dryRun ? '' : strength}`,
    p.values,
  )
}

const reach = ({ viewer, action, permanent }: Locking, p: SqlParameters): SqlText =>
  permanent ? removableMedia(viewer, p) : reachableMedia(viewer, action, p)

const trashFilter = () =>
  mediaErrors.INVALID_INPUT(
    'What is in the trash is changed by permanent deletion alone; leave deleted out of the filter.',
    {
      field: ['filter', 'deleted'],
    },
  )

const emptyFilter = () =>
  mediaErrors.INVALID_INPUT('filter says nothing, which would be every media. Say which ones.', {
    field: ['filter'],
  })
