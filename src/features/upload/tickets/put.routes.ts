import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { commonErrors } from '../../../platform/errors.ts'
import { fileNameOf } from '../../../platform/lib/content-disposition.ts'
import { requestBody } from '../../../platform/lib/request-body.ts'
import { declaredTypeIn } from '../declared-type.ts'
import { digestCheck } from './digests.ts'
import type { Tickets } from './ticket.service.ts'
import type { TicketBytes } from './ticket-bytes.ts'
import { UPLOADS } from './ticket-urls.ts'

/**
 * `PUT /uploads/tickets/{ticket}`: the bytes of a ticket as the body of one request, with or without Content-Length. They are
 * durable when it answers, with their size and SHA-256. Content-Digest and Repr-Digest are verified (RFC 9530).
 */
export function putRoutes(deps: {
  tickets: Pick<Tickets, 'ofUrl'>
  bytes: Pick<TicketBytes, 'store'>
}): FastifyPluginAsync {
  return async fastify => {
    fastify.removeAllContentTypeParsers()
    // Left unread here: the body goes to the store.
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null))
    fastify.put<{ Params: { ticket: string } }>(`${UPLOADS}/tickets/:ticket`, async (request, reply) => {
      const ticket = await deps.tickets.ofUrl(request.params.ticket)
      const { headers } = request
      refuseParts(request)
      const { onChunk, verify } = digestCheck([headers['content-digest'], headers['repr-digest']])
      const { size, sha256 } = await deps.bytes.store(ticket, {
        body: requestBody(request.raw),
        fileName: fileNameOf(headers['content-disposition'] ?? ''),
        declaredType: declaredTypeIn(headers['content-type']),
        declaredSize: declaredSize(headers['content-length']),
        onChunk,
        verify,
      })
      return reply.code(201).send({ id: ticket.id, size, sha256 })
    })
  }
}

/** A body that is not the whole file as it is (RFC 9110, 14.5 and 8.4). */
function refuseParts({ headers }: FastifyRequest): void {
  if (headers['content-range'] !== undefined)
    throw commonErrors.BAD_REQUEST('PUT takes the whole file. Send pieces of it by tus instead.')
  const coding = headers['content-encoding']?.trim().toLowerCase()
  if (coding && coding !== 'identity')
    throw commonErrors.BAD_REQUEST('Send the file as it is, without Content-Encoding.')
}

const declaredSize = (length: string | undefined): number | undefined =>
  length === undefined ? undefined : Number(length)
