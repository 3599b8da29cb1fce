import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { CommitUnknownError, databaseError } from '../../platform/db/pg-errors.ts'
import { AppError, commonErrors, defineErrors } from '../../platform/errors.ts'

export const httpErrors = defineErrors({
  METHOD_NOT_ALLOWED: {
    status: 405,
    meaning: 'This path does not take the method; Allow names those that it takes.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    meaning: 'The Accept header takes none of the types that this path answers in.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, meaning: 'The body of the request is larger than this path takes.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, meaning: 'The body has a type that this path does not take.' },
})

const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
}

/** What a client is told of any failure; unknown ones become INTERNAL, and their text stays in the log. */
export function publicError(error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof CommitUnknownError) return databaseError(error) as AppError
  const { statusCode, message } = error as Partial<FastifyError>
  // The framework's own refusals: body too large, wrong media type, malformed URL.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new AppError(
      { code: FRAMEWORK_CODES[statusCode] ?? 'BAD_REQUEST', status: statusCode },
      message ?? 'Bad request.',
    )
  }
  return commonErrors.INTERNAL('The gateway failed. Quote the request id when you report it.', {
    cause: error,
  })
}

/** The headers that belong to a refusal, whatever the form of its body. */
export function errorHeaders(error: AppError): Record<string, string> {
  return {
    'cache-control': 'no-store',
    ...(error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) }),
    ...(error.status === 401
      ? { 'www-authenticate': 'Bearer realm="media-gateway", Basic realm="media-gateway"' }
      : {}),
  }
}

/** The error as the client of this request is told it; the log is told all of it. */
export function toldError(error: unknown, request: FastifyRequest): AppError {
  const shown = publicError(error)
  if (shown.status >= 500) request.log.error({ err: error }, shown.code)
  else request.log.debug({ code: shown.code }, shown.publicMessage)
  return shown
}

/** The one translator from errors to HTTP answers of ours: `{ error: { code, message, field, details, requestId } }`. */
export function renderError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const shown = toldError(error, request)
  reply.code(shown.status).headers(errorHeaders(shown)).type('application/json; charset=utf-8')
  reply.send({
    error: {
      code: shown.code,
      message: shown.publicMessage,
      field: shown.field,
      details: shown.details,
      requestId: request.id,
    },
  })
}
