import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { OwnerLoader } from '../../features/access/owner.loader.ts'
import type { Viewer } from '../../features/access/viewer.ts'
import type { LegalHoldLoader } from '../../features/retention/holds/legal-hold.loader.ts'
import { publicError } from '../http/render-error.ts'
import type { OperationCosts } from './cost.ts'
import { costLimit } from './cost-limit.ts'
import { errorFormat, thrown } from './graphql-errors.ts'
import { idempotencyHeader } from './idempotency-header.ts'
import { LIMITS, limitsRule } from './limits.ts'
import { compiledQueries, type QueryCompiler } from './query-compiler.ts'

/** Look-ups that the fields of one request share. */
export interface RequestLoaders {
  readonly owners: OwnerLoader
  readonly legalHolds: LegalHoldLoader
}

/** What every resolver knows of its request. */
export interface GraphQLContext extends RequestLoaders {
  readonly viewer: Viewer
  readonly log: Logger
  /** Of the header, once it is known that the request may have one. */
  idempotencyKey?: string
}

export interface ApolloOptions {
  readonly schema: GraphQLSchema
  readonly server: FastifyInstance
  readonly introspection: boolean
  /** Whether clients may register documents by their hash (automatic persisted queries). */
  readonly registration: boolean
  readonly costs: OperationCosts
  /** Null leaves every query to graphql-js. */
  readonly compiler: QueryCompiler | null
  readonly logger: Logger
}

/** Apollo Server with the gateway's limits and errors. */
export function createApollo({
  schema,
  server,
  introspection,
  registration,
  costs,
  compiler,
  logger,
}: ApolloOptions): ApolloServer<GraphQLContext> {
  return new ApolloServer<GraphQLContext>({
    schema,
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    // Registered documents lie in the server's cache, which is bounded.
    persistedQueries: registration ? {} : false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    parseOptions: { maxTokens: LIMITS.tokens },
    validationRules: [limitsRule],
    includeStacktraceInErrorResponses: false,
    formatError: errorFormat({ suggestions: introspection }),
    logger,
    stopOnTerminationSignals: false,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      // Apollo would add it to every subgraph: how long each field took, for whoever sends a header.
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      fastifyApolloDrainPlugin(server),
      errorReports,
      costLimit(costs),
      idempotencyHeader(),
      noSubscriptions,
      ...(compiler ? [compiledQueries<GraphQLContext>(compiler)] : []),
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
