import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Config } from './config.ts'
import { createApollo } from './entrances/graphql/apollo.ts'
import { OperationCosts } from './entrances/graphql/cost.ts'
import { Documents } from './entrances/graphql/documents.ts'
import { graphqlRoutes } from './entrances/graphql/graphql.routes.ts'
import { observeOperations } from './entrances/graphql/observed-operation.ts'
import { playgroundRoutes } from './entrances/graphql/playground.routes.ts'
import { QueryCompiler } from './entrances/graphql/query-compiler.ts'
import { sseRoutes } from './entrances/graphql/subscriptions/sse.routes.ts'
import { Subscribers } from './entrances/graphql/subscriptions/subscribers.ts'
import { tellOfSubscribers } from './entrances/graphql/subscriptions/subscription.metrics.ts'
import { SubscriptionRunner } from './entrances/graphql/subscriptions/subscription-runner.ts'
import { acceptWebSockets } from './entrances/graphql/subscriptions/websocket.ts'
import { accessLog } from './entrances/http/access-log.ts'
import type { Admission } from './entrances/http/admission.ts'
import { healthRoutes, type ReadinessChecks } from './entrances/http/health.routes.ts'
import { observeRequests, tellOfConnections } from './entrances/http/http.metrics.ts'
import { metricsRoutes } from './entrances/http/metrics.routes.ts'
import { openDoor } from './entrances/http/open-door.ts'
import { authenticatedScope } from './entrances/http/request-viewer.ts'
import { createHttpServer } from './entrances/http/server.ts'
import type { Authenticator } from './features/access/authenticator.ts'
import { ownerLoader } from './features/access/owner.loader.ts'
import type { MediaEvents } from './features/events/media-events.service.ts'
import { legalHoldLoader } from './features/retention/holds/legal-hold.loader.ts'
import { previewLoader } from './features/transform/graphql/preview.loader.ts'
import type { Foundation } from './foundation.ts'
import type { OnRefused } from './platform/audit/attempt.ts'
import { DEFAULT_PAGE, MAX_PAGE } from './platform/db/keyset.ts'
import type { PublicUrl } from './platform/public-url.ts'

export interface DoorsDeps {
  readonly config: Config
  readonly foundation: Foundation
  readonly publicUrl: PublicUrl
  readonly authenticator: Authenticator
  readonly admission: Admission
  readonly schema: GraphQLSchema
  readonly mediaEvents: MediaEvents
  /** Whether what not everything needs can be used; beside the stores. */
  readonly lesser: ReadinessChecks
  /** Told of what a door did not give. */
  readonly onRefused: OnRefused
  /** Doors beside GraphQL that know who asks. */
  readonly routes: readonly FastifyPluginAsync[]
  /** APIs of others, each of which refuses in its own words. */
  readonly facades: readonly FastifyPluginAsync[]
}

export interface ServerState {
  /** Whether requests that are under way are the last ones. */
  readonly draining: () => boolean
  /** Only what operators ask, `/health` and `/metrics`: for a process that serves nobody else. */
  readonly operatorsOnly?: boolean
}

/** The HTTP server with all doors of the gateway, ready to listen. */
export async function openDoors(
  deps: DoorsDeps,
  { draining, operatorsOnly = false }: ServerState,
): Promise<FastifyInstance> {
  const { config, foundation, publicUrl, admission, routes } = deps
  const { log, database, storage, metrics, tracer } = foundation
  const count = observeRequests(metrics)
  const line = accessLog(log, config.ACCESS_LOG)
  const server = await createHttpServer({
    logger: log,
    corsOrigins: config.CORS_ORIGINS,
    trustProxy: config.TRUST_PROXY,
    patience: { idleSeconds: config.IDLE_TIMEOUT_SECONDS, bytesPerSecond: config.MIN_BYTES_PER_SECOND },
    connections: { most: config.MAX_CONNECTIONS, mostOfAddress: config.MAX_CONNECTIONS_PER_ADDRESS },
    onRefused: deps.onRefused,
    tracer,
    onAnswered(answered) {
      count(answered)
      line(answered)
    },
  })
  tellOfConnections(metrics, server.server)
  server.server.on('listening', () => publicUrl.listensOn((server.server.address() as AddressInfo).port))
  const { defaultStore, storeIds } = storage
  const needed = {
    database: () => database.query('SELECT 1'),
    storage: () => storage.check(defaultStore),
  }
  const otherStores = Object.fromEntries(
    storeIds.filter(id => id !== defaultStore).map(id => [`storage:${id}`, () => storage.check(id)]),
  )
  const lesser = { ...otherStores, ...deps.lesser }
  await openDoor(server, healthRoutes({ needed, lesser, draining }))
  const token = config.METRICS_TOKEN
  if (token !== undefined) await openDoor(server, metricsRoutes({ metrics, token, admission }))
  if (operatorsOnly) return server
  if (config.PLAYGROUND)
    await openDoor(
      server,
      playgroundRoutes(() => publicUrl.prefix),
    )
  await openDoor(server, authenticatedScope(admission, routes))
  for (const facade of deps.facades) await openDoor(server, facade)
  await openGraphQL(server, deps)
  return server
}

/** GraphQL over HTTP, over WebSocket and over server-sent events. */
async function openGraphQL(server: FastifyInstance, deps: DoorsDeps): Promise<void> {
  const { config, foundation, authenticator, admission, schema, mediaEvents, onRefused } = deps
  const { log, database, metrics, tracer } = foundation
  const onOperation = observeOperations(metrics)
  const { INTROSPECTION: introspection, COMPILE_AFTER: hitsBefore } = config
  const costs = new OperationCosts({ schema, page: { default: DEFAULT_PAGE, max: MAX_PAGE } })
  const documents = new Documents({
    list: config.PERSISTED_OPERATIONS ?? null,
    listedOnly: config.PERSISTED_ONLY,
  })
  const contextOf = () => ({
    owners: ownerLoader(database),
    legalHolds: legalHoldLoader(database),
    previews: previewLoader(database),
  })

  const apollo = createApollo({
    schema,
    server,
    introspection,
    registration: !config.PERSISTED_ONLY,
    costs,
    compiler: hitsBefore === null ? null : new QueryCompiler({ schema, hitsBefore }),
    logger: log,
    onRefused,
  })
  await apollo.start()
  const multipart = { maxFileBytes: config.MAX_UPLOAD_BYTES, maxFiles: config.MAX_UPLOAD_FILES }
  const operationSeconds = config.OPERATION_SECONDS
  await openDoor(
    server,
    graphqlRoutes({ apollo, documents, admission, multipart, contextOf, operationSeconds, onOperation }),
  )

  const subscribers = new Subscribers({ authenticator, most: config.MAX_SUBSCRIPTIONS })
  tellOfSubscribers(metrics, subscribers)
  const check = { schema, costs, introspection }
  const runner = new SubscriptionRunner({
    check,
    documents,
    mediaEvents,
    contextOf,
    onRefused,
    tracer,
    onOperation,
  })
  const { CORS_ORIGINS: corsOrigins, TRUST_PROXY: trustProxy } = config
  const logClosed = config.ACCESS_LOG !== 'off'
  const sockets = { admission, subscribers, runner, corsOrigins, trustProxy, onRefused, logClosed }
  acceptWebSockets(server, sockets)
  await openDoor(server, sseRoutes({ admission, subscribers, runner }))
  server.addHook('preClose', async () => subscribers.endAll())
}
