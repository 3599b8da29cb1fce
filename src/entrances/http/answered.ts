import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Tracer, within } from '../../platform/tracing/trace.ts'

/** A request that is over: its answer was sent, or one of the two sides has ended the connection. */
export interface Answered {
  readonly request: FastifyRequest
  readonly method: string
  /** The route's pattern; undefined where no route has the path. */
  readonly route: string | undefined
  /** Null where nothing of an answer was sent. */
  readonly status: number | null
  /** The answer did not come to its end. */
  readonly isCut: boolean
  readonly seconds: number
  /** Of the connection, headers included. */
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface WatchOptions {
  readonly tracer: Tracer
  readonly onAnswered: (answered: Answered) => void
}

/** What is asked every few seconds by machines, and would hide everything else in a list of traces. */
const UNTRACED: ReadonlySet<string | undefined> = new Set(['/health/live', '/health/ready', '/metrics'])

/** What a connection had moved when its last request was over. */
const moved = new WeakMap<Socket, { readonly read: number; readonly written: number }>()

/**
 * Follows each request from its headers to the end of its answer, also of one that is cut off, and makes it a trace, or a part of the
 * one that its `traceparent` names. Fastify itself tells only of answers that were sent.
 */
export function watchRequests(server: FastifyInstance, { tracer, onAnswered }: WatchOptions): void {
  server.addHook('onRequest', (request, reply, done) => {
    const began = performance.now()
    const { method } = request
    const { url: route } = request.routeOptions
    const { socket } = request.raw
    const facts = { 'http.request.method': method, 'http.route': route }
    const { traceparent } = request.headers
    const span = UNTRACED.has(route)
      ? undefined
      : tracer.begin(`${method} ${route ?? 'none'}`, { kind: 'server', facts, traceparent })
    reply.raw.once('close', () => {
      const { statusCode, headersSent, writableFinished } = reply.raw
      const status = headersSent ? statusCode : null
      const before = moved.get(socket) ?? { read: 0, written: 0 }
      const now = { read: socket.bytesRead, written: socket.bytesWritten }
      moved.set(socket, now)
      within(span, () =>
        onAnswered({
          request,
          method,
          route,
          status,
          isCut: !writableFinished,
          seconds: (performance.now() - began) / 1000,
          bytesIn: now.read - before.read,
          bytesOut: now.written - before.written,
        }),
      )
      span?.tell({ 'http.response.status_code': status ?? undefined, cut: !writableFinished || undefined })
      span?.end(status !== null && status >= 500 ? status : undefined)
    })
    within(span, done)
  })
}
