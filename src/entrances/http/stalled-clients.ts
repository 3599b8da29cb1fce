import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/** Bytes of one write: progress in reading is seen in such steps. */
const STEP = 64 * 1024

export interface Patience {
  /** How long a client may be without any progress. */
  readonly idleSeconds: number
  /** What a client moves at least on average; 0 = anything. */
  readonly bytesPerSecond: number
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Seconds of waiting that are left. */
  left: number
  /** Bytes that the connection had moved when it was last looked at. */
  moved: number
}

/**
 * Ends requests whose client makes no progress: one that stops sending its body gets 408, one that stops reading the answer is
 * cut. The server's `timeout` is how long a connection may be without any byte in either direction; that the gateway
 * itself takes long is no reason.
 */
export function endStalledClients(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.raw.on('timeout', (socket: Socket) => {
      const before = moved(socket)
      // A process that was held up itself hears of its timers before it reads what has come meanwhile.
      setImmediate(() => {
        if (awaited(request.raw, socket) && moved(socket) === before) end(reply.raw, socket)
        // The time-out fires once; armed again, it also finds a client that stops later.
        else if (!socket.destroyed) socket.setTimeout(socket.timeout ?? 0)
      })
    })
    done()
  })
}

/**
 * Ends requests whose client moves a byte now and then, which no time-out finds. Waiting for a client uses up its patience, what it
 * sends or takes gives some back: who keeps to the rate on average never runs out, whatever has gone before.
 */
export function endSlowClients(server: FastifyInstance, { idleSeconds, bytesPerSecond }: Patience): void {
  if (bytesPerSecond === 0) return
  const patience = Math.max(idleSeconds, (2 * STEP) / bytesPerSecond)
  const every = Math.min(patience / 4, 5)
  const exchanges = new Set<Exchange>()
  server.addHook('onRequest', ({ raw: request }, { raw: response }, done) => {
    const exchange = { request, response, left: patience, moved: moved(request.socket) }
    exchanges.add(exchange)
    response.once('close', () => exchanges.delete(exchange))
    done()
  })
  const timer = setInterval(() => {
    for (const exchange of exchanges) {
      const { request, response } = exchange
      const progress = moved(request.socket) - exchange.moved
      exchange.moved += progress
      exchange.left = Math.min(patience, exchange.left + progress / bytesPerSecond)
      if (!awaited(request, request.socket)) continue
      exchange.left -= every
      if (exchange.left < 0) end(response, request.socket)
    }
  }, every * 1000)
  timer.unref()
  server.addHook('onClose', async () => clearInterval(timer))
}

/** Whether it is the client that is waited for: to take what is to be sent, or to send more of its body. */
function awaited(request: IncomingMessage, socket: Socket): boolean {
  // What has arrived and lies unread waits for us, as does a body that nobody reads yet.
  return socket.writableLength > 0 || (!request.complete && request.readableLength === 0)
}

/** Bytes that have come from the client or been taken by the system for it. */
const moved = (socket: Socket): number => socket.bytesRead + socket.bytesWritten - socket.writableLength

function end(response: ServerResponse, socket: Socket): void {
  if (socket.writableLength > 0) {
    socket.destroy()
    return
  }
  if (!response.headersSent) socket.write(REQUEST_TIMEOUT)
  socket.destroySoon()
}
