import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../platform/graphql/connection.ts'
import { payload } from '../../platform/graphql/payload.ts'
import { selectedColumns } from '../../platform/graphql/selection.ts'
import type { Viewer } from '../access/viewer.ts'
import { MediaConnection } from '../media/media.resolver.ts'
import type { MediaColumn, MediaRow } from '../media/media.row.ts'
import type { CollectionRow } from './collection.row.ts'
import type { CollectionService } from './collection.service.ts'
import {
  AddToCollectionInput,
  AddToCollectionPayload,
  CollectionConnection,
  CollectionPageArgs,
  CollectionType,
  CreateCollectionInput,
  CreateCollectionPayload,
  DeleteCollectionInput,
  DeleteCollectionPayload,
  RemoveFromCollectionInput,
  RemoveFromCollectionPayload,
  UpdateCollectionInput,
  UpdateCollectionPayload,
} from './collection.type.ts'
import type { CollectionContents } from './collection-contents.ts'

interface Context {
  readonly viewer: Viewer
}

const NONE = { collection: null as CollectionRow | null }

@Resolver(() => CollectionType)
export class CollectionResolver {
  constructor(
    private readonly deps: {
      readonly collections: Pick<CollectionService, 'get' | 'list' | 'create' | 'update' | 'delete'>
      readonly contents: Pick<CollectionContents, 'media' | 'add' | 'remove'>
    },
  ) {}

  @Query(() => CollectionType, {
    nullable: true,
    description: 'The collection of this id; null when there is none that you may see.',
  })
  collection(
    @Arg('id', () => ID, { description: 'Id of the collection.' }) id: string,
    @Ctx() { viewer }: Context,
  ): Promise<CollectionRow | null> {
    return this.deps.collections.get(viewer, id)
  }

  @Query(() => CollectionConnection, { description: 'The collections that you may see, by name.' })
  collections(
    @Args(() => CollectionPageArgs) page: CollectionPageArgs,
    @Ctx() { viewer }: Context,
  ): Promise<Connection<CollectionRow>> {
    return this.deps.collections.list(viewer, page)
  }

  @FieldResolver(() => MediaConnection, {
    description: 'The media in it that you may see, in its order.',
  })
  media(
    @Root() { id }: CollectionRow,
    @Args(() => CollectionPageArgs) page: CollectionPageArgs,
    @Ctx() { viewer }: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<MediaRow>> {
    const columns = selectedColumns(info, 'Media') as ReadonlySet<MediaColumn>
    return this.deps.contents.media(viewer, id, { ...page, columns })
  }

  @Mutation(() => CreateCollectionPayload, { description: 'Makes a new, empty collection.' })
  createCollection(
    @Arg('input', () => CreateCollectionInput, { description: 'What to call it.' })
    { clientMutationId, ...fields }: CreateCollectionInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, NONE, async () => ({
      collection: await this.deps.collections.create(viewer, fields),
    }))
  }

  @Mutation(() => UpdateCollectionPayload, { description: 'Changes what is said about a collection.' })
  updateCollection(
    @Arg('input', () => UpdateCollectionInput, { description: 'What to change.' })
    { id, clientMutationId, ...fields }: UpdateCollectionInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, NONE, async () => ({
      collection: await this.deps.collections.update(viewer, id, fields),
    }))
  }

  @Mutation(() => DeleteCollectionPayload, {
    description: 'Deletes a collection. The media that are in it stay.',
  })
  deleteCollection(
    @Arg('input', () => DeleteCollectionInput, { description: 'Which collection.' })
    input: DeleteCollectionInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload(input, { deletedCollectionId: null as string | null }, async () => ({
      deletedCollectionId: await this.deps.collections.delete(viewer, input.id),
    }))
  }

  @Mutation(() => AddToCollectionPayload, {
    description: 'Adds media to a collection, or moves those that are in it; all of them or none.',
  })
  addToCollection(
    @Arg('input', () => AddToCollectionInput, { description: 'What to add, and where.' })
    { clientMutationId, ...addition }: AddToCollectionInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, NONE, async () => {
      const id = await this.deps.contents.add(viewer, addition)
      return { collection: await this.deps.collections.get(viewer, id) }
    })
  }

  @Mutation(() => RemoveFromCollectionPayload, {
    description: 'Takes media out of a collection; the media themselves stay.',
  })
  removeFromCollection(
    @Arg('input', () => RemoveFromCollectionInput, { description: 'What to take out.' })
    { clientMutationId, ...removal }: RemoveFromCollectionInput,
    @Ctx() { viewer }: Context,
  ) {
    return payload({ clientMutationId }, { ...NONE, removedMediaIds: [] as string[] }, async () => {
      const removedMediaIds = await this.deps.contents.remove(viewer, removal)
      return { removedMediaIds, collection: await this.deps.collections.get(viewer, removal.collectionId) }
    })
  }
}
