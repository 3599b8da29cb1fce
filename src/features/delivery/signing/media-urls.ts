import { commonErrors } from '../../../platform/errors.ts'
import { demand, type MediaFacts } from '../../access/policy.ts'
import type { Viewer } from '../../access/viewer.ts'
import { ORIGINAL, type SignedContent, type UrlSigner } from './url-signer.ts'

export const DEFAULT_LIFETIME = 3_600
export const LONGEST_LIFETIME = 7 * 86_400

export interface UrlOptions {
  /** Seconds; at most a week. */
  readonly expiresIn: number
  readonly disposition: SignedContent['disposition']
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
  contentUrl(
    viewer: Viewer,
    media: MediaFacts & { readonly contentVersion: number },
    { expiresIn, disposition }: UrlOptions,
  ): string {
    if (!Number.isInteger(expiresIn) || expiresIn < 1 || expiresIn > LONGEST_LIFETIME) {
      throw commonErrors.BAD_REQUEST(`A URL lives 1 to ${LONGEST_LIFETIME} seconds.`, {
        field: ['expiresIn'],
      })
    }
    demand(viewer, 'download', media)
    const url = new URL(`${this.deps.publicUrl()}/media/${media.id}/content`)
    url.searchParams.set('v', String(media.contentVersion))
    if (disposition === 'attachment') url.searchParams.set('download', '1')
    if (media.public) return url.href
    const { exp, kid, sig } = this.deps.signer.sign(
      {
        mediaId: media.id,
        contentVersion: media.contentVersion,
        variant: ORIGINAL,
        verb: 'GET',
        disposition,
      },
      expiresIn,
    )
    url.searchParams.set('exp', String(exp))
    url.searchParams.set('kid', kid)
    url.searchParams.set('sig', sig)
    return url.href
  }
}
