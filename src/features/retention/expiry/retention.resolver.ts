import type { GraphQLResolveInfo } from 'graphql'
import { Args, Ctx, Extensions, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql'
import type { Connection } from '../../../platform/graphql/connection.ts'
import { selectedColumns, selects } from '../../../platform/graphql/selection.ts'
import type { Viewer } from '../../access/viewer.ts'
import { MediaConnection } from '../../media/media.resolver.ts'
import type { MediaColumn, MediaRow } from '../../media/media.row.ts'
import { MediaType } from '../../media/media.type.ts'
import { RetentionPreviewArgs, RetentionType, retentionOf } from './retention.type.ts'
import type { RetentionPreview } from './retention-preview.ts'

@Resolver(() => MediaType)
export class RetentionResolver {
  constructor(private readonly preview: Pick<RetentionPreview, 'list'>) {}

  @Query(() => MediaConnection, {
    description:
      'What will go and when, next first: media that expire, and what lies in the trash. Their retention says why, and what keeps them. Needs the scopes media:read and media:delete.',
  })
  retentionPreview(
    @Args(() => RetentionPreviewArgs) { until, ...page }: RetentionPreviewArgs,
    @Ctx() { viewer }: { viewer: Viewer },
    @Info() info: GraphQLResolveInfo,
  ): Promise<Connection<MediaRow>> {
    return this.preview.list(viewer, {
      page,
      until,
      columns: selectedColumns(info, 'Media') as ReadonlySet<MediaColumn>,
      counted: selects(info, ['totalCount', 'totalCountIsEstimate']),
    })
  }

  @Extensions({ columns: ['expiresAt', 'expiresBy', 'expiresForGood', 'purgeAt', 'openHolds'] })
  @FieldResolver(() => RetentionType, {
    nullable: true,
    description: 'Until when it is kept, and by whose word; null where nobody says anything.',
  })
  retention(@Root() media: MediaRow): RetentionType | null {
    return retentionOf(media)
  }
}
