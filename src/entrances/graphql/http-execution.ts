import {
  type ApolloServer,
  HeaderMap,
  type HTTPGraphQLRequest,
  type HTTPGraphQLResponse,
} from '@apollo/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Deadline } from '../../platform/db/deadline.ts'
import { commonErrors } from '../../platform/errors.ts'
import { noteOperation, unknownOperation } from '../http/access-log.ts'
import type { GraphQLContext } from './apollo.ts'
import type { Documents, ResolvedDocument } from './documents.ts'
import { isMultipart } from './multipart.ts'
import { type OperationObserver, observed } from './observed-operation.ts'
import { type OperationRequest, requestTooLarge } from './request-limits.ts'

export interface ExecutionDeps {
  readonly apollo: ApolloServer<GraphQLContext>
  readonly documents: Pick<Documents, 'resolve'>
  readonly operationSeconds: number
  readonly onOperation: OperationObserver
}

type Parameters = Record<string, unknown>

/**
 * Hands requests to Apollo Server: the document that they name, if they are not too large, and within the deadline. A request
 * that brings files has none: its time is the client's, which is cut when it stalls.
 */
export function executeRequest({ apollo, documents, operationSeconds, onOperation }: ExecutionDeps) {
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    context: () => GraphQLContext,
  ): Promise<string> => {
    const operation = unknownOperation()
    noteOperation(request, operation)
    return observed(operation, onOperation, async () => {
      const httpGraphQLRequest = resolved(request, documents)
      const execute = () =>
        apollo.executeHTTPGraphQLRequest({
          httpGraphQLRequest,
          context: async () => ({ ...context(), operation }),
        })
      const answer = isMultipart(request) ? await execute() : await Deadline.within(operationSeconds, execute)
      return send(answer, reply)
    })
  }
}

function send({ status, headers, body }: HTTPGraphQLResponse, reply: FastifyReply): string {
  // Incremental delivery needs directives that the schema does not have.
  if (body.kind !== 'complete') throw new Error('an answer in parts')
  for (const [name, value] of headers) reply.header(name, value)
  reply.code(status ?? 200)
  return body.string
}

/** The request as Apollo takes it, with the text of its document in the place of its id. */
function resolved(request: FastifyRequest, documents: Pick<Documents, 'resolve'>): HTTPGraphQLRequest {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const { method } = request
  const at = request.url.indexOf('?')
  const search = at < 0 ? '' : request.url.slice(at)
  if (method === 'GET') {
    const query = new URLSearchParams(search)
    const parameters = parametersOf(query)
    const changed = withDocument(parameters, documents)
    if (changed === parameters) return { method, headers, search, body: undefined }
    for (const name of ['query', 'extensions']) {
      const value = changed[name]
      if (value === undefined) query.delete(name)
      else query.set(name, typeof value === 'string' ? value : JSON.stringify(value))
    }
    return { method, headers, search: `?${query}`, body: undefined }
  }
  const { body } = request
  if (Array.isArray(body))
    throw commonErrors.BAD_REQUEST(
      'Batches are not taken: send one operation a request; a document may have many fields.',
    )
  // What else is no object, Apollo refuses.
  if (typeof body !== 'object' || body === null) return { method, headers, search: '', body }
  return { method, headers, search: '', body: withDocument(body as Parameters, documents) }
}

/** Parameters of a GET request, parsed as far as they can be; Apollo refuses the others. */
function parametersOf(query: URLSearchParams): Parameters {
  const parameters: Parameters = Object.fromEntries(query)
  for (const name of ['variables', 'extensions']) {
    try {
      if (typeof parameters[name] === 'string') parameters[name] = JSON.parse(parameters[name])
    } catch {
      throw commonErrors.BAD_REQUEST(`The parameter "${name}" is no JSON.`)
    }
  }
  return parameters
}

/** The same parameters, or others that have the document which these name. */
function withDocument(parameters: Parameters, documents: Pick<Documents, 'resolve'>): Parameters {
  // Most requests: a text that no list is asked for.
  const document = documents.resolve(parameters)
  const large = requestTooLarge({ ...parameters, ...document } as OperationRequest)
  if (large) throw large
  return isUnchanged(parameters, document)
    ? parameters
    : { ...parameters, query: document.query, ...withoutHash(parameters.extensions) }
}

const isUnchanged = ({ query, extensions }: Parameters, document: ResolvedDocument): boolean =>
  (query ?? undefined) === document.query &&
  (document.hash !== undefined || (extensions as Parameters | undefined)?.persistedQuery === undefined)

/** The extensions without what named the document, if there are any. */
function withoutHash(extensions: unknown): Parameters {
  if (typeof extensions !== 'object' || extensions === null) return {}
  const { persistedQuery: _named, ...others } = extensions as Parameters
  return { extensions: others }
}
