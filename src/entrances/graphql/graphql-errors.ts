import type { FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql'
import { AppError } from '../../platform/errors.ts'
import { errorHeaders, publicError } from '../http/render-error.ts'
import { currentRequestId } from '../http/request-scope.ts'
import { answerType } from './http-rules.ts'

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

/** The translator for Apollo Server; without `suggestions` no message names what the schema has and the client did not say. */
export const errorFormat =
  ({ suggestions }: { readonly suggestions: boolean }) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const shown = formatGraphQLError(formatted, error)
    return suggestions ? shown : { ...shown, message: shown.message.replace(/ ?Did you mean .+\?$/s, '') }
  }

/**
 * The one translator from errors to GraphQL: message, path and locations, `extensions.code`, and for ours `field` and
 * `details`. What graphql-js and Apollo say of a malformed request stays; everything else that is unknown becomes INTERNAL.
 */
export function formatGraphQLError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const cause = thrown(error)
  const said = formatted.extensions?.code
  const isKnown = said !== undefined && said !== 'INTERNAL_SERVER_ERROR'
  const code = isKnown ? said : isOfVariables(cause) ? 'BAD_USER_INPUT' : undefined
  if (!(cause instanceof AppError) && code !== undefined) {
    return { ...formatted, extensions: { code, requestId: currentRequestId() } }
  }
  const { path, locations } = formatted
  return {
    ...graphQLError(publicError(cause)),
    ...(path ? { path } : {}),
    ...(locations ? { locations } : {}),
  }
}

/**
 * Whether graphql-js found, only while it executed, that the variables do not fit: null for an argument that has a default but takes no
 * null, told at the argument's value; or more than 50 that do not, told at nothing (graphql-js 16, execution/values.ts). Neither has a
 * code. What it says of our own results is told at the field.
 */
const isOfVariables = (cause: unknown): boolean =>
  cause instanceof GraphQLError &&
  (cause.nodes
    ? cause.nodes.every(({ kind }) => kind !== Kind.FIELD)
    : cause.message.startsWith('Too many errors processing variables'))

/** Answers a request that never came as far as GraphQL in the form of GraphQL. */
export function sendGraphQLError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const shown = publicError(thrown(error))
  if (shown.status >= 500) request.log.error({ err: error }, shown.code)
  reply
    .code(shown.status)
    .headers(errorHeaders(shown))
    .type(answerType(request))
    .send(JSON.stringify({ errors: [graphQLError(shown)] }))
}
