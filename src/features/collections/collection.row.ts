import { commonErrors } from '../../platform/errors.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { COLLECTION_PREFIX } from '../access/policy.ts'

/** A collection as it is read. */
export interface CollectionRow {
  /** `col_` and a UUID. */
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The select list for `collection c`. */
export const COLLECTION_COLUMNS = `'${COLLECTION_PREFIX}' || c.id AS id, c.name, c.description, c.created_at AS "createdAt",
  c.updated_at AS "updatedAt"`

/** One answer for what never was, was deleted, or is not for the viewer to see. */
export const collectionNotFound = (field = 'id') =>
  commonErrors.NOT_FOUND('There is no collection of this id that you may see.', { field: ['input', field] })

/** The UUIDs of global ids; what is no collection's id has none. */
export const uuidsOf = (ids: readonly string[]): string[] =>
  ids
    .filter(id => id.startsWith(COLLECTION_PREFIX))
    .map(id => id.slice(COLLECTION_PREFIX.length))
    .filter(isUuid)
