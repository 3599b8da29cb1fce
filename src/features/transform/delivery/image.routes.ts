import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Viewer } from '../../access/viewer.ts'
import { type ContentQuery, contentRequest } from '../../delivery/content-request.ts'
import { versionOf } from '../../delivery/delivery.routes.ts'
import type { DeliveryService } from '../../delivery/delivery.service.ts'
import { sendAnswer } from '../../delivery/send-answer.ts'
import { signatureGrant } from '../../delivery/signing/signed-request.ts'
import type { UrlSigner } from '../../delivery/signing/url-signer.ts'
import type { Presets } from '../presets/presets.ts'
import { parseRecipe } from '../recipe/recipe.ts'
import type { Variants } from '../variants/variants.ts'
import { PictureRendition } from './picture-rendition.ts'

interface ImageRoute {
  Params: { id: string; recipe: string }
  Querystring: ContentQuery
}

/**
 * `GET` and `HEAD /media/{id}/image/{recipe}`: a picture made of the content, as Media.image gives its URL. `v`, `download`, `exp`, `kid`
 * and `sig` as for the content. A URL that is not signed makes presets alone, for who may download the media.
 */
export function imageRoutes(deps: {
  service: Pick<DeliveryService, 'deliver'>
  variants: Pick<Variants, 'get'>
  presets: Presets
  signer: Pick<UrlSigner, 'verify'>
  viewerOf: (request: FastifyRequest) => Viewer
}): FastifyPluginAsync {
  return async fastify => {
    fastify.route<ImageRoute>({
      method: ['GET', 'HEAD'],
      url: '/media/:id/image/:recipe',
      async handler(request, reply) {
        const asked = contentRequest(request)
        const mediaId = request.params.id
        const version = versionOf(request.query.v)
        const variant = recipeText(request)
        const { download } = asked
        const grant = signatureGrant(deps.signer, request.query, { mediaId, version, download, variant })
        const rendition = new PictureRendition(deps, {
          recipe: parseRecipe(variant),
          isSigned: grant !== null,
          accept: request.headers.accept,
          signal: whenLeft(reply),
        })
        const viewer = grant ?? deps.viewerOf(request)
        await sendAnswer(
          reply,
          await deps.service.deliver({ ...asked, viewer, mediaId, version, rendition, mayRedirect: true }),
        )
      },
    })
  }
}

/** What stands behind `/image/`, as it was sent: a parameter is decoded, and a recipe has one spelling. */
function recipeText({ raw }: FastifyRequest): string {
  const [, text = ''] = /^\/media\/[^/]*\/image\/([^?#]*)/.exec(raw.url ?? '') ?? []
  return text
}

/** Aborted when the client has left, or has its answer. */
export function whenLeft({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  raw.once('close', () => left.abort())
  return left.signal
}
