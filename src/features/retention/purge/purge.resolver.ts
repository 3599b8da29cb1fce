import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from 'type-graphql'
import { NodeInterface } from '../../../platform/graphql/node.ts'
import { DateTime } from '../../../platform/graphql/scalars.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { PurgeRow, PurgeService } from './purge.service.ts'

@ObjectType('MediaPurge', {
  simpleResolvers: true,
  implements: NodeInterface,
  description: 'That a media went for good: all that is kept of it.',
})
export class PurgeType extends NodeInterface implements PurgeRow {
  @Field(() => ID, { description: 'The media that is no more.' }) mediaId: string
  @Field(() => DateTime, { description: 'When it left every list and every read for good.' })
  requestedAt: Date
  @Field(() => String, { description: 'Names the credential that asked for it, or the job.' })
  requestedBy: string
  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the last of its bytes were gone from the stores; null while one still has some, which is tried again every minute.',
  })
  purgedAt: Date | null
}

@Resolver()
export class PurgeResolver {
  constructor(private readonly purges: Pick<PurgeService, 'ofMedia'>) {}

  @Query(() => PurgeType, {
    nullable: true,
    description:
      'How far the permanent deletion of a media is; null when there was none, or it is not yours to see. Needs the scope media:delete.',
  })
  mediaPurge(
    @Arg('mediaId', () => ID, { description: 'The media that went.' }) mediaId: string,
    @Ctx() { viewer }: { viewer: Viewer },
  ): Promise<PurgeRow | null> {
    return this.purges.ofMedia(viewer, mediaId)
  }
}
