import type { Sql } from '../../../platform/db/database.ts'
import type { DeliverableContent } from '../../delivery/deliverable.ts'
import type {
  DeliveryAnswer,
  DeliveryRequest,
  DeliveryService,
  Rendition,
} from '../../delivery/delivery.service.ts'
import { previewLoader } from '../graphql/preview.loader.ts'
import { type Presets, THUMBNAIL } from '../presets/presets.ts'
import { isPictureItself } from '../variants/variant-source.ts'
import type { Variants } from '../variants/variants.ts'
import { type AskedPicture, PictureRendition } from './picture-rendition.ts'

/** A media that may have a thumbnail. */
export interface ShownMedia {
  readonly id: string
  readonly accountId: string
  readonly mimeType: string
  /** Null while it has no bytes. */
  readonly sha256: string | null
}

/** The small pictures of media, for doors whose URLs name no recipe. */
export class Thumbnails {
  constructor(
    private readonly deps: {
      readonly database: Sql
      readonly delivery: Pick<DeliveryService, 'deliver'>
      readonly presets: Presets
      readonly variants: Pick<Variants, 'get'>
    },
  ) {}

  /** The ids of those that have one, by one query at most; the same ones of which GraphQL gives a `thumbnailUrl`. */
  async having(media: readonly ShownMedia[]): Promise<ReadonlySet<string>> {
    const withBytes = media.filter(
      (each): each is ShownMedia & { readonly sha256: string } => each.sha256 !== null,
    )
    const others = withBytes.filter(({ mimeType }) => !isPictureItself(mimeType))
    const loader = previewLoader(this.deps.database)
    const previews = await Promise.all(others.map(content => loader.load(content)))
    const without = new Set(others.filter((_, i) => !previews[i]).map(({ id }) => id))
    return new Set(withBytes.map(({ id }) => id).filter(id => !without.has(id)))
  }

  /** As the delivery of the content, of the account's preset for thumbnails; rejects with NO_PICTURE, too. */
  deliver(
    request: Omit<DeliveryRequest, 'rendition'>,
    asked: Pick<AskedPicture, 'accept' | 'signal'>,
  ): Promise<DeliveryAnswer> {
    const pictureOf = ({ accountId }: DeliverableContent): Rendition =>
      new PictureRendition(this.deps, {
        ...asked,
        recipe: this.deps.presets.named(accountId, THUMBNAIL),
        isSigned: false,
      })
    const rendition: Rendition = {
      named: content => pictureOf(content).named(content),
      made: content => pictureOf(content).made(content),
    }
    return this.deps.delivery.deliver({ ...request, rendition })
  }
}
