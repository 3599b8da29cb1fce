import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import processRequest from 'graphql-upload/processRequest.mjs'
import { commonErrors } from '../../platform/errors.ts'
import { httpErrors } from '../http/render-error.ts'
import { gatheredBody } from './gathered-body.ts'

export interface MultipartLimits {
  /** Largest file in bytes. */
  readonly maxFileBytes: number
  readonly maxFiles: number
}

export const isMultipart = (request: FastifyRequest) =>
  /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')

/**
 * Takes GraphQL multipart requests in this scope (graphql-multipart-request-spec). What could be a form of another site must
 * have been refused by its headers: the parser asks nobody.
 */
export function acceptMultipart(scope: FastifyInstance, limits: MultipartLimits): void {
  // Left unread here: the parser takes the raw request once it is known to be wanted.
  scope.addContentTypeParser('multipart/form-data', (_request, _payload, done) => done(null))
  scope.addHook('preValidation', async (request, reply) => {
    if (!isMultipart(request)) return
    // Of the request, the parser uses what this stream has: its headers and its body.
    const body = gatheredBody(request.raw) as unknown as IncomingMessage
    request.body = await processRequest(body, reply.raw, {
      // The parser refuses a file of exactly its limit.
      maxFileSize: limits.maxFileBytes + 1,
      maxFiles: limits.maxFiles,
    }).catch(error => {
      throw multipartError(error)
    })
  })
}

/** The parser's refusals are the client's to mend; what else fails in it is ours. */
function multipartError(error: unknown): unknown {
  const { status, message, code } = error as { status?: unknown; message?: unknown; code?: unknown }
  if (status === 413) return httpErrors.PAYLOAD_TOO_LARGE(String(message))
  const isOurs = typeof code === 'string' && /^E[A-Z]+$/.test(code) && status === undefined
  return isOurs
    ? error
    : commonErrors.BAD_REQUEST(`The multipart request cannot be read: ${String(message)}`, { cause: error })
}
