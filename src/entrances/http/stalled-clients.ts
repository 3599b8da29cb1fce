import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'

/**
 * Ends requests whose client makes no progress: one that stops sending its body gets 408, one that stops reading the answer is
 * cut. The server's `timeout` is how long a connection may be without any byte in either direction; that the gateway
 * itself takes long is no reason.
 */
export function endStalledClients(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    reply.raw.on('timeout', (socket: Socket) => onSilence(request.raw, reply.raw, socket))
    done()
  })
}

function onSilence(request: IncomingMessage, response: ServerResponse, socket: Socket): void {
  // What has arrived and lies unread waits for us, as does a body that nobody reads yet.
  const awaitsBody = !request.complete && request.readableLength === 0
  if (socket.writableLength > 0) socket.destroy()
  else if (awaitsBody) endWaiting(response, socket)
  // The time-out fires once; armed again, it also finds a client that stops later.
  else socket.setTimeout(socket.timeout ?? 0)
}

function endWaiting(response: ServerResponse, socket: Socket): void {
  if (!response.headersSent) socket.write(REQUEST_TIMEOUT)
  socket.destroySoon()
}
