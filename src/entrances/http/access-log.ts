import type { FastifyRequest } from 'fastify'
import type { OperationDefinitionNode } from 'graphql'
import type { Logger } from 'pino'
import type { Viewer } from '../../features/access/viewer.ts'
import { currentSpan } from '../../platform/tracing/trace.ts'
import type { Answered } from './answered.ts'
import type { AccessLogMode } from './http.config.ts'
import { viewerOf } from './request-viewer.ts'

/** Names of browsers and of operations are shorter; what is longer says nothing more. */
const LONGEST_AGENT = 200
const LONGEST_NAME = 100

/** What became of a GraphQL operation: `refused` for an error that is the client's, `failed` for one that is ours. */
export type OperationOutcome = 'ok' | 'refused' | 'failed'

/** The operation that a request asked for; `none` where the request did not come so far as to have one. */
export interface OperationNote {
  type: 'query' | 'mutation' | 'subscription' | 'none'
  /** As the client calls it: a name of GraphQL, of a bounded length. */
  name: string | undefined
  outcome: OperationOutcome
}

/** Of a request that has just come. */
export const unknownOperation = (): OperationNote => ({ type: 'none', name: undefined, outcome: 'ok' })

/** What is known as soon as the document is read. */
export const namedOperation = (operation: OperationDefinitionNode | null | undefined) =>
  operation && { type: operation.operation, name: operation.name?.value.slice(0, LONGEST_NAME) }

const operations = new WeakMap<FastifyRequest, OperationNote>()

/** Has the access log tell of the operation, as it is when the request is over. */
export const noteOperation = (request: FastifyRequest, note: OperationNote): void => {
  operations.set(request, note)
}

/**
 * One line for each request that is over. Never a path, a query or a header beside the user agent: ids, signatures, tokens of share links
 * and names of files stand there.
 */
export function accessLog(logger: Logger, mode: AccessLogMode): (answered: Answered) => void {
  if (mode === 'off') return () => undefined
  // Nothing of what it says of a request could be a secret: there is nothing to look for.
  const log = logger.child({}, { redact: [] })
  return answered => {
    const { request, method, route, status, isCut, seconds, bytesIn, bytesOut } = answered
    const operation = operations.get(request)
    if (mode === 'errors' && !isError(answered, operation)) return
    log.info(
      {
        requestId: request.id,
        traceId: currentSpan()?.traceId,
        method,
        route,
        status,
        ...(isCut ? { cut: true } : {}),
        ms: Math.round(seconds * 1000),
        bytesIn,
        bytesOut,
        ...whoIs(viewerOf(request)),
        client: request.ip,
        agent: request.headers['user-agent']?.slice(0, LONGEST_AGENT),
        operation,
      },
      'request',
    )
  }
}

/** Who asked, as logs name them; nothing of somebody without a credential. */
export const whoIs = (viewer: Viewer): { readonly account?: string; readonly principal?: string } =>
  viewer.kind === 'principal' ? { account: viewer.accountId, principal: viewer.name } : {}

const isError = ({ status, isCut }: Answered, operation: OperationNote | undefined): boolean =>
  isCut || status === null || status >= 400 || (operation !== undefined && operation.outcome !== 'ok')
