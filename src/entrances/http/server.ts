import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import compress from '@fastify/compress'
import cors from '@fastify/cors'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Logger } from 'pino'
import { commonErrors } from '../../platform/errors.ts'
import { renderError } from './render-error.ts'
import { REQUEST_ID } from './request-scope.ts'
import { securityHeaders } from './security-headers.ts'
import { endStalledClients } from './stalled-clients.ts'

export interface HttpServerOptions {
  readonly logger: Logger
  readonly corsOrigins: readonly string[]
  readonly trustProxy: readonly string[]
  /** How long a client may make no progress in sending or reading. */
  readonly idleTimeoutSeconds: number
}

/** Largest JSON body; files do not come this way. */
const MAX_JSON_BYTES = 1 << 20

/** An HTTP server with all that is the same at every door: request ids, logs, errors, security headers, CORS. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { logger, corsOrigins, trustProxy, idleTimeoutSeconds } = options
  const server: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    bodyLimit: MAX_JSON_BYTES,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 1_000 },
    trustProxy: trustProxy.length > 0 ? [...trustProxy] : false,
    genReqId: request => {
      const given = request.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
    },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    // A body may take as long as it keeps coming; headers may not.
    requestTimeout: 0,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    connectionTimeout: idleTimeoutSeconds * 1000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  })
  closeWhenIdle(server)
  endStalledClients(server)
  server.setErrorHandler(renderError)
  server.setNotFoundHandler(() => {
    throw commonErrors.NOT_FOUND('There is nothing at this path.')
  })
  const always = securityHeaders()
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(always).header('x-request-id', request.id)
    done()
  })
  server.addHook('onResponse', (request, reply, done) => {
    if (!request.raw.complete) endUnread(request.raw)
    const { method, routeOptions } = request
    request.log.info(
      { method, route: routeOptions.url, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    )
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
  await server.register(compress, { threshold: 1024, customTypes: /^application\/(graphql-response\+)?json/ })
  return server
}

/** What a browser's script may read of an answer beside the simple headers. */
const EXPOSED = [
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'ETag',
  'Last-Modified',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
]

/** While the server closes, connections are ended as their requests are: a client that keeps one open holds nothing up. */
function closeWhenIdle(server: FastifyInstance): void {
  server.addHook('preClose', async () => {
    const timer = setInterval(() => server.server.closeIdleConnections(), 50)
    server.server.once('close', () => clearInterval(timer))
  })
}

/** How long an answered request may go on sending a body that nobody wants. */
const LINGER_MS = 5_000

/** Lets a client that was refused early finish a short body, so that it reads the answer; cuts one that does not end. */
function endUnread(request: IncomingMessage): void {
  // A connection that is kept alive has gone on to other requests by then: only a body that still comes is cut.
  const cut = setTimeout(() => request.complete || request.destroy(), LINGER_MS)
  cut.unref()
  request.once('close', () => clearTimeout(cut))
  // A parser that has been given up no longer reads.
  request.unpipe()
  request.resume()
}
