import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../../platform/errors.ts'
import { requestBody } from '../../../platform/lib/request-body.ts'
import type { Viewer } from '../../access/viewer.ts'
import { UPLOADS } from '../tickets/ticket-urls.ts'
import { badHeader, tusErrors } from './tus.errors.ts'
import type { TusAsker } from './tus.row.ts'
import type { TusPiece, TusService, TusStatus } from './tus.service.ts'
import {
  announcedChecksum,
  announcedConcatenation,
  announcedLength,
  bytesInHeader,
  CHECKSUM_ALGORITHMS,
  checkVersion,
  TUS_EXTENSIONS,
  TUS_VERSION,
} from './tus-headers.ts'

interface TusRoute {
  Params: { ticket?: string; id: string }
}
type Request = FastifyRequest<TusRoute>

export interface TusRoutesDeps {
  readonly tus: Pick<TusService, 'askerOf' | 'askerOfTicket' | 'create' | 'head' | 'patch' | 'end'>
  readonly viewerOf: (request: FastifyRequest) => Viewer
  readonly publicUrl: () => string
  readonly maxBytes: number
}

/** The body of PATCH, and of a creation with its first bytes. */
const BYTES = 'application/offset+octet-stream'

/** OPTIONS is asked by clients of tus, too, and not only by browsers ahead of another request. */
const ANSWERED_HERE = { cors: { preflightContinue: true, strictPreflight: false } }

/** tus 1.0 at `/uploads` for who has a credential, and at `/uploads/tickets/{ticket}` for who has a ticket. */
export function tusRoutes(deps: TusRoutesDeps): FastifyPluginAsync {
  return async fastify => {
    speakTus(fastify)
    for (const base of [UPLOADS, `${UPLOADS}/tickets/:ticket`]) {
      for (const path of [base, `${base}/:id`])
        fastify.options(path, { config: ANSWERED_HERE }, (_request, reply) => describe(reply, deps.maxBytes))
      fastify.post<TusRoute>(base, (request, reply) => create(deps, request, reply))
      fastify.head<TusRoute>(`${base}/:id`, (request, reply) => head(deps, request, reply))
      fastify.patch<TusRoute>(`${base}/:id`, (request, reply) => patch(deps, request, reply))
      fastify.delete<TusRoute>(`${base}/:id`, (request, reply) => end(deps, request, reply))
      // For clients that can send neither PATCH nor DELETE.
      fastify.post<TusRoute>(`${base}/:id`, (request, reply) => overridden(deps, request, reply))
    }
  }
}

function speakTus(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers()
  // Left unread here: the body goes to the store.
  fastify.addContentTypeParser(BYTES, (_request, _payload, done) => done(null))
  fastify.addHook('onRequest', async request => {
    if (request.method !== 'OPTIONS') checkVersion(request.headers)
  })
  // At the end, so that a refusal by those who are asked before has them, too.
  fastify.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'tus-resumable': TUS_VERSION,
      'tus-version': TUS_VERSION,
      'cache-control': 'no-store',
    })
  })
  const inherited = fastify.errorHandler
  fastify.setErrorHandler((error, request, reply) => inherited.call(fastify, forTus(error), request, reply))
}

/** To a client of tus 409 and 423 say "try again"; of a refusal that stays one, they would be the wrong word. */
function forTus<T>(error: T): T | AppError {
  if (!(error instanceof AppError) || error.status !== 409 || error.code === 'OFFSET_CONFLICT') return error
  const { code, publicMessage, field, details, cause } = error
  return new AppError({ code, status: 422 }, publicMessage, { field, details, cause })
}

function describe(reply: FastifyReply, maxBytes: number) {
  return reply
    .code(204)
    .headers({
      'tus-version': TUS_VERSION,
      'tus-extension': TUS_EXTENSIONS,
      'tus-max-size': String(maxBytes),
      'tus-checksum-algorithm': CHECKSUM_ALGORITHMS.join(','),
    })
    .send()
}

