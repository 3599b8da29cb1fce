import { Args, Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql'
import type { MediaFacts } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { MediaRow } from '../../media/media.row.ts'
import { MediaType } from '../../media/media.type.ts'
import type { MediaUrls } from './media-urls.ts'
import { UrlArgs } from './url.args.ts'

@Resolver(() => MediaType)
export class MediaUrlResolver {
  constructor(private readonly urls: Pick<MediaUrls, 'contentUrl'>) {}

  @Extensions({
    columns: ['accountId', 'ownerId', 'groupIds', 'public', 'openHolds', 'contentVersion', 'blobId'],
  })
  @FieldResolver(() => String, {
    nullable: true,
    description:
      'URL of the present content: plain for a public media, signed for any other, so that whoever has it may fetch the content until it expires. Null while there is no content.',
  })
  url(
    @Root() media: MediaRow,
    @Args(() => UrlArgs) options: UrlArgs,
    @Ctx() { viewer }: { viewer: Viewer },
  ): string | null {
    if (!media.blobId) return null
    const facts = media as MediaRow & MediaFacts & { contentVersion: number }
    return this.urls.contentUrl(viewer, facts, options)
  }
}
