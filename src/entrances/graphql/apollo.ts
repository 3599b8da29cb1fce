import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { OwnerLoader } from '../../features/access/owner.loader.ts'
import type { Viewer } from '../../features/access/viewer.ts'
import { publicError } from '../http/render-error.ts'
import { formatGraphQLError, thrown } from './graphql-errors.ts'
import { LIMITS, limitsRule } from './limits.ts'
import { compiledQueries, QueryCompiler } from './query-compiler.ts'

/** What every resolver knows of its request. */
export interface GraphQLContext {
  readonly viewer: Viewer
  readonly log: Logger
  readonly owners: OwnerLoader
}

export interface ApolloOptions {
  readonly schema: GraphQLSchema
  readonly server: FastifyInstance
  readonly introspection: boolean
  readonly logger: Logger
}

/** Apollo Server with the gateway's limits and errors. */
export function createApollo({
  schema,
  server,
  introspection,
  logger,
}: ApolloOptions): ApolloServer<GraphQLContext> {
  return new ApolloServer<GraphQLContext>({
    schema,
    introspection,
    csrfPrevention: true,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: [limitsRule],
    includeStacktraceInErrorResponses: false,
    formatError: formatGraphQLError,
    logger,
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      fastifyApolloDrainPlugin(server),
      errorReports,
      noSubscriptions,
      compiledQueries(new QueryCompiler(schema)),
    ],
  })
}

/** Logs what is ours to mend, and says when to try again. */
const errorReports: ApolloServerPlugin<GraphQLContext> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ contextValue, errors, response }) {
        for (const error of errors) {
          const cause = thrown(error)
          // What graphql-js itself says is about the request.
          if (cause === error) continue
          const { status, retryAfter } = publicError(cause)
          if (status >= 500) contextValue.log.error({ err: cause, path: error.path }, 'a resolver failed')
          if (retryAfter !== undefined) response.http.headers.set('retry-after', String(retryAfter))
        }
      },
    }
  },
}

/** A request has one answer: subscriptions have doors of their own. */
const noSubscriptions: ApolloServerPlugin<GraphQLContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation !== 'subscription') return
        throw new GraphQLError(
          'Subscriptions need a stream: connect to /graphql by WebSocket (graphql-transport-ws), or send them to /graphql/stream.',
          { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
        )
      },
    }
  },
}
