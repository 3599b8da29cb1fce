import type { EntityManager } from 'typeorm'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { commonErrors } from '../../platform/errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { reachableMedia } from '../access/policy.ts'
import type { Principal } from '../access/viewer.ts'
import { mediaErrors } from '../media/media.errors.ts'

/** Ahead of or behind a media that is in the collection; the end without either. */
export interface Place {
  readonly before?: string | null
  readonly after?: string | null
}

interface Placement extends Place {
  readonly collection: string
  /** In their new order. */
  readonly mediaIds: readonly string[]
}

/** Room that is left between neighbours: a place can be halved so often before the collection is numbered anew. */
const GAP = 1n << 32n
/** What a cursor can hold. */
const LIMIT = 10n ** 18n

/** Gives the media their positions in a collection that is locked; throws NOT_FOUND or INVALID_INPUT for the place. */
export async function placeMedia(tx: EntityManager, viewer: Principal, placement: Placement): Promise<void> {
  const { before, after, collection, mediaIds } = placement
  const side = before != null ? 'before' : 'after'
  const anchor = before ?? after
  if (before != null && after != null) throw misplaced('after', 'and before exclude each other: give one')
  if (anchor == null) return write(tx, placement, await atEnd(tx, placement))
  if (mediaIds.includes(anchor)) throw misplaced(side, 'is one of the media that are to be placed')
  await demandAnchor(tx, viewer, { collection, anchor, side })
  const positions = (await between(tx, placement)) ?? (await renumbered(tx, placement))
  await write(tx, placement, positions)
}

async function write(
  tx: EntityManager,
  { collection, mediaIds, before, after }: Placement,
  positions: readonly bigint[],
): Promise<void> {
  const conflict = before == null && after == null ? 'NOTHING' : 'UPDATE SET position = excluded.position'
  await tx.query(
    `INSERT INTO collection_media (collection_id, media_id, position)
     SELECT $1, media_id, position FROM unnest($2::uuid[], $3::bigint[]) AS item (media_id, position)
     ON CONFLICT (collection_id, media_id) DO ${conflict}`,
    [collection, mediaIds, positions.map(String)],
  )
}

async function atEnd(tx: EntityManager, { collection, mediaIds }: Placement): Promise<bigint[]> {
  const [last] = await tx.query(
    'SELECT max(position) AS position FROM collection_media WHERE collection_id = $1',
    [collection],
  )
  const start = BigInt(last.position ?? 0)
  return mediaIds.map((_, i) => start + GAP * BigInt(i + 1))
}

/** Evenly between the neighbours of the place; null where there is no room. */
async function between(tx: EntityManager, placement: Placement): Promise<bigint[] | null> {
  const { collection, mediaIds, before, after } = placement
  const count = BigInt(mediaIds.length)
  const [near, far, order] = before != null ? ['<', 'max', -1n] : ['>', 'min', 1n]
  // What is to be moved is no neighbour.
  const [row] = await tx.query(
    `SELECT a.position AS here, (SELECT ${far}(n.position) FROM collection_media n
       WHERE n.collection_id = $1 AND n.position ${near} a.position AND n.media_id <> ALL ($3::uuid[])) AS there
     FROM collection_media a WHERE a.collection_id = $1 AND a.media_id = $2`,
    [collection, before ?? after, mediaIds],
  )
  const here = BigInt(row.here)
  const there = row.there === null ? here + order * GAP * (count + 1n) : BigInt(row.there)
  const [low, high] = here < there ? [here, there] : [there, here]
  const step = (high - low) / (count + 1n)
  if (step < 1n || low <= -LIMIT || high >= LIMIT) return null
  return mediaIds.map((_, i) => low + step * BigInt(i + 1))
}

/** Numbers the whole collection anew, with room everywhere, and asks again. */
async function renumbered(tx: EntityManager, placement: Placement): Promise<bigint[]> {
  await tx.query(
    `UPDATE collection_media i SET position = numbered.n * $2::bigint
     FROM (SELECT media_id, row_number() OVER (ORDER BY position, media_id) AS n
           FROM collection_media WHERE collection_id = $1) AS numbered
     WHERE i.collection_id = $1 AND i.media_id = numbered.media_id`,
    [placement.collection, String(GAP)],
  )
  return (await between(tx, placement)) as bigint[]
}

async function demandAnchor(
  tx: EntityManager,
  viewer: Principal,
  { collection, anchor, side }: { collection: string; anchor: string; side: 'before' | 'after' },
): Promise<void> {
  const p = new SqlParameters()
  const found = isUuid(anchor)
    ? await tx.query(
        `SELECT 1 FROM collection_media i JOIN media m ON m.id = i.media_id
         WHERE i.collection_id = ${p.add(collection)} AND i.media_id = ${p.add(anchor)}
         AND ${reachableMedia(viewer, 'read', p)}`,
        p.values,
      )
    : []
  if (found.length > 0) return
  throw commonErrors.NOT_FOUND('There is no media of this id in the collection that you may see.', {
    field: ['input', side],
  })
}

const misplaced = (field: 'before' | 'after', why: string) =>
  mediaErrors.INVALID_INPUT(`${field} ${why}.`, { field: ['input', field] })
