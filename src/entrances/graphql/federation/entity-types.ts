import { CollectionType } from '../../../features/collections/collection.type.ts'
import { MediaType } from '../../../features/media/media.type.ts'

/**
 * The types that other subgraphs may refer to by `id` and that this one resolves: the members of `_Entity`, each with
 * `@key(fields: "id")`. A new row wants its source in app.ts; the compiler says so.
 */
export const ENTITY_TYPES = { Collection: CollectionType, Media: MediaType } as const

export type EntityName = keyof typeof ENTITY_TYPES
/** Where entities of one type come from; the columns are those that the selection needs. */
export interface EntitySource<Viewer> {
  /** What the viewer may see of these, by id, in one query; an id that is none finds nothing. */
  getMany(
    viewer: Viewer,
    ids: readonly string[],
    columns: ReadonlySet<string>,
  ): Promise<ReadonlyMap<string, object>>
}

export const isEntityName = (name: unknown): name is EntityName =>
  typeof name === 'string' && Object.hasOwn(ENTITY_TYPES, name)
