import type { FastifyReply, FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'
import { commonErrors } from '../../platform/errors.ts'
import { httpErrors } from '../http/render-error.ts'

/** What answers are sent as, the preferred one first (GraphQL over HTTP, Media Types). */
const MEDIA_TYPES = [
  'application/json; charset=utf-8',
  'application/graphql-response+json; charset=utf-8',
] as const

/** Headers that a page of another site cannot send without asking first (CORS preflight). */
const PREFLIGHTED = ['apollo-require-preflight', 'x-apollo-operation-name']
/** Types of bodies that such a page can send without asking. */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']
const TAKEN = ['application/json', 'multipart/form-data']

/** The media type of an answer; JSON, too, where the client takes neither and is told so. */
export function answerType(request: FastifyRequest): (typeof MEDIA_TYPES)[number] {
  return (acceptedType(request) as (typeof MEDIA_TYPES)[number] | undefined) ?? MEDIA_TYPES[0]
}

const acceptedType = (request: FastifyRequest): string | undefined =>
  request.headers.accept === undefined
    ? MEDIA_TYPES[0]
    : new Negotiator(request.raw).mediaType([...MEDIA_TYPES])

/**
 * Refuses what is no GraphQL request by its headers, before its body is read, and so before anything is executed.
 *
 * @throws 405 with Allow, 406, 415, and 400 for what a page of another site could have sent
 */
export function checkHeaders(request: FastifyRequest, reply: FastifyReply): void {
  if (request.method !== 'GET' && request.method !== 'POST') {
    reply.header('allow', 'GET, POST')
    throw httpErrors.METHOD_NOT_ALLOWED('GraphQL takes POST, and GET for queries.')
  }
  if (acceptedType(request) === undefined) {
    throw httpErrors.NOT_ACCEPTABLE(
      'Answers are application/graphql-response+json or application/json; the Accept header takes neither.',
    )
  }
  const type = request.headers['content-type']
  const essence = type?.split(';')[0]?.trim().toLowerCase()
  if (
    (essence === undefined || FORMS.includes(essence)) &&
    !PREFLIGHTED.some(name => request.headers[name])
  ) {
    const body =
      essence === 'multipart/form-data'
        ? 'A multipart request'
        : 'A request without Content-Type: application/json'
    throw commonErrors.BAD_REQUEST(
      `${body} needs the header "Apollo-Require-Preflight: true", so that no page of another site can send it (CSRF).`,
    )
  }
  if (type === undefined || essence === undefined) return
  if (!TAKEN.includes(essence) || (request.method === 'GET' && essence !== 'application/json'))
    throw httpErrors.UNSUPPORTED_MEDIA_TYPE(
      'GraphQL requests are application/json, or multipart/form-data with files.',
    )
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1]
  if (charset && !/^utf-?8$/i.test(charset))
    throw httpErrors.UNSUPPORTED_MEDIA_TYPE('GraphQL requests are UTF-8.')
}
