import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { noCredential } from '../../../features/access/access.errors.ts'
import { noteOperation, unknownOperation } from '../../http/access-log.ts'
import type { Admission } from '../../http/admission.ts'
import { scopeRequests } from '../../http/request-scope.ts'
import { authenticateRequests, viewerOf } from '../../http/request-viewer.ts'
import { sendGraphQLError } from '../graphql-errors.ts'
import { eventStream } from './sse-frames.ts'
import type { Subscribers } from './subscribers.ts'
import type { SubscriptionParams } from './subscription-request.ts'
import type { SubscriptionRunner } from './subscription-runner.ts'

export interface SseDeps {
  readonly admission: Pick<Admission, 'admit'>
  readonly subscribers: Pick<Subscribers, 'open'>
  readonly runner: Pick<SubscriptionRunner, 'start'>
}

/** How long a client may take to read why its subscription has ended. */
const LINGER_MS = 500

/**
 * `POST /graphql/stream`: subscriptions as server-sent events, one a request: "distinct connections mode" of the GraphQL over SSE
 * protocol. The body is JSON, which no form of another site can send unasked.
 */
export function sseRoutes({ admission, subscribers, runner }: SseDeps): FastifyPluginAsync {
  return async scope => {
    scope.setErrorHandler(sendGraphQLError)
    scopeRequests(scope)
    authenticateRequests(scope, admission)
    scope.removeContentTypeParser('text/plain')
    scope.post('/graphql/stream', async (request, reply) => {
      const subscriber = subscribers.open(connecting(request))
      reply.raw.once('close', () => subscriber.end())
      subscriber.ended.addEventListener('abort', () => setTimeout(cut, LINGER_MS, reply.raw).unref())
      // The client may have gone while its credential was looked up.
      if (request.raw.socket.destroyed) subscriber.end()
      const operation = unknownOperation()
      noteOperation(request, operation)
      const started = await runner.start((request.body ?? {}) as SubscriptionParams, subscriber, operation)
      return reply
        .headers({
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          // nginx would keep events back until its buffer is full.
          'x-accel-buffering': 'no',
        })
        .send(Readable.from(eventStream(started), { highWaterMark: 1 }))
    })
  }
}

function cut(response: ServerResponse): void {
  if (!response.writableFinished) response.destroy()
}

function connecting(request: FastifyRequest) {
  const viewer = viewerOf(request)
  const { authorization } = request.headers
  if (viewer.kind === 'anonymous' || authorization === undefined) throw noCredential()
  return { requestId: request.id, log: request.log as Logger, viewer, authorization }
}
