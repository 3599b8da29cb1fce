import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { OnRefused } from '../../platform/audit/attempt.ts'
import { commonErrors } from '../../platform/errors.ts'
import { noTracer, type Tracer } from '../../platform/tracing/trace.ts'
import { type Answered, watchRequests } from './answered.ts'
import { type ConnectionLimits, limitConnections } from './connection-limits.ts'
import { answerAheadOfGarbage } from './garbled-connections.ts'
import { askPathOwners, renderRefusal } from './path-owners.ts'
import { RequestLog } from './request-log.ts'
import { tellRefusals } from './request-refusals.ts'
import { REQUEST_ID } from './request-scope.ts'
import { inOriginForm } from './request-target.ts'
import { securityHeaders } from './security-headers.ts'
import { endSlowClients, endStalledClients, type Patience } from './stalled-clients.ts'
import { lingerOverUnreadBodies } from './unread-bodies.ts'

export interface HttpServerOptions {
  readonly logger: Logger
  readonly corsOrigins: readonly string[]
  readonly trustProxy: readonly string[]
  readonly patience: Patience
  readonly connections: Pick<ConnectionLimits, 'most' | 'mostOfAddress'>
  /** Makes each request a trace; none without it. */
  readonly tracer?: Tracer
  readonly onAnswered?: (answered: Answered) => void
  readonly onRefused?: OnRefused
}

/** Largest JSON body; files do not come this way. */
const MAX_JSON_BYTES = 1 << 20

/** An HTTP server with all that is the same at every door: request ids, logs, errors, security headers, CORS. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { logger, corsOrigins, trustProxy, patience, connections, onRefused } = options
  const { tracer = noTracer, onAnswered = () => undefined } = options
  const always = securityHeaders()
  const headersSeconds = Math.min(10, patience.idleSeconds)
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    bodyLimit: MAX_JSON_BYTES,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1_000 },
    rewriteUrl: inOriginForm,
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: request => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
    },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    childLoggerFactory: (parent, bindings, options) =>
      new RequestLog(parent, bindings, options) as unknown as FastifyBaseLogger,
    // A body may take as long as it keeps coming; headers may not.
    requestTimeout: 0,
    http: { headersTimeout: headersSeconds * 1000, connectionsCheckingInterval: headersSeconds * 500 },
    connectionTimeout: patience.idleSeconds * 1000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // A path that cannot be read, before any route has it.
    frameworkErrors(_error, request, reply) {
      reply.headers(always).header('x-request-id', request.id)
      renderRefusal(unreadablePath(), request, reply)
    },
  })
  watchRequests(server, { tracer, onAnswered })
  closeWhenIdle(server)
  limitConnections(server, {
    ...connections,
    proxies: trustProxy,
    onRefused: why => logger.warn({ why }, 'there are as many connections as are allowed; more are closed'),
  })
  endStalledClients(server)
  endSlowClients(server, patience)
  lingerOverUnreadBodies(server)
  answerAheadOfGarbage(server)
  server.setErrorHandler(renderRefusal)
  if (onRefused) tellRefusals(server, onRefused)
  server.setNotFoundHandler(() => {
    throw commonErrors.NOT_FOUND('There is nothing at this path.')
  })
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(always).header('x-request-id', request.id)
    done()
  })
  if (corsOrigins.length > 0) {
    await server.register(cors, {
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      exposedHeaders: EXPOSED,
      maxAge: 600,
    })
  }
  // Behind CORS: pages read refusals, too.
  askPathOwners(server)
  await server.register(compress, { threshold: 1024, customTypes: /^application\/(graphql-response\+)?json/ })
  return server
}

/** In words without the path: that may hold a token. */
const unreadablePath = () =>
  commonErrors.BAD_REQUEST(
    'The path cannot be read: a percent sign in it stands ahead of two hexadecimal digits.',
  )

/** What a browser's script may read of an answer beside the simple headers. */
const EXPOSED = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'Continuation-Token',
  'ETag',
  'Last-Modified',
  'Location',
  'Media-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Tus-Checksum-Algorithm',
  'Tus-Extension',
  'Tus-Max-Size',
  'Tus-Resumable',
  'Tus-Version',
  'Upload-Concat',
  'Upload-Defer-Length',
  'Upload-Expires',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'X-Request-Id',
]

/**
 * While the server closes, connections are ended as their requests are: a client that keeps one open holds nothing up, nor
 * does one that has opened it ahead of need and never sent a byte.
 */
function closeWhenIdle(server: FastifyInstance): void {
  const connections = new Set<Socket>()
  server.server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  server.addHook('preClose', async () => {
    const timer = setInterval(() => {
      server.server.closeIdleConnections()
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    }, 50)
    server.server.once('close', () => clearInterval(timer))
  })
}
