import type { EntityManager } from 'typeorm'
import { recordChange } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'
import { type KeysetOrder, type PageArguments, pageRequest } from '../../platform/db/keyset.ts'
import { type NestedList, NestedPages } from '../../platform/db/nested-pages.ts'
import { SqlParameters } from '../../platform/db/sql-builder.ts'
import { commonErrors } from '../../platform/errors.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import { authorize, authorizeCollections, reachableCollections, reachableMedia } from '../access/policy.ts'
import type { Principal, Viewer } from '../access/viewer.ts'
import { mediaErrors } from '../media/media.errors.ts'
import { type MediaColumn, type MediaRow, selectList } from '../media/media.row.ts'
import { COLLECTION_COLUMNS, type CollectionRow, uuidsOf } from './collection.row.ts'
import { type Place, placeMedia } from './collection-order.ts'
import { lockCollection } from './lock-collection.ts'

export interface Addition extends Place {
  readonly collectionId: string
  readonly mediaIds: readonly string[]
}

export interface Removal {
  readonly collectionId: string
  readonly mediaIds: readonly string[]
}

/** Media of one change. */
export const MOST_AT_ONCE = 100

const BY_POSITION: KeysetOrder = {
  name: 'collection-media',
  keys: [
    { sql: 'i.position', type: 'bigint' },
    { sql: 'i.media_id', type: 'uuid' },
  ],
  descending: false,
}

/** Oldest first: ids grow with time. */
const BY_AGE: KeysetOrder = {
  name: 'media-collections',
  keys: [{ sql: 'i.collection_id', type: 'uuid' }],
  descending: false,
}

/** What is in which collection, and in what order. What a viewer may not see is not there, and not counted. */
export class CollectionContents {
  readonly #media: NestedPages<MediaRow>
  readonly #collections: NestedPages<CollectionRow>

  constructor(private readonly deps: { readonly database: Database }) {
    this.#media = new NestedPages(deps)
    this.#collections = new NestedPages(deps)
  }

  /** The media of a collection that the viewer may see, in its order. */
  async media(
    viewer: Viewer,
    collectionId: string,
    { columns, ...page }: PageArguments & { readonly columns: ReadonlySet<MediaColumn> },
  ): Promise<Connection<MediaRow>> {
    const principal = authorize(viewer, 'list')
    const list: NestedList = {
      select: selectList(columns),
      from: 'collection_media i JOIN media m ON m.id = i.media_id',
      where: (parent, p) => `i.collection_id = ${parent} AND ${reachableMedia(principal, 'list', p)}`,
      order: BY_POSITION,
    }
    const [parent = ''] = uuidsOf([collectionId])
    return this.#media.load(principal, { list, parent, page: pageRequest(page) })
  }

  /** The collections that a media is in, oldest first. */
  async collectionsOf(
    viewer: Viewer,
    mediaId: string,
    page: PageArguments,
  ): Promise<Connection<CollectionRow>> {
    const principal = authorizeCollections(viewer, 'read')
    const list: NestedList = {
      select: COLLECTION_COLUMNS,
      from: 'collection_media i JOIN collection c ON c.id = i.collection_id',
      where: (parent, p) => `i.media_id = ${parent} AND ${reachableCollections(principal, 'read', p)}`,
      order: BY_AGE,
    }
    return this.#collections.load(principal, { list, parent: mediaId, page: pageRequest(page) })
  }

  /**
   * Adds media, in their order: at the end, or at a place; those that are in it already stay where they are, or move to the
   * place. All of them or none. Throws NOT_FOUND, FORBIDDEN, INVALID_INPUT.
   */
  async add(viewer: Viewer, { collectionId, mediaIds, ...place }: Addition): Promise<string> {
    const principal = authorize(authorizeCollections(viewer, 'change'), 'read')
    checkCount(mediaIds)
    await this.deps.database.transaction(async tx => {
      const uuid = await lockCollection(tx, principal, { id: collectionId, field: 'collectionId' })
      await demandMedia(tx, principal, mediaIds)
      await placeMedia(tx, principal, { collection: uuid, mediaIds: [...new Set(mediaIds)], ...place })
      await touch(tx, uuid)
      const { accountId } = principal
      const details = { mediaIds }
      await recordChange(tx, { accountId, action: 'collection.mediaAdded', subjectId: collectionId, details })
    })
    return collectionId
  }

  /** Takes media out; gives those that were in it. Throws NOT_FOUND for the collection, FORBIDDEN. */
  async remove(viewer: Viewer, { collectionId, mediaIds }: Removal): Promise<string[]> {
    const principal = authorize(authorizeCollections(viewer, 'change'), 'read')
    checkCount(mediaIds)
    return this.deps.database.transaction(async tx => {
      const uuid = await lockCollection(tx, principal, { id: collectionId, field: 'collectionId' })
      const p = new SqlParameters()
      const [removed] = (await tx.query(
        `DELETE FROM collection_media i USING media m WHERE m.id = i.media_id AND i.collection_id = ${p.add(uuid)}
         AND m.id = ANY (${p.add(mediaIds.filter(isUuid), 'uuid[]')}) AND ${reachableMedia(principal, 'read', p)}
         RETURNING m.id`,
        p.values,
      )) as [{ id: string }[], number]
      const gone = new Set(removed.map(({ id }) => id))
      if (gone.size > 0) {
        await touch(tx, uuid)
        const { accountId } = principal
        const details = { mediaIds: [...gone] }
        await recordChange(tx, {
          accountId,
          action: 'collection.mediaRemoved',
          subjectId: collectionId,
          details,
        })
      }
      return [...new Set(mediaIds)].filter(id => gone.has(id))
    })
  }
}

function checkCount(mediaIds: readonly string[]): void {
  if (mediaIds.length <= MOST_AT_ONCE) return
  throw mediaErrors.INVALID_INPUT(`mediaIds has more than ${MOST_AT_ONCE} items.`, {
    field: ['input', 'mediaIds'],
  })
}

/** Throws NOT_FOUND for the first of the media that the viewer may not see; none of the others goes before the commit. */
async function demandMedia(tx: EntityManager, viewer: Principal, ids: readonly string[]): Promise<void> {
  const p = new SqlParameters()
  const rows = (await tx.query(
    `SELECT m.id FROM media m WHERE m.id = ANY (${p.add(ids.filter(isUuid), 'uuid[]')})
     AND ${reachableMedia(viewer, 'read', p)} FOR KEY SHARE`,
    p.values,
  )) as { id: string }[]
  const seen = new Set(rows.map(({ id }) => id))
  const missing = ids.findIndex(id => !seen.has(id))
  if (missing < 0) return
  throw commonErrors.NOT_FOUND('There is no media of this id that you may see.', {
    field: ['input', 'mediaIds', String(missing)],
  })
}

const touch = (tx: EntityManager, uuid: string): Promise<unknown> =>
  tx.query('UPDATE collection SET updated_at = clock_timestamp() WHERE id = $1', [uuid])
