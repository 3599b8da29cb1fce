import { Args, Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../platform/graphql/connection.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaRow } from '../media/media.row.ts'
import { MediaType } from '../media/media.type.ts'
import type { CollectionRow } from './collection.row.ts'
import { CollectionConnection, CollectionPageArgs } from './collection.type.ts'
import type { CollectionContents } from './collection-contents.ts'

@Resolver(() => MediaType)
export class MediaCollectionsResolver {
  constructor(private readonly contents: Pick<CollectionContents, 'collectionsOf'>) {}

  @Extensions({ columns: ['id'] })
  @FieldResolver(() => CollectionConnection, {
    description: 'The collections that it is in and that you may see, oldest first.',
  })
  collections(
    @Root() { id }: MediaRow,
    @Args(() => CollectionPageArgs) page: CollectionPageArgs,
    @Ctx() { viewer }: { viewer: Viewer },
  ): Promise<Connection<CollectionRow>> {
    return this.contents.collectionsOf(viewer, id, page)
  }
}
