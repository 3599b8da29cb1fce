import type { FastifyPluginAsync } from 'fastify'
import { commonErrors } from '../../../platform/errors.ts'
import { payloadSchema, schemaPath } from './versions.ts'

/** `GET` and `HEAD /webhooks/schemas/v1.json`: the JSON Schema of what webhooks receive, for everybody; one for each version. */
export const schemaRoutes: FastifyPluginAsync = async fastify => {
  fastify.route<{ Params: { version: string } }>({
    method: ['GET', 'HEAD'],
    url: schemaPath(':version'),
    async handler(request, reply) {
      const { version } = request.params
      const schema = /^\d{1,4}$/.test(version) ? payloadSchema(Number(version)) : undefined
      if (!schema) throw commonErrors.NOT_FOUND('There is no version of this number.')
      reply.type('application/schema+json').header('cache-control', 'public, max-age=3600')
      return schema
    },
  })
}
