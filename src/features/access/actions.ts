import type { AclMethod } from './acl.ts'
import type { Scope } from './scopes.ts'

interface ActionKind {
  /** The scope that a credential needs for it. */
  readonly scope: Scope
  /** The request that stands for it before a JWT's ACL, at every door: the paths are those of the Vonage Media API. */
  readonly method: AclMethod
  readonly path: string
}

/** What can be done with media. `read` is all that is said about one, `download` its content. */
export const ACTIONS = {
  list: { scope: 'media:read', method: 'GET', path: '/v3/media' },
  read: { scope: 'media:read', method: 'GET', path: '/v3/media/{id}/info' },
  download: { scope: 'media:read', method: 'GET', path: '/v3/media/{id}' },
  create: { scope: 'media:create', method: 'POST', path: '/v3/media' },
  update: { scope: 'media:update', method: 'PUT', path: '/v3/media/{id}/info' },
  replace: { scope: 'media:update', method: 'PUT', path: '/v3/media/{id}' },
  delete: { scope: 'media:delete', method: 'DELETE', path: '/v3/media/{id}' },
  /** To let it end sooner: what a deletion needs, but no hold forbids it, since a hold keeps what has expired. */
  expire: { scope: 'media:delete', method: 'DELETE', path: '/v3/media/{id}' },
  restore: { scope: 'media:delete', method: 'POST', path: '/v3/media/{id}/restore' },
  hold: { scope: 'admin', method: 'POST', path: '/v3/media/{id}/legal-hold' },
  release: { scope: 'admin', method: 'DELETE', path: '/v3/media/{id}/legal-hold' },
  share: { scope: 'media:share', method: 'POST', path: '/v3/media/{id}/share' },
} as const satisfies Record<string, ActionKind>

export type Action = keyof typeof ACTIONS
