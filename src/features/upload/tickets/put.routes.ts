import type { FastifyPluginAsync } from 'fastify'
import { fileNameOf } from '../../../platform/lib/content-disposition.ts'
import { leaveBodiesUnread, wholeBody } from '../whole-body.ts'
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
    leaveBodiesUnread(fastify)
    fastify.put<{ Params: { ticket: string } }>(`${UPLOADS}/tickets/:ticket`, async (request, reply) => {
      const ticket = await deps.tickets.ofUrl(request.params.ticket)
      const { headers } = request
      const whole = wholeBody(request)
      const { onChunk, verify } = digestCheck([headers['content-digest'], headers['repr-digest']])
      const { size, sha256 } = await deps.bytes.store(ticket, {
        ...whole,
        fileName: fileNameOf(headers['content-disposition'] ?? ''),
        onChunk,
        verify,
      })
      return reply.code(201).send({ id: ticket.id, size, sha256 })
    })
  }
}
