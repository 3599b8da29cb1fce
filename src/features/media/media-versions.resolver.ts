import { Args, Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../platform/graphql/connection.ts'
import type { Viewer } from '../access/viewer.ts'
import type { MediaRow } from './media.row.ts'
import { MediaType } from './media.type.ts'
import { MediaVersionConnection, MediaVersionsArgs } from './media-version.type.ts'
import type { MediaVersionRow, MediaVersions } from './media-versions.service.ts'

@Resolver(() => MediaType)
export class MediaVersionsResolver {
  constructor(private readonly versions: Pick<MediaVersions, 'ofMedia'>) {}

  @Extensions({ columns: ['id'] })
  @FieldResolver(() => MediaVersionConnection, {
    name: 'versions',
    description: 'The contents that it has and had, newest first, as many as are kept.',
  })
  versionsOf(
    @Root() { id }: MediaRow,
    @Args(() => MediaVersionsArgs) page: MediaVersionsArgs,
    @Ctx() { viewer }: { viewer: Viewer },
  ): Promise<Connection<MediaVersionRow>> {
    return this.versions.ofMedia(viewer, id, page)
  }
}
