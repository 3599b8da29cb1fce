import { commonErrors } from '../../../platform/errors.ts'
import { can, demand, type MediaFacts } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { ORIGINAL, type SignedContent, type UrlSigner } from './url-signer.ts'

export const DEFAULT_LIFETIME = 3_600
export const LONGEST_LIFETIME = 7 * 86_400

export interface UrlOptions {
  /** Seconds; at most a week. */
  readonly expiresIn: number
  readonly disposition: SignedContent['disposition']
}

/** One content of a media, by which the policy decides. */
export type PinnedContent = MediaFacts & { readonly contentVersion: number }

/** A picture made of a content. */
export interface PictureUrl {
  /** As it stands in the URL. */
  readonly recipe: string
  /** Whether it is made for everybody who may have the content, without a signature. */
  readonly isOpen: boolean
}

/** Makes the URLs that content is fetched by, each time they are asked for. */
export class MediaUrls {
  constructor(
    private readonly deps: { readonly signer: Pick<UrlSigner, 'sign'>; readonly publicUrl: () => string },
  ) {}

  /**
   * The URL of one content of a media, which no later content changes: plain for a public media, signed for any other. Throws
   * BAD_REQUEST for a lifetime that is not allowed, FORBIDDEN for who may not download.
   */
  contentUrl(viewer: Viewer, media: PinnedContent, options: UrlOptions): string {
    return this.#url(viewer, media, { ...options, path: 'content', variant: ORIGINAL, isOpen: true })
  }

  /** The URL of a picture made of one content, by the same rules; signed for a public media, too, unless the picture is open. */
  pictureUrl(viewer: Viewer, media: PinnedContent, options: UrlOptions & PictureUrl): string {
    const { recipe } = options
    return this.#url(viewer, media, { ...options, path: `image/${recipe}`, variant: recipe })
  }

  /**
   * The URL of the present content, whatever it is by then, for as long as the media is there: for systems that keep URLs. Who may not
   * download is given one that opens nothing by itself.
   */
  lastingUrl(viewer: Viewer, media: MediaFacts & { readonly hash: string }): string {
    const url = `${this.deps.publicUrl()}/media/${media.id}/content`
    return !media.public && can(viewer, 'download', media) ? `${url}?hash=${media.hash}` : url
  }

  #url(
    viewer: Viewer,
    media: PinnedContent,
    asked: UrlOptions & { readonly path: string; readonly variant: string; readonly isOpen: boolean },
  ): string {
    const { expiresIn, disposition, path, variant, isOpen } = asked
    if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > LONGEST_LIFETIME) {
      throw commonErrors.BAD_REQUEST(`A URL lives 1 to ${LONGEST_LIFETIME} seconds.`, {
        field: ['expiresIn'],
      })
    }
    demand(viewer, 'download', media)
    const { id: mediaId, contentVersion } = media
    const url = new URL(`${this.deps.publicUrl()}/media/${mediaId}/${path}`)
    url.searchParams.set('v', String(contentVersion))
    if (disposition === 'attachment') url.searchParams.set('download', '1')
    if (media.public && isOpen) return url.href
    const signed = { mediaId, contentVersion, variant, verb: 'GET', disposition } as const
    const { exp, kid, sig } = this.deps.signer.sign(signed, expiresIn)
    url.searchParams.set('exp', String(exp))
    url.searchParams.set('kid', kid)
    url.searchParams.set('sig', sig)
    return url.href
  }
}
