import type { FastifyInstance, FastifyRequest } from 'fastify'
import { actorOf } from '../../features/access/actor-of.ts'
import { type OnRefused, type Refused, subjectOf } from '../../platform/audit/attempt.ts'
import { publicError } from './render-error.ts'
import { viewerOf } from './request-viewer.ts'

/** Tells of every error that ends a request, before it is translated, whichever door translates it. */
export function tellRefusals(server: FastifyInstance, onRefused: OnRefused): void {
  server.addHook('onError', (...[request, , error, done]) => {
    onRefused(refusalOf(request, error))
    done()
  })
}

function refusalOf(request: FastifyRequest, error: unknown): Refused {
  const { method, routeOptions, params } = request
  return {
    actor: actorOf(viewerOf(request), request.id),
    // A route, never a path: that may hold a token.
    action: `${method} ${routeOptions.url ?? '(no route)'}`,
    subjectId: subjectOf((params as { id?: unknown } | undefined)?.id),
    error: publicError(error),
  }
}
