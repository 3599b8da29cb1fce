import { Args, Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql'
import type { Viewer } from '../../access/viewer.ts'
import { DEFAULT_LIFETIME } from '../../delivery/signing/media-urls.ts'
import type { MediaRow } from '../../media/media.row.ts'
import { MediaType } from '../../media/media.type.ts'
import type { Pictured, PicturedMedia, PictureLinks } from '../picture-links.ts'
import { THUMBNAIL } from '../presets/presets.ts'
import { isPictureItself } from '../variants/variant-source.ts'
import { ImageArgs, ImageSet, ImageType, SrcsetArgs } from './image.type.ts'
import type { PreviewLoader } from './preview.loader.ts'

interface Context {
  readonly viewer: Viewer
  readonly previews: PreviewLoader
}

const COLUMNS = {
  columns: [
    'accountId',
    'ownerId',
    'groupIds',
    'public',
    'openHolds',
    'contentVersion',
    'blobId',
    'sha256',
    'mimeType',
    'width',
    'height',
  ],
}

/** What follows from the columns that were read: with bytes there is a version and a hash. */
type WithContent = MediaRow & PicturedMedia & { readonly sha256: string }

@Resolver(() => MediaType)
export class MediaImageResolver {
  constructor(private readonly links: PictureLinks) {}

  @Extensions(COLUMNS)
  @FieldResolver(() => ImageType, {
    nullable: true,
    description:
      'A picture made of the present content: of an image, the first page of a document, a frame of a video. Null where there is none, or none yet.',
  })
  async image(
    @Root() media: MediaRow,
    @Args(() => ImageArgs) { transform, preset, expiresIn, disposition }: ImageArgs,
    @Ctx() { viewer, previews }: Context,
  ): Promise<ImageType | null> {
    const recipe = this.links.recipe((media as WithContent).accountId, { transform, preset })
    const pictured = await picturedOf(media, previews)
    return pictured && this.links.link(viewer, pictured, { recipe, expiresIn, disposition })
  }

  @Extensions(COLUMNS)
  @FieldResolver(() => ImageSet, {
    nullable: true,
    description:
      'The picture that `image` gives in several widths, for the attribute `srcset` of an `<img>`.',
  })
  async srcset(
    @Root() media: MediaRow,
    @Args(() => SrcsetArgs) asked: SrcsetArgs,
    @Ctx() { viewer, previews }: Context,
  ): Promise<ImageSet | null> {
    const pictured = await picturedOf(media, previews)
    if (!pictured) return null
    const candidates = this.links.candidates(viewer, pictured, asked)
    return { candidates, srcset: candidates.map(({ url, width }) => `${url} ${width}w`).join(', ') }
  }

  @Extensions(COLUMNS)
  @FieldResolver(() => String, {
    nullable: true,
    description: `URL of a small picture, by the preset \`${THUMBNAIL}\`; signed for an hour where the media is not public. Null where there is no picture, or none yet.`,
  })
  async thumbnailUrl(@Root() media: MediaRow, @Ctx() { viewer, previews }: Context): Promise<string | null> {
    const pictured = await picturedOf(media, previews)
    if (!pictured) return null
    const recipe = this.links.recipe(pictured.media.accountId, { preset: THUMBNAIL })
    const options = { expiresIn: DEFAULT_LIFETIME, disposition: 'inline' } as const
    return this.links.link(viewer, pictured, { recipe, ...options }).url
  }
}

/** What pictures of a media are made from; null while there is nothing. */
async function picturedOf(media: MediaRow, previews: PreviewLoader): Promise<Pictured | null> {
  if (!media.blobId) return null
  const { width, height, ...content } = media as WithContent
  if (!isPictureItself(content.mimeType)) {
    const size = await previews.load(content)
    return size && { media: content, size }
  }
  return { media: content, size: width && height ? { width, height } : null }
}
