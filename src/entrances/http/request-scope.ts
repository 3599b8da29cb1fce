import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance } from 'fastify'

const current = new AsyncLocalStorage<string>()

/** The id of the request that is being answered, for translators that are not given the request. */
export const currentRequestId = (): string | undefined => current.getStore()

/** Makes the request's id known to all that is done for the requests of this scope. */
export function scopeRequests(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, _reply, done) => current.run(request.id, done))
}
