import type { FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { AppError } from '../../platform/errors.ts'
import { errorHeaders, publicError } from '../http/render-error.ts'
import { currentRequestId } from '../http/request-scope.ts'

/** An AppError as the GraphQL boundary shows it. */
export function graphQLError(error: AppError): GraphQLFormattedError {
  const { code, field, details, publicMessage } = error
  return {
    message: publicMessage,
    extensions: {
      code,
      requestId: currentRequestId(),
      ...(field ? { field: [...field] } : {}),
      ...(details ? { details } : {}),
    },
  }
}

/** What was thrown in the first place, below the wrappers of graphql-js and Apollo. */
export function thrown(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? thrown(error.originalError) : error
}

/**
 * The one translator from errors to GraphQL: message, path and locations, `extensions.code`, and for ours `field` and
 * `details`. What graphql-js and Apollo say of a malformed request stays; everything else that is unknown becomes INTERNAL.
 */
export function formatGraphQLError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = thrown(error)
  const code = formatted.extensions?.code
  if (!(cause instanceof AppError) && code !== undefined && code !== 'INTERNAL_SERVER_ERROR') {
    return { ...formatted, extensions: { code, requestId: currentRequestId() } }
  }
  const { path, locations } = formatted
  return {
    ...graphQLError(publicError(cause)),
    ...(path ? { path } : {}),
    ...(locations ? { locations } : {}),
  }
}

/** Answers a request that never came as far as GraphQL in the form of GraphQL. */
export function sendGraphQLError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const shown = publicError(error)
  if (shown.status >= 500) request.log.error({ err: error }, shown.code)
  reply
    .code(shown.status)
    .headers(errorHeaders(shown))
    .send({ errors: [graphQLError(shown)] })
}
