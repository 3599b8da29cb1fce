import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { leaveBodiesUnread } from '../../features/upload/whole-body.ts'
import type { Admission } from '../http/admission.ts'
import { openDoor } from '../http/open-door.ts'
import { errorHeaders, toldError } from '../http/render-error.ts'
import { authenticateRequests } from '../http/request-viewer.ts'
import type { Facade } from './facade.ts'
import type { Mount } from './facades.config.ts'
import { refuseForeignForms } from './foreign-forms.ts'

export interface FacadeDoorDeps {
  readonly admission: Pick<Admission, 'admit'>
  /** Of the gateway itself. */
  readonly publicUrl: () => string
  /** Whose pages may use it as their own do. */
  readonly corsOrigins: readonly string[]
}

/** A facade at its place: it knows who asks, and refuses in its own words. What it is, is told at `/openapi/{name}.json`. */
export function facadeDoor(facade: Facade, mount: Mount, deps: FacadeDoorDeps): FastifyPluginAsync {
  const base = () => baseOf(mount, deps.publicUrl())
  const routes = facade.routes(base)
  const inner = async (scope: FastifyInstance) => {
    if (mount.host !== undefined) answerAt(scope, mount.host)
    scope.setErrorHandler((error, request, reply) => refuse(facade, error, { request, reply }))
    leaveBodiesUnread(scope)
    refuseForeignForms(scope, deps.corsOrigins)
    authenticateRequests(scope, deps.admission)
    await openDoor(scope, routes)
  }
  return async server => {
    await server.register(Object.assign(inner, { [Symbol.for('fastify.display-name')]: facade.name }), {
      prefix: mount.prefix,
    })
    server.get(`/openapi/${facade.name}.json`, () => ({ ...facade.document, servers: [{ url: base() }] }))
  }
}

/** Origin and path ahead of the facade's own paths. */
function baseOf({ host, prefix }: Mount, publicUrl: string): string {
  if (host === undefined) return publicUrl + prefix
  return `${new URL(publicUrl).protocol}//${host}${prefix}`
}

/** Every route of this scope is there at one host alone, whatever its port. */
function answerAt(scope: FastifyInstance, host: string): void {
  const [name = ''] = host.split(':')
  const pattern = new RegExp(`^${name.replaceAll('.', '\\.')}(?::\\d+)?$`, 'i')
  scope.addHook('onRoute', route => {
    route.constraints = { ...route.constraints, host: pattern }
  })
}

function refuse(
  facade: Facade,
  error: unknown,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): void {
  const told = toldError(error, request)
  const { status, body } = facade.refusal(told, request.method)
  reply.code(status).headers(errorHeaders(told)).type('application/json; charset=utf-8').send(body)
}
