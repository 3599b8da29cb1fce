import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AppError } from '../../platform/errors.ts'
import { renderError } from './render-error.ts'

/** A door that refuses in a form of its own whatever is asked for below its paths, also where none of its routes has it. */
export interface PathOwner {
  /** Whether the request is for a path below its own; the path may be one that cannot be read. */
  owns(request: FastifyRequest): boolean
  /**
   * Why there is no route for a request that it owns; the headers that belong to that are set. Asked ahead of the body. Rejects for who
   * may not know.
   */
  whyNot(request: FastifyRequest, reply: FastifyReply): Promise<AppError>
  refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Doors add themselves. */
    readonly pathOwners: PathOwner[]
  }
}

/** Of a request that no route has. */
const ownerOf = (request: FastifyRequest): PathOwner | undefined =>
  request.is404 ? request.server.pathOwners.find(owner => owner.owns(request)) : undefined

/** What doors leave to the server, and what is refused ahead of any route: in the form of whoever owns the path, otherwise in ours. */
export function renderRefusal(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const owner = ownerOf(request)
  if (owner) owner.refuse(error, request, reply)
  else renderError(error, request, reply)
}

/** Has owners of paths say what is not there below them; what belongs to nobody goes on to the server's own 404. */
export function askPathOwners(server: FastifyInstance): void {
  server.decorate('pathOwners', [])
  server.addHook('onRequest', (request, reply, done) => {
    const owner = ownerOf(request)
    if (owner) owner.whyNot(request, reply).then(done, done)
    else done()
  })
}
