import type { EntityManager } from 'typeorm'
import { recordChange } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { readPage } from '../../platform/db/page.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { authorizeCollections, COLLECTION_PREFIX, reachableCollections } from '../access/policy.ts'
import type { Viewer } from '../access/viewer.ts'
import { mediaErrors } from '../media/media.errors.ts'
import { checkedText } from '../media/media.fields.ts'
import { Collection } from './collection.entity.ts'
import { COLLECTION_COLUMNS, type CollectionRow, uuidsOf } from './collection.row.ts'
import { lockCollection } from './lock-collection.ts'

/** What a user says about a collection. Absent = unchanged, null = cleared. */
export interface CollectionFields {
  readonly name?: string | null
  readonly description?: string | null
}

/** By code point, as names are everywhere. */
const BY_NAME: KeysetOrder = {
  name: 'collections',
  keys: [
    { sql: 'c.name COLLATE "C"', type: 'text' },
    { sql: 'c.id', type: 'uuid' },
  ],
  descending: false,
}

const LONGEST_NAME = 200
const LONGEST_DESCRIPTION = 10_000

/** Makes, finds, changes and deletes collections; what is in them is the business of CollectionContents. */
export class CollectionService {
  constructor(private readonly deps: { readonly database: Database; readonly newId: () => string }) {}

  /** The collections of these ids that the viewer may see, in one query; a text that is no id finds nothing. */
  async getMany(viewer: Viewer, ids: readonly string[]): Promise<Map<string, CollectionRow>> {
    const principal = authorizeCollections(viewer, 'read')
    const known = uuidsOf(ids)
    if (known.length === 0) return new Map()
    const p = new SqlParameters()
    const rows = await this.deps.database.query<CollectionRow>(
      `SELECT ${COLLECTION_COLUMNS} FROM collection c
       WHERE c.id = ANY (${p.add(known, 'uuid[]')}) AND ${reachableCollections(principal, 'read', p)}`,
      p.values,
    )
    return new Map(rows.map(row => [row.id, row]))
  }

  async get(viewer: Viewer, id: string): Promise<CollectionRow | null> {
    return (await this.getMany(viewer, [id])).get(id) ?? null
  }

  /** The collections that the viewer may see, by name. */
  async list(viewer: Viewer, page: PageArguments): Promise<Connection<CollectionRow>> {
    const principal = authorizeCollections(viewer, 'read')
    return readPage(this.deps.database, {
      select: COLLECTION_COLUMNS,
      from: 'collection c',
      where: p => reachableCollections(principal, 'read', p),
      order: BY_NAME,
      page: pageRequest(page),
    })
  }

  /** A new and empty one; it belongs to the owner whom the credential acts for, if it does. Throws INVALID_INPUT. */
  async create(viewer: Viewer, fields: CollectionFields): Promise<CollectionRow> {
    const principal = authorizeCollections(viewer, 'change')
    const { name, ...columns } = checked(fields)
    if (!name) throw noName()
    const { accountId, ownerId } = principal
    const id = this.deps.newId()
    return this.deps.database.transaction(async tx => {
      await tx.insert(Collection, { id, accountId, ownerId, name, ...columns })
      await recordChange(tx, { accountId, action: 'collection.created', subjectId: COLLECTION_PREFIX + id })
      return read(tx, id)
    })
  }

  /** Changes the given fields and no others; throws NOT_FOUND, FORBIDDEN, INVALID_INPUT. */
  async update(viewer: Viewer, id: string, fields: CollectionFields): Promise<CollectionRow> {
    const principal = authorizeCollections(viewer, 'change')
    const columns = checked(fields)
    return this.deps.database.transaction(async tx => {
      const uuid = await lockCollection(tx, principal, { id, field: 'id' })
      await tx.update(Collection, uuid, { ...columns, updatedAt: () => 'clock_timestamp()' })
      const { accountId } = principal
      const details = { fields: Object.keys(columns) }
      await recordChange(tx, { accountId, action: 'collection.updated', subjectId: id, details })
      return read(tx, uuid)
    })
  }

  /** Ends a collection, and nothing that is in it; gives its id. Throws NOT_FOUND, FORBIDDEN. */
  async delete(viewer: Viewer, id: string): Promise<string> {
    const principal = authorizeCollections(viewer, 'change')
    await this.deps.database.transaction(async tx => {
      await tx.delete(Collection, await lockCollection(tx, principal, { id, field: 'id' }))
      const { accountId } = principal
      await recordChange(tx, { accountId, action: 'collection.deleted', subjectId: id })
    })
    return id
  }
}

async function read(tx: EntityManager, uuid: string): Promise<CollectionRow> {
  const [row] = await tx.query(`SELECT ${COLLECTION_COLUMNS} FROM collection c WHERE c.id = $1`, [uuid])
  return row
}

const noName = () =>
  mediaErrors.INVALID_INPUT(`name has 1 to ${LONGEST_NAME} characters.`, { field: ['input', 'name'] })

function checked({ name, description }: CollectionFields): { name?: string; description?: string | null } {
  if (name === null || name?.trim() === '') throw noName()
  return {
    ...(name === undefined ? {} : { name: checkedText(name, 'name', LONGEST_NAME) }),
    ...(description === undefined
      ? {}
      : { description: description && checkedText(description, 'description', LONGEST_DESCRIPTION) }),
  }
}
