import type { ApolloServer } from '@apollo/server'
import fastifyApollo from '@as-integrations/fastify'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { noCredential } from '../../features/access/access.errors.ts'
import type { Admission } from '../http/admission.ts'
import { httpErrors } from '../http/render-error.ts'
import { scopeRequests } from '../http/request-scope.ts'
import { authenticateRequests, viewerOf } from '../http/request-viewer.ts'
import type { GraphQLContext } from './apollo.ts'
import { sendGraphQLError } from './graphql-errors.ts'
import { acceptMultipart, type MultipartLimits } from './multipart.ts'

export interface GraphQLRoutesDeps {
  readonly apollo: ApolloServer<GraphQLContext>
  readonly admission: Pick<Admission, 'admit'>
  readonly multipart: MultipartLimits
  readonly contextOf: (request: FastifyRequest) => Pick<GraphQLContext, 'owners'>
}

/** `/graphql`: GraphQL over HTTP and GraphQL multipart requests, for whoever has a credential. */
export function graphqlRoutes({
  apollo,
  admission,
  multipart,
  contextOf,
}: GraphQLRoutesDeps): FastifyPluginAsync {
  return async scope => {
    scope.setErrorHandler(sendGraphQLError)
    scopeRequests(scope)
    authenticateRequests(scope, admission)
    scope.addHook('onRequest', async request => {
      if (request.method !== 'OPTIONS' && viewerOf(request).kind === 'anonymous') throw noCredential()
      const charset = /;\s*charset="?([\w-]+)/i.exec(request.headers['content-type'] ?? '')?.[1]
      if (charset && !/^utf-?8$/i.test(charset))
        throw httpErrors.UNSUPPORTED_MEDIA_TYPE('GraphQL requests are UTF-8.')
    })
    acceptMultipart(scope, multipart)
    await scope.register(fastifyApollo(apollo), {
      path: '/graphql',
      context: async request => ({
        viewer: viewerOf(request),
        log: request.log as GraphQLContext['log'],
        ...contextOf(request),
      }),
    })
  }
}
