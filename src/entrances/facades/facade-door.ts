import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { authenticated } from '../../features/access/policy.ts'
import { leaveBodiesUnread } from '../../features/upload/whole-body.ts'
import { commonErrors } from '../../platform/errors.ts'
import type { Admission } from '../http/admission.ts'
import { openDoor } from '../http/open-door.ts'
import type { PathOwner } from '../http/path-owners.ts'
import { errorHeaders, httpErrors, toldError } from '../http/render-error.ts'
import { admitRequest, authenticateRequests } from '../http/request-viewer.ts'
import { described } from './described.ts'
import type { Facade } from './facade.ts'
import type { Mount } from './facades.config.ts'
import { refuseForeignForms } from './foreign-forms.ts'
import { OwnPaths } from './own-paths.ts'

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
    answerHead(scope)
    const owner = ownerOf(scope, { facade, mount, deps })
    scope.pathOwners.push(owner)
    scope.setErrorHandler(owner.refuse)
    leaveBodiesUnread(scope)
    refuseForeignForms(scope, deps.corsOrigins)
    authenticateRequests(scope, deps.admission)
    await openDoor(scope, routes)
  }
  return async server => {
    await server.register(Object.assign(inner, { [Symbol.for('fastify.display-name')]: facade.name }), {
      prefix: mount.prefix,
    })
    server.get(`/openapi/${facade.name}.json`, () => described(facade.document, base()))
  }
}

/** Origin and path ahead of the facade's own paths. */
function baseOf({ host, prefix }: Mount, publicUrl: string): string {
  if (host === undefined) return publicUrl + prefix
  return `${new URL(publicUrl).protocol}//${host}${prefix}`
}

/** The Host headers of a host, whatever its port. */
function hostPattern(host: string): RegExp {
  const [name = ''] = host.split(':')
  return new RegExp(`^${name.replaceAll('.', '\\.')}(?::\\d+)?$`, 'i')
}

/** Every route of this scope is there at one host alone. */
function answerAt(scope: FastifyInstance, host: string): void {
  const pattern = hostPattern(host)
  scope.addHook('onRoute', route => {
    route.constraints = { ...route.constraints, host: pattern }
  })
}

/** Whatever can be had can be asked about (RFC 9110, 9.3.2): routes that send content look at the method, of other answers Node leaves the body out. */
function answerHead(scope: FastifyInstance): void {
  scope.addHook('onRoute', route => {
    if (route.method === 'GET') route.method = ['GET', 'HEAD']
  })
}

interface Owned {
  readonly facade: Facade
  readonly mount: Mount
  readonly deps: FacadeDoorDeps
}

/** The facade as the owner of all paths that the routes of this scope come to have. */
function ownerOf(scope: FastifyInstance, { facade, mount, deps }: Owned): PathOwner {
  const paths = new OwnPaths()
  const hosts = mount.host === undefined ? /^/ : hostPattern(mount.host)
  scope.addHook('onRoute', route => paths.add(route))
  return {
    owns: ({ raw }) => hosts.test(raw.headers.host ?? '') && paths.has(pathIn(raw.url)),
    async whyNot(request, reply) {
      const viewer = await admitRequest(deps.admission, request, reply)
      const path = pathIn(request.raw.url)
      if (!paths.isOpen(path)) authenticated(viewer)
      const methods = paths.methodsOf(path).join(', ')
      if (methods === '') return commonErrors.NOT_FOUND('There is nothing at this path.')
      reply.header('allow', methods)
      return httpErrors.METHOD_NOT_ALLOWED(`This path takes ${methods}.`)
    },
    refuse: (error, request, reply) => refuse(facade, error, { request, reply }),
  }
}

/** Without the query. */
const pathIn = (url = ''): string => url.split(/[?#]/, 1)[0] ?? ''

function refuse(
  facade: Facade,
  error: unknown,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): void {
  const told = toldError(error, request)
  const { status, body } = facade.refusal(told, request.method)
  reply.code(status).headers(errorHeaders(told)).type('application/json; charset=utf-8').send(body)
}
