import type { PageArguments } from '../../../platform/db/keyset.ts'
import type { Connection } from '../../../platform/graphql/connection.ts'
import type { Idempotency } from '../../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../../platform/idempotency/keyed-request.ts'
import { onlyOnce } from '../../../platform/idempotency/once.ts'
import { checkScopes } from '../new-key.ts'
import { authorizeAdmin, authorizeGrant } from '../policy.ts'
import { hasScope, type Viewer } from '../viewer.ts'
import { applicationNotFound } from './application.errors.ts'
import {
  type ApplicationRow,
  type ApplicationService,
  MEDIA_SCOPES,
  type NewApplication,
} from './application.service.ts'

/** What an administrator may ask for: the id is always a random one, since ids are unique over all accounts. */
export type RequestedApplication = Omit<NewApplication, 'accountId' | 'id'>

/** The applications of the viewer's own account, for who has the scope admin; those of another one are not there. */
export class ApplicationAdmin {
  constructor(
    private readonly deps: {
      readonly applications: ApplicationService
      readonly idempotency: Pick<Idempotency, 'once'>
    },
  ) {}

  /** Throws FORBIDDEN when a scope is asked for that the viewer lacks; without any, the viewer's own for media are given. */
  async create(viewer: Viewer, request: RequestedApplication, keyed?: KeyedRequest): Promise<ApplicationRow> {
    const principal = authorizeAdmin(viewer)
    const scopes = request.scopes ?? MEDIA_SCOPES.filter(scope => hasScope(principal, scope))
    checkScopes(scopes)
    authorizeGrant(principal, scopes)
    const { applications, idempotency } = this.deps
    const once = idempotency.once(principal, keyed)
    const { name, publicKey } = request
    return onlyOnce(once, {
      create: () => applications.create({ name, publicKey, accountId: principal.accountId, scopes }, once),
      again: id => applications.get(id),
    })
  }

  async revoke(viewer: Viewer, id: string): Promise<ApplicationRow> {
    const { accountId } = authorizeAdmin(viewer)
    const application = await this.deps.applications.get(id)
    if (application.accountId !== accountId) throw applicationNotFound()
    return this.deps.applications.revoke(id)
  }

  async list(viewer: Viewer, page: PageArguments): Promise<Connection<ApplicationRow>> {
    return this.deps.applications.list(authorizeAdmin(viewer).accountId, page)
  }
}
