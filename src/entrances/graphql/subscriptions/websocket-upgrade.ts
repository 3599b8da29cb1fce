import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import proxyAddr from '@fastify/proxy-addr'
import type { AppError } from '../../../platform/errors.ts'
import { errorHeaders } from '../../http/render-error.ts'
import { REQUEST_ID } from '../../http/request-scope.ts'
import { targetOf } from '../../http/request-target.ts'
import { graphQLError } from '../graphql-errors.ts'

/** Whether this request is for our WebSockets; every other one, whatever it would upgrade to, stays a plain request. */
export const wantsWebSocket = (request: IncomingMessage): boolean =>
  /^\/graphql(\?|$)/.test(targetOf(request).url) && request.headers.upgrade?.toLowerCase() === 'websocket'

/**
 * Whether pages of this origin may connect: the gateway's own, and those that CORS lets read. Who sends no Origin is no browser
 * (RFC 6455, 10.2).
 */
export function isAllowedOrigin({ headers }: IncomingMessage, corsOrigins: readonly string[]): boolean {
  const { origin, host } = headers
  if (origin === undefined || corsOrigins.includes('*') || corsOrigins.includes(origin)) return true
  return host !== undefined && URL.parse(origin)?.host === host
}

/** The address that a request comes from: the peer's, or what a trusted proxy says. */
export function addressReader(trustProxy: readonly string[]): (request: IncomingMessage) => string {
  if (trustProxy.length === 0) return request => request.socket.remoteAddress ?? ''
  const trusted = proxyAddr.compile([...trustProxy])
  return request => proxyAddr(request, trusted)
}

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID()
}

/** Answers an upgrade with a plain refusal. */
export function refuseUpgrade(socket: Duplex, error: AppError): void {
  const body = JSON.stringify({ errors: [graphQLError(error)] })
  const headers = {
    ...errorHeaders(error),
    connection: 'close',
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${error.status} Refused\r\n${lines.join('')}\r\n${body}`)
  socket.once('finish', () => socket.destroy())
}
