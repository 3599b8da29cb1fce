import { Arg, Ctx, Extensions, FieldResolver, Int, Resolver, Root, registerEnumType } from 'type-graphql'
import type { MediaFacts } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { MediaRow } from '../../media/media.row.ts'
import { MediaType } from '../../media/media.type.ts'
import { DEFAULT_LIFETIME, LONGEST_LIFETIME, type MediaUrls } from './media-urls.ts'

const Disposition = { INLINE: 'inline', ATTACHMENT: 'attachment' } as const
type Disposition = (typeof Disposition)[keyof typeof Disposition]

registerEnumType(Disposition, {
  name: 'Disposition',
  description: 'What a browser is asked to do with content.',
  valuesConfig: {
    INLINE: { description: 'Show it, where its type is safe to show.' },
    ATTACHMENT: { description: 'Save it as a file.' },
  },
})

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
    @Ctx() { viewer }: { viewer: Viewer },
    @Arg('expiresIn', () => Int, {
      defaultValue: DEFAULT_LIFETIME,
      description: `How long a signed URL is valid, in seconds: 1 to ${LONGEST_LIFETIME}. It may end up to a sixtieth of that earlier.`,
    })
    expiresIn: number,
    @Arg('disposition', () => Disposition, {
      defaultValue: Disposition.INLINE,
      description: 'Whether a browser shows or saves it.',
    })
    disposition: Disposition,
  ): string | null {
    if (!media.blobId) return null
    const facts = media as MediaRow & MediaFacts & { contentVersion: number }
    return this.urls.contentUrl(viewer, facts, { expiresIn, disposition })
  }
}
