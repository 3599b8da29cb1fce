import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { commonErrors } from '../../platform/errors.ts'
import type { Viewer } from '../access/viewer.ts'
import { type ContentQuery, contentRequest } from './content-request.ts'
import type { DeliveryService } from './delivery.service.ts'
import type { MediaHashes } from './media-hashes.ts'
import { sendAnswer } from './send-answer.ts'
import { signatureGrant } from './signing/signed-request.ts'
import type { UrlSigner } from './signing/url-signer.ts'

interface ContentRoute {
  Params: { id: string }
  Querystring: ContentQuery
}

/**
 * `GET` and `HEAD /media/{id}/content`: `?v=` pins a content version, `?download=1` asks to save, `exp`, `kid` and `sig` are
 * the signature of a signed URL, `hash` the media's, which opens its present content.
 */
export function deliveryRoutes(deps: {
  service: Pick<DeliveryService, 'deliver'>
  signer: Pick<UrlSigner, 'verify'>
  hashes: Pick<MediaHashes, 'redeem'>
  viewerOf: (request: FastifyRequest) => Viewer
}): FastifyPluginAsync {
  const hashGrant = async ({ params: { id }, query: { hash } }: FastifyRequest<ContentRoute>) => {
    if (hash === undefined) return null
    const grant = typeof hash === 'string' ? await deps.hashes.redeem({ id }, hash) : null
    if (!grant) throw commonErrors.NOT_FOUND('There is nothing at this URL, or not any more.')
    return grant
  }
  return async fastify => {
    fastify.route<ContentRoute>({
      method: ['GET', 'HEAD'],
      url: '/media/:id/content',
      async handler(request, reply) {
        const asked = contentRequest(request)
        const mediaId = request.params.id
        const version = versionOf(request.query.v)
        const { download } = asked
        const grant = signatureGrant(deps.signer, request.query, { mediaId, version, download })
        const viewer = grant ?? (await hashGrant(request)) ?? deps.viewerOf(request)
        await sendAnswer(
          reply,
          await deps.service.deliver({ ...asked, viewer, mediaId, version, mayRedirect: true }),
        )
      },
    })
  }
}

/** The content version that `?v=` pins; throws BAD_REQUEST. */
export function versionOf(v: ContentQuery[string]): number | undefined {
  if (v === undefined) return undefined
  if (typeof v === 'string' && /^\d+$/.test(v)) return Number(v)
  throw commonErrors.BAD_REQUEST('v is the number of a content version, as in ?v=2.', { field: ['v'] })
}
