import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import type { FastifyInstance } from 'fastify'
import { GraphQLError, type GraphQLSchema, Kind } from 'graphql'
import type { Logger } from 'pino'
import { actorOf } from '../../features/access/actor-of.ts'
import type { OwnerLoader } from '../../features/access/owner.loader.ts'
import type { Viewer } from '../../features/access/viewer.ts'
import type { LegalHoldLoader } from '../../features/retention/holds/legal-hold.loader.ts'
import type { OnRefused } from '../../platform/audit/attempt.ts'
import { namedOperation, type OperationNote } from '../http/access-log.ts'
import { publicError } from '../http/render-error.ts'
import type { OperationCosts } from './cost.ts'
import { RequestCost } from './cost-limit.ts'
import { errorFormat, thrown } from './graphql-errors.ts'
import { readIdempotencyKey } from './idempotency-header.ts'
import { LIMITS, limitsRule } from './limits.ts'
import { compiledAnswer, type QueryCompiler } from './query-compiler.ts'

/** Look-ups that the fields of one request share. */
export interface RequestLoaders {
  readonly owners: OwnerLoader
  readonly legalHolds: LegalHoldLoader
}

/** What every resolver knows of its request. */
export interface GraphQLContext extends RequestLoaders {
  readonly viewer: Viewer
  readonly log: Logger
  /** What logs and metrics tell of it; of a subscription, its own door does. */
  readonly operation?: OperationNote
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
  readonly onRefused: OnRefused
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
  onRefused,
}: ApolloOptions): ApolloServer<GraphQLContext> {
  return new ApolloServer<GraphQLContext>({
    schema,
    introspection,
    hideSchemaDetailsFromClientErrors: !introspection,
    // Registered documents lie in the server's cache, which is bounded.
    persistedQueries: registration ? {} : false,
    allowBatchedHttpRequests: false,
    // The routes have refused such requests before their bodies were read.
    csrfPrevention: false,
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
      requestRules(costs, compiler, onRefused),
    ],
  })
}

/** What the gateway adds to the life of a request; one plugin, since Apollo waits for each hook of each. */
const requestRules = (
  costs: OperationCosts,
  compiler: QueryCompiler | null,
  onRefused: OnRefused,
): ApolloServerPlugin<GraphQLContext> => ({
  async requestDidStart() {
    const cost = new RequestCost(costs)
    return {
      async didResolveOperation(request) {
        note(request)
        refuseSubscriptions(request)
        readIdempotencyKey(request)
        cost.check(request)
      },
      ...(compiler ? { responseForOperation: request => compiledAnswer(compiler, request) } : {}),
      didEncounterErrors: async request => report(request, onRefused),
      willSendResponse: async request => cost.tell(request),
    }
  },
})

/** Logs what is ours to mend, and says when to try again. */
function report(
  { contextValue, errors = [], response }: GraphQLRequestContext<GraphQLContext>,
  onRefused: OnRefused,
): void {
  const { operation } = contextValue
  for (const error of errors) {
    const cause = thrown(error)
    if (operation?.outcome === 'ok') operation.outcome = 'refused'
    // What graphql-js itself says is about the request; Apollo wraps what it says of the syntax.
    if (cause instanceof GraphQLError) continue
    const shown = publicError(cause)
    const { status, retryAfter } = shown
    onRefused({ actor: actorOf(contextValue.viewer), action: fieldOf(error), subjectId: null, error: shown })
    if (operation && status >= 500) operation.outcome = 'failed'
    if (status >= 500) contextValue.log.error({ err: cause, path: error.path }, 'a resolver failed')
    if (retryAfter !== undefined) response.http.headers.set('retry-after', String(retryAfter))
  }
}

/** The field's name in the schema: an alias is the client's own text. */
const fieldOf = ({ nodes }: GraphQLError): string => {
  const [node] = nodes ?? []
  return node?.kind === Kind.FIELD ? node.name.value : 'graphql'
}

/** The type is known, and a name of the client's, as soon as its document is. */
function note({ contextValue, operation }: GraphQLRequestContext<GraphQLContext>): void {
  if (contextValue.operation) Object.assign(contextValue.operation, namedOperation(operation))
}

/** A request has one answer: subscriptions have doors of their own. */
function refuseSubscriptions({ operation }: GraphQLRequestContext<GraphQLContext>): void {
  if (operation?.operation !== 'subscription') return
  throw new GraphQLError(
    'Subscriptions need a stream: connect to /graphql by WebSocket (graphql-transport-ws), or send them to /graphql/stream.',
    { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
  )
}
