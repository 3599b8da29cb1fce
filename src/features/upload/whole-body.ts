import type { FastifyInstance, FastifyRequest } from 'fastify'
import { commonErrors } from '../../platform/errors.ts'
import { requestBody } from '../../platform/lib/request-body.ts'
import { declaredTypeIn } from './declared-type.ts'
import type { Incoming } from './reception.ts'

/**
 * The body of a PUT as the file that it is, with or without Content-Length. Throws BAD_REQUEST for one that is a part of a file, or not
 * the file as it is (RFC 9110, 14.5 and 8.4).
 */
export function wholeBody(request: FastifyRequest): Pick<Incoming, 'body' | 'declaredType' | 'declaredSize'> {
  const { headers } = request
  if (headers['content-range'] !== undefined)
    throw commonErrors.BAD_REQUEST('PUT takes the whole file. Send pieces of it by tus instead.')
  const coding = headers['content-encoding']?.trim().toLowerCase()
  if (coding && coding !== 'identity')
    throw commonErrors.BAD_REQUEST('Send the file as it is, without Content-Encoding.')
  const length = headers['content-length']
  return {
    body: requestBody(request.raw),
    declaredType: declaredTypeIn(headers['content-type']),
    declaredSize: length === undefined ? undefined : Number(length),
  }
}

/**
 * Leaves the bodies of a scope to its routes: they go into the store, or into a form. Fastify would refuse a Content-Type that is
 * none, but it is a hint, for which nobody is refused.
 */
export function leaveBodiesUnread(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  scope.addHook('onRequest', (request, _reply, done) => {
    if (request.mediaType === undefined) delete request.headers['content-type']
    done()
  })
}