async function create(deps: TusRoutesDeps, request: Request, reply: FastifyReply) {
  const { headers } = request
  const asker = await askerOf(deps, request)
  const concatenation = announcedConcatenation(headers)
  const isFinal = concatenation.kind === 'final'
  if (isFinal && headers['upload-length'] !== undefined)
    throw badHeader('Upload-Length', 'of a final upload is that of its parts')
  const creation = {
    metadata: String(headers['upload-metadata'] ?? ''),
    concatenation,
    length: isFinal ? null : announcedLength(headers),
  }
  const piece = headers['content-type'] === BYTES ? pieceOf(request, 0) : null
  const status = await deps.tus.create(asker, creation, piece)
  const place = `${deps.publicUrl()}${pathOf(request)}/${status.upload.id}`
  return answer(reply, status).code(201).header('location', place).send()
}

async function head(deps: TusRoutesDeps, request: Request, reply: FastifyReply) {
  const status = await deps.tus.head(await askerOf(deps, request), request.params.id)
  const { length, metadata, kind, partIds } = status.upload
  reply.headers(length === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) })
  if (metadata !== '') reply.header('upload-metadata', metadata)
  if (kind === 'partial') reply.header('upload-concat', 'partial')
  if (kind === 'final') {
    const base = `${deps.publicUrl()}${pathOf(request).replace(/\/[^/]+$/, '')}`
    reply.header('upload-concat', `final;${partIds?.map(id => `${base}/${id}`).join(' ')}`)
  }
  return answer(reply, status).code(200).send()
}

async function patch(deps: TusRoutesDeps, request: Request, reply: FastifyReply) {
  if (request.headers['content-type'] !== BYTES) throw tusErrors.NOT_BYTES(`Send the bytes as ${BYTES}.`)
  const offset = bytesInHeader(request.headers, 'Upload-Offset')
  if (offset === undefined) throw badHeader('Upload-Offset', 'is needed')
  const asker = await askerOf(deps, request)
  return answer(reply, await deps.tus.patch(asker, request.params.id, pieceOf(request, offset)))
    .code(204)
    .send()
}

async function end(deps: TusRoutesDeps, request: Request, reply: FastifyReply) {
  await deps.tus.end(await askerOf(deps, request), request.params.id)
  return reply.code(204).send()
}

function overridden(deps: TusRoutesDeps, request: Request, reply: FastifyReply) {
  switch (request.headers['x-http-method-override']) {
    case 'PATCH':
      return patch(deps, request, reply)
    case 'DELETE':
      return end(deps, request, reply)
    default:
      throw badHeader('X-HTTP-Method-Override', 'is PATCH or DELETE')
  }
}

/** Without a query, and without a slash at its end. */
const pathOf = ({ url }: Request): string => (url.split('?', 1)[0] ?? '').replace(/\/+$/, '')

const askerOf = async ({ tus, viewerOf }: TusRoutesDeps, request: Request): Promise<TusAsker> => {
  const { ticket } = request.params
  const viewer = viewerOf(request)
  return ticket === undefined ? tus.askerOf(viewer) : tus.askerOfTicket(viewer, ticket)
}

function pieceOf({ headers, raw }: Request, offset: number): TusPiece {
  return {
    offset,
    length: offset > 0 || raw.method === 'PATCH' ? bytesInHeader(headers, 'Upload-Length') : undefined,
    size: bytesInHeader(headers, 'Content-Length'),
    checksum: announcedChecksum(headers),
    body: requestBody(raw),
  }
}

function answer(reply: FastifyReply, { upload, offset, mediaId }: TusStatus): FastifyReply {
  reply.header('upload-expires', upload.expiresAt.toUTCString())
  if (offset !== null) reply.header('upload-offset', String(offset))
  if (mediaId !== null) reply.header('media-id', mediaId)
  return reply
}
