import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { handleProtocols } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { accessErrors } from '../../../features/access/access.errors.ts'
import { publicError } from '../../http/render-error.ts'
import { inRequest } from '../../http/request-scope.ts'
import { goingAway } from './subscription.errors.ts'
import { CONNECTING, type ConnectionDeps, serveConnection } from './websocket-connection.ts'
import {
  addressReader,
  isAllowedOrigin,
  refuseUpgrade,
  requestIdOf,
  wantsWebSocket,
} from './websocket-upgrade.ts'

export interface WebSocketDeps extends ConnectionDeps {
  readonly corsOrigins: readonly string[]
  readonly trustProxy: readonly string[]
}

/** Largest message of a client, in bytes: a subscription with its variables. */
const MAX_MESSAGE = 64 * 1024
/** How long clients may take to answer the close frame while the server closes. */
const LINGER_MS = 1_000

/** `/graphql` as a WebSocket: subscriptions by the protocol graphql-transport-ws. */
export function acceptWebSockets(server: FastifyInstance, deps: WebSocketDeps): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, handleProtocols })
  const addressOf = addressReader(deps.trustProxy)
  let closing = false

  const open = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    if (closing) throw goingAway()
    if (!isAllowedOrigin(request, deps.corsOrigins))
      throw accessErrors.FORBIDDEN('Pages of this origin may not connect; CORS_ORIGINS names those that may.')
    const asking = { headers: request.headers, ip: addressOf(request) }
    await deps.admission.admit(asking)
    // The client may have gone while its credential was looked up.
    if (socket.destroyed) return
    const log = server.log.child({ requestId: requestIdOf(request) })
    sockets.handleUpgrade(request, socket, head, webSocket =>
      serveConnection(webSocket, { ...deps, asking, requestId: requestIdOf(request), log: log as never }),
    )
  }

  // Node asks this of requests with an Upgrade header; clients that offer HTTP/2 this way are served as without it.
  Object.assign(server.server, { shouldUpgradeCallback: wantsWebSocket })
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    void inRequest(requestIdOf(request), () =>
      open(request, socket, head).catch(error => {
        const shown = publicError(error)
        if (shown.status >= 500) server.log.error({ err: error }, shown.code)
        deps.onRefused({ ...CONNECTING, error: shown })
        refuseUpgrade(socket, shown)
      }),
    )
  })
  server.addHook('preClose', async () => {
    closing = true
    await Promise.all([...sockets.clients].map(goodbye))
  })
}

async function goodbye(socket: WebSocket): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  socket.once('close', () => resolve())
  socket.close(1001, 'Going away')
  const timer = setTimeout(() => socket.terminate(), LINGER_MS)
  await closed
  clearTimeout(timer)
}
