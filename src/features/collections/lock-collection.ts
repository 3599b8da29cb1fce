import type { EntityManager } from 'typeorm'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { notYours } from '../access/access.errors.ts'
import { reachableCollections } from '../access/policy.ts'
import { hasScope, type Principal } from '../access/viewer.ts'
import { collectionNotFound, uuidsOf } from './collection.row.ts'

/**
 * Locks a collection that the principal may change until the transaction ends, so that its order is changed by one at a time;
 * gives its UUID. Throws NOT_FOUND for who may not see it either, and FORBIDDEN for who may.
 */
export async function lockCollection(
  tx: EntityManager,
  viewer: Principal,
  { id, field }: { readonly id: string; readonly field: string },
): Promise<string> {
  const [uuid] = uuidsOf([id])
  if (!uuid) throw collectionNotFound(field)
  const p = new SqlParameters()
  const [found] = (await tx.query(
    `SELECT ${reachableCollections(viewer, 'change', p)} AS mine FROM collection c
     WHERE c.id = ${p.add(uuid)} AND ${reachableCollections(viewer, 'read', p)} FOR UPDATE`,
    p.values,
  )) as { mine: boolean }[]
  if (found?.mine) return uuid
  throw found && hasScope(viewer, 'media:read') ? notYours('change', 'collection') : collectionNotFound(field)
}
