import { GraphQLError, type GraphQLFormattedError, parse } from 'graphql'
import { type Context, makeServer } from 'graphql-ws'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import { noCredential } from '../../../features/access/access.errors.ts'
import { actorOf } from '../../../features/access/actor-of.ts'
import { anonymous } from '../../../features/access/viewer.ts'
import type { OnRefused } from '../../../platform/audit/attempt.ts'
import { AppError } from '../../../platform/errors.ts'
import { whoIs } from '../../http/access-log.ts'
import type { Admission, Asking } from '../../http/admission.ts'
import { publicError } from '../../http/render-error.ts'
import { inRequest } from '../../http/request-scope.ts'
import { graphQLError } from '../graphql-errors.ts'
import type { Subscriber, Subscribers } from './subscribers.ts'
import { tooManySubscriptions } from './subscription.errors.ts'
import type { Started, SubscriptionRunner } from './subscription-runner.ts'

/** How long a client may take to say who it is. */
const INIT_MS = 5_000
/** A client that answers no ping until the next one is gone. */
const PING_MS = 12_000
/** Subscriptions of one connection. */
const MOST = 50
/** What may wait to be sent, in bytes, before a client that keeps asking without reading is cut. */
const MOST_UNSENT = 2 ** 20

/**
 * Close codes (RFC 6455, 7.4, and the protocol's own): 4401 who connects is nobody · 4403 the credential no longer holds; a
 * client may come again with another · 1013 too many requests · 1001 the node goes away.
 */
const CLOSE = { nobody: 4401, revoked: 4403, hasty: 1013, goingAway: 1001, failed: 1011 } as const

export interface ConnectionDeps {
  readonly admission: Pick<Admission, 'admit' | 'again'>
  readonly subscribers: Pick<Subscribers, 'open'>
  readonly runner: Pick<SubscriptionRunner, 'start'>
  readonly onRefused: OnRefused
  /** Whether the log tells of each that is over. */
  readonly logClosed: boolean
}

export interface Connection extends ConnectionDeps {
  readonly asking: Asking
  readonly requestId: string
  readonly log: Logger
}

interface Extra {
  subscriber?: Subscriber
  readonly refusals: Map<string, readonly GraphQLFormattedError[]>
}

/** Speaks graphql-transport-ws with one client until either closes. */
export function serveConnection(socket: WebSocket, connection: Connection): void {
  const { requestId, log, asking, logClosed } = connection
  const began = performance.now()
  const extra: Extra = { refusals: new Map() }
  const closed = protocol(socket, connection).opened(
    {
      protocol: socket.protocol,
      // Resolves when the bytes are with the system: a slow client is not sent the next event before. One that has gone
      // is told of by `close`.
      send: text =>
        new Promise(resolve =>
          socket.readyState === socket.OPEN ? socket.send(text, () => resolve()) : resolve(),
        ),
      close: (code, reason) => socket.close(code, reason),
      onMessage: take =>
        socket.on('message', data => {
          if (socket.bufferedAmount > MOST_UNSENT) return socket.terminate()
          void inRequest(requestId, () => take(String(data))).catch(error => {
            log.error({ err: error }, 'a message of a WebSocket failed')
            socket.close(CLOSE.failed, 'The gateway failed')
          })
        }),
    },
    extra,
  )
  const heartbeat = keepAlive(socket)
  // ws has closed it by then, with the code that says why: a frame too large, a text that is no UTF-8.
  socket.on('error', error => log.debug({ err: error }, 'a WebSocket broke'))
  socket.once('close', (code, reason) => {
    clearInterval(heartbeat)
    extra.subscriber?.end()
    void closed(code, String(reason))
    const viewer = extra.subscriber?.viewer ?? anonymous
    const ms = Math.round(performance.now() - began)
    if (logClosed) log.info({ code, ms, ...whoIs(viewer), client: asking.ip }, 'websocket closed')
  })
}

function keepAlive(socket: WebSocket): NodeJS.Timeout {
  let answered = true
  socket.on('pong', () => {
    answered = true
  })
  return setInterval(() => {
    if (!answered) return socket.terminate()
    answered = false
    socket.ping()
  }, PING_MS)
}

/** Who cannot sign in is nobody. */
export const CONNECTING = { actor: actorOf(anonymous), action: 'websocket', subjectId: null }

/** Tells the library that it is a subscription. */
const RUNNING = parse('subscription { running }')

type Ctx = Context<Record<string, unknown>, Extra>

function protocol(socket: WebSocket, connection: Connection) {
  const { admission, runner } = connection
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: INIT_MS,
    async onConnect(ctx) {
      try {
        ctx.extra.subscriber = await signIn(socket, connection, ctx.connectionParams)
      } catch (error) {
        const shown = publicError(error)
        const { status, publicMessage } = shown
        connection.onRefused({ ...CONNECTING, error: shown })
        const code = status === 401 ? CLOSE.nobody : status === 429 ? CLOSE.hasty : CLOSE.failed
        // At most 123 bytes (RFC 6455, 5.5).
        socket.close(code, publicMessage.slice(0, 120))
        return false
      }
      return true
    },
    async onSubscribe(ctx, id, payload) {
      const subscriber = ctx.extra.subscriber as Subscriber
      const started = await start(ctx, subscriber, () => {
        admission.again(subscriber.viewer)
        return runner.start(payload, subscriber)
      })
      // The library executes nothing: what it is given is running already.
      if ('results' in started) return { document: RUNNING, contextValue: started.results } as never
      ctx.extra.refusals.set(id, started.errors)
      return started.errors.map(({ message }) => new GraphQLError(message))
    },
    subscribe: (args: { contextValue?: unknown }) => args.contextValue as never,
    onNext: (...[, , , , result]) => result,
    onError(ctx, id) {
      const errors = ctx.extra.refusals.get(id)
      ctx.extra.refusals.delete(id)
      return errors
    },
  })
}

async function start(ctx: Ctx, { log }: Subscriber, work: () => Promise<Started>): Promise<Started> {
  try {
    if (Object.keys(ctx.subscriptions).length > MOST) throw tooManySubscriptions(MOST, 'connection')
    return await work()
  } catch (error) {
    const shown = publicError(error)
    if (shown.status >= 500) log.error({ err: error }, shown.code)
    return { errors: [graphQLError(shown)] }
  }
}

/** By the `authorization` of the connection's parameters, or else by the header that it came with. */
async function signIn(
  socket: WebSocket,
  { admission, subscribers, asking, requestId, log }: Connection,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Subscriber> {
  const given = params.authorization ?? params.Authorization ?? asking.headers.authorization
  if (typeof given !== 'string') throw noCredential()
  const viewer = await admission.admit({ ip: asking.ip, headers: { authorization: given } })
  if (viewer.kind === 'anonymous') throw noCredential()
  const subscriber = subscribers.open({ requestId, log, viewer, authorization: given })
  subscriber.ended.addEventListener('abort', () => {
    const reason: unknown = subscriber.ended.reason
    if (!(reason instanceof AppError)) return
    socket.close(reason.status === 401 ? CLOSE.revoked : CLOSE.goingAway, reason.publicMessage.slice(0, 120))
  })
  if (socket.readyState !== socket.OPEN) subscriber.end()
  return subscriber
}
