import { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance } from 'fastify'

const current = new AsyncLocalStorage<string>()

/** The id of the request that is being answered, for translators that are not given the request. */
export const currentRequestId = (): string | undefined => current.getStore()

/** Ids that a client may choose. */
export const REQUEST_ID = /^[\w.-]{1,64}$/

/** Does the work as part of the request of this id. */
export const inRequest = <T>(id: string, work: () => T): T => current.run(id, work)

/** Makes the request's id known to all that is done for the requests of this scope. */
export function scopeRequests(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, _reply, done) => current.run(request.id, done))
}
