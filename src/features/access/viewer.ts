import type { Acl } from './acl.ts'
import { ALL_SCOPES, type Scope } from './scopes.ts'

/** Nobody in particular: a request without a credential. */
export interface Anonymous {
  readonly kind: 'anonymous'
}

/** Who a credential stands for. */
export interface Principal {
  readonly kind: 'principal'
  readonly accountId: string
  /** Names the credential in logs, audit and idempotency keys: `key:k1`, `application:a1`, `issuer:name/subject`. Never a secret. */
  readonly name: string
  readonly scopes: ReadonlySet<string>
  /** For whom it acts; then it reaches what is this owner's and its groups' alone, unless it is an admin. */
  readonly ownerId: string | null
  readonly groupIds: readonly string[]
  /** The application of a JWT; what it uploads belongs to it. */
  readonly applicationId: string | null
  /** What a JWT's `acl.paths` leave of it; null = everything. */
  readonly acl: Acl | null
}

/** Who asks: a pure value, made once a request. */
export type Viewer = Anonymous | Principal

export const anonymous: Anonymous = { kind: 'anonymous' }

export const hasScope = (viewer: Principal, scope: Scope): boolean =>
  viewer.scopes.has(scope) || viewer.scopes.has(ALL_SCOPES)
