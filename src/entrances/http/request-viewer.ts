import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
} from 'fastify'
import { actorOf } from '../../features/access/actor-of.ts'
import { anonymous, type Viewer } from '../../features/access/viewer.ts'
import { actingAs } from '../../platform/audit/actor.ts'
import type { Admission, Asking } from './admission.ts'
import { openDoor } from './open-door.ts'

const viewers = new WeakMap<FastifyRequest, Viewer>()

/** Who asks; made once a request, before its body is read. */
export const viewerOf = (request: FastifyRequest): Viewer => viewers.get(request) ?? anonymous

/** Finds out who asks; rejects for a bad credential, and for haste. */
export async function admitRequest(
  admission: Pick<Admission, 'admit'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Viewer> {
  const viewer = await admission.admit(askingIn(request), reply)
  viewers.set(request, viewer)
  return viewer
}

/**
 * Admits every request of this scope as soon as its headers are there; a bad credential ends it with 401, haste with 429. What is
 * done for it is done in the name of who asks.
 */
export function authenticateRequests(scope: FastifyInstance, admission: Pick<Admission, 'admit'>): void {
  scope.addHook('onRequest', async (request, reply) => {
    await admitRequest(admission, request, reply)
  })
  const act = (request: FastifyRequest, _: unknown, done: HookHandlerDoneFunction) =>
    actingAs(actorOf(viewerOf(request), request.id), done)
  scope.addHook('onRequest', act)
  // Once more behind the body, whose end is told by the connection.
  scope.addHook('preValidation', act)
}

/** Node keeps the first of several credentials: several are none, whatever is in them. */
function askingIn({ raw, headers, ip }: FastifyRequest): Asking {
  const { authorization } = headers
  if (authorization === undefined) return { headers: {}, ip }
  return { headers: { authorization: isSaidOnce(raw.rawHeaders) ? authorization : SEVERAL }, ip }
}

/** No credential has this form. */
const SEVERAL = ','

/** Names and values in turn, as they came. */
function isSaidOnce(rawHeaders: readonly string[]): boolean {
  let times = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (name.length === 13 && name.toLowerCase() === 'authorization') times += 1
  }
  return times < 2
}

/** Doors that know who asks, and that decide themselves what nobody in particular may have. */
export function authenticatedScope(
  admission: Pick<Admission, 'admit'>,
  doors: readonly FastifyPluginAsync[],
): FastifyPluginAsync {
  return async scope => {
    authenticateRequests(scope, admission)
    for (const door of doors) await openDoor(scope, door)
  }
}
