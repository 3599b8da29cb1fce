import type { FastifyInstance, FastifyRequest } from 'fastify'
import { accessErrors } from '../../features/access/access.errors.ts'

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses what a page of another site makes a browser send with a password that it keeps (RFC 7617). These APIs take forms, which no
 * browser asks leave for (Fetch, 3.3); a token is never added by a browser itself, and so tells that its owner meant it.
 */
export function refuseForeignForms(scope: FastifyInstance, allowed: readonly string[]): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    done(isForeign(request, allowed) ? foreignForm() : undefined)
  })
}

const foreignForm = () =>
  accessErrors.FORBIDDEN(
    'A page of another origin may not send this with a password that the browser keeps. Send a token, or list the origin in CORS_ORIGINS.',
  )

function isForeign({ method, headers, host }: FastifyRequest, allowed: readonly string[]): boolean {
  const { origin, authorization = '' } = headers
  if (SAFE.has(method) || origin === undefined || !/^basic /i.test(authorization)) return false
  return !allowed.includes(origin) && URL.parse(origin)?.host !== host
}
