import type { ApolloServer } from '@apollo/server'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { noCredential } from '../../features/access/access.errors.ts'
import type { Admission } from '../http/admission.ts'
import { scopeRequests } from '../http/request-scope.ts'
import { authenticateRequests, viewerOf } from '../http/request-viewer.ts'
import type { GraphQLContext, RequestLoaders } from './apollo.ts'
import type { Documents } from './documents.ts'
import { sendGraphQLError } from './graphql-errors.ts'
import { executeRequest } from './http-execution.ts'
import { checkHeaders } from './http-rules.ts'
import { acceptMultipart, type MultipartLimits } from './multipart.ts'
import type { OperationObserver } from './observed-operation.ts'

export interface GraphQLRoutesDeps {
  readonly apollo: ApolloServer<GraphQLContext>
  readonly documents: Pick<Documents, 'resolve'>
  readonly admission: Pick<Admission, 'admit'>
  readonly multipart: MultipartLimits
  /** How long an operation may take. */
  readonly operationSeconds: number
  /** Told of every operation when it is over. */
  readonly onOperation: OperationObserver
  readonly contextOf: (request: FastifyRequest) => RequestLoaders
}

const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** `/graphql`: GraphQL over HTTP and GraphQL multipart requests, for whoever has a credential. */
export function graphqlRoutes(deps: GraphQLRoutesDeps): FastifyPluginAsync {
  const { admission, multipart, contextOf } = deps
  return async scope => {
    scope.setErrorHandler(sendGraphQLError)
    scopeRequests(scope)
    authenticateRequests(scope, admission)
    scope.addHook('onRequest', async (request, reply) => {
      if (request.method !== 'OPTIONS' && viewerOf(request).kind === 'anonymous') throw noCredential()
      checkHeaders(request, reply)
    })
    acceptMultipart(scope, multipart)
    const execute = executeRequest(deps)
    scope.route({
      method: METHODS,
      url: '/graphql',
      handler: (request, reply) =>
        execute(request, reply, () => ({
          viewer: viewerOf(request),
          log: request.log as GraphQLContext['log'],
          ...contextOf(request),
        })),
    })
  }
}
