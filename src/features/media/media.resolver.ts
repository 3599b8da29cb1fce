import type { GraphQLResolveInfo } from 'graphql'
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql'
import { type Connection, connectionOf } from '../../platform/graphql/connection.ts'
import { selectedColumns, selects } from '../../platform/graphql/selection.ts'
import type { OwnerLoader } from '../access/owner.loader.ts'
import { UserType } from '../access/user.type.ts'
import type { Viewer } from '../access/viewer.ts'
import { MediaItemsArgs } from './media.inputs.ts'
import type { MediaRow } from './media.row.ts'
import type { Columns, MediaService } from './media.service.ts'
import { Geolocation, MediaType } from './media.type.ts'
import { revisionOf } from './media-revision.ts'

/** What the resolvers of this feature need of a request. */
export interface MediaContext {
  readonly viewer: Viewer
  readonly owners: OwnerLoader
}

export const { ConnectionType: MediaConnection, ConnectionResolver: MediaConnectionResolver } = connectionOf(
  'Media',
  MediaType,
)

const columnsOf = (info: GraphQLResolveInfo) => selectedColumns(info, 'Media') as Columns

const isCounted = (info: GraphQLResolveInfo) => selects(info, ['totalCount', 'totalCountIsEstimate'])

@Resolver(() => MediaType)
export class MediaResolver {
  constructor(private readonly service: MediaService) {}

  @Query(() => MediaType, {
    nullable: true,
    description: 'The media of this id; null when there is none that you may see.',
  })
  media(
    @Arg('id', () => ID, { description: 'Id of the media.' }) id: string,
    @Ctx() { viewer }: MediaContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return this.service.get(viewer, id, columnsOf(info))
  }

  @Query(() => MediaType, { nullable: true, description: 'The media of this name; null when there is none.' })
  mediaByName(
    @Arg('name', () => String, { description: 'Its name, letter by letter.' }) name: string,
    @Ctx() { viewer }: MediaContext,
    @Info() info: GraphQLResolveInfo,
  ) {
    return this.service.getByName(viewer, name, columnsOf(info))
  }

  @Query(() => MediaConnection, { description: 'The media that you may see, page by page.' })
  mediaItems(
    @Args(() => MediaItemsArgs) { filter, orderBy, ...page }: MediaItemsArgs,
    @Ctx() { viewer }: MediaContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<MediaRow>> {
    return this.service.list(viewer, {
      page,
      filter,
      order: orderBy,
      columns: columnsOf(info),
      counted: isCounted(info),
    })
  }

  @FieldResolver(() => String)
  revision(@Root() media: MediaRow): string {
    return revisionOf(media)
  }

  @FieldResolver(() => Geolocation, { nullable: true })
  geolocation(@Root() { latitude, longitude }: MediaRow): Geolocation | null {
    return latitude == null || longitude == null ? null : { latitude, longitude }
  }

  @FieldResolver(() => UserType, { nullable: true })
  async owner(@Root() { ownerId }: MediaRow, @Ctx() { owners }: MediaContext): Promise<UserType | null> {
    return ownerId ? owners.load(ownerId) : null
  }
}
