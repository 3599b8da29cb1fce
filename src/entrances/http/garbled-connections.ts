import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The one before it on its connection, if that was not answered when this one came. */
  readonly before: Exchange | undefined
}

type Refuse = (error: Error, socket: Socket) => void

/**
 * Lets the answers to requests out that had come whole before their client sent what is no HTTP: some put a body behind a DELETE without
 * saying how long it is. They are the last ones of the connection. Nothing behind the first bad byte is ever taken for a request (RFC 9112,
 * 2.2 and 11.2): the parser stays where it failed. Where no such answer is pending the connection is refused and closed at once, as ever.
 */
export function answerAheadOfGarbage({ server, log }: FastifyInstance): void {
  const latest = new WeakMap<Socket, Exchange>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const before = latest.get(request.socket)
    latest.set(request.socket, {
      request,
      response,
      before: before && isPending(before) ? before : undefined,
    })
  })
  const garbled = new WeakSet<Socket>()
  const [refuse] = server.listeners('clientError') as Refuse[]
  server.removeAllListeners('clientError')
  server.on('clientError', (error: Error, socket: Socket) => {
    // More of the same, while the answer is on its way.
    if (garbled.has(socket)) return
    const last = wholeAndPending(latest.get(socket))
    if (!last || socket.destroyed) {
      refuse?.(error, socket)
      return
    }
    garbled.add(socket)
    log.debug({ err: error }, 'what came behind a request is no HTTP; the connection ends with its answer')
    endWith(last.response, socket)
  })
}

const isPending = ({ response }: Exchange): boolean => !response.closed

/** The last request that came whole and is not answered yet. */
function wholeAndPending(exchange: Exchange | undefined): Exchange | undefined {
  let one = exchange
  while (one && !(one.request.complete && isPending(one))) one = one.before
  return one
}

/** Ends the connection once this answer is out, and says so where its header has not gone yet. */
function endWith(response: ServerResponse, socket: Socket): void {
  response.shouldKeepAlive = false
  if (response.writableFinished) socket.destroySoon()
  else response.once('finish', () => socket.destroySoon())
}
