import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Viewer } from '../../access/viewer.ts'
import { MediaVersionType } from '../../media/media-version.type.ts'
import type { MediaVersionRow } from '../../media/media-versions.service.ts'
import type { MediaUrls } from './media-urls.ts'
import { UrlArgs } from './url.args.ts'

@Resolver(() => MediaVersionType)
export class VersionUrlResolver {
  constructor(private readonly urls: Pick<MediaUrls, 'contentUrl'>) {}

  @FieldResolver(() => String, {
    description: 'URL of this content: plain for a public media, signed for any other, as Media.url.',
  })
  url(
    @Root() version: MediaVersionRow,
    @Args(() => UrlArgs) options: UrlArgs,
    @Ctx() { viewer }: { viewer: Viewer },
  ): string {
    return this.urls.contentUrl(viewer, version, options)
  }
}
