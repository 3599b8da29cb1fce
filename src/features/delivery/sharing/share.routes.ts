import type { FastifyPluginAsync } from 'fastify'
import { commonErrors } from '../../../platform/errors.ts'
import { type ContentQuery, contentRequest } from '../content-request.ts'
import type { DeliveryService } from '../delivery.service.ts'
import { sendAnswer } from '../send-answer.ts'
import type { ShareLinkService } from './share-link.service.ts'

interface ShareRoute {
  Params: { token: string }
  Querystring: ContentQuery
}

/** `GET` and `HEAD /s/{token}`: the content of a shared media, as at its own URL; `?download=1` asks to save. */
export function shareRoutes(deps: {
  service: Pick<DeliveryService, 'deliver'>
  links: Pick<ShareLinkService, 'redeem'>
}): FastifyPluginAsync {
  return async fastify => {
    fastify.route<ShareRoute>({
      method: ['GET', 'HEAD'],
      url: '/s/:token',
      async handler(request, reply) {
        reply.header('x-robots-tag', 'noindex')
        const asked = contentRequest(request)
        const grant = await deps.links.redeem(request.params.token)
        if (!grant) throw commonErrors.NOT_FOUND('There is nothing at this link, or not any more.')
        const { mediaId } = grant
        await sendAnswer(reply, await deps.service.deliver({ ...asked, viewer: grant, mediaId }))
      },
    })
  }
}
