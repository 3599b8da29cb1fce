import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'

/** How long an answered request may go on sending a body that nobody wants. */
const LINGER_MS = 5_000

/**
 * Lets a client that was refused early finish a short body, so that it reads the answer; cuts one that does not end. A connection
 * that is not kept alive is closed in two steps (RFC 9112, 9.6): closed at once, bytes that lie unread would make
 * the system throw away the answer that the client has not read yet.
 */
export function lingerOverUnreadBodies(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply) => {
    if (!request.raw.complete && !reply.raw.shouldKeepAlive) closeInTwoSteps(request.raw)
  })
  server.addHook('onResponse', (request, _reply, done) => {
    if (!request.raw.complete) endUnread(request.raw)
    done()
  })
}

/** What Node's server does to the connection after its last answer: here only our side is ended. The rest is for `endUnread`. */
function closeInTwoSteps({ socket }: IncomingMessage): void {
  socket.destroySoon = () => void socket.end()
}

function endUnread(request: IncomingMessage): void {
  // A connection that is kept alive has gone on to other requests by then: only a body that still comes is cut.
  const cut = setTimeout(() => request.complete || request.destroy(), LINGER_MS)
  cut.unref()
  request.once('close', () => clearTimeout(cut))
  // A parser that has been given up no longer reads.
  request.unpipe()
  request.resume()
}
