import type { PageArguments } from '../../platform/db/keyset.ts'
import type { Connection } from '../../platform/graphql/connection.ts'
import type { Idempotency } from '../../platform/idempotency/idempotency.ts'
import type { KeyedRequest } from '../../platform/idempotency/keyed-request.ts'
import { onlyOnce } from '../../platform/idempotency/once.ts'
import { keyNotFound } from './access.errors.ts'
import type { KeyRow } from './key.rows.ts'
import type { IssuedKey, KeyService } from './key.service.ts'
import { checkScopes, type NewKey } from './new-key.ts'
import { authorizeAdmin, authorizeGrant } from './policy.ts'
import type { Principal, Viewer } from './viewer.ts'

/** What an administrator may ask for: the secret is always a random one, the id too, since ids are unique over all accounts. */
export type RequestedKey = Omit<NewKey, 'accountId' | 'id' | 'carriedOver'>

/** The keys of the viewer's own account, for who has the scope admin; those of another one are not there. */
export class KeyAdmin {
  constructor(
    private readonly deps: {
      readonly keys: KeyService
      readonly idempotency: Pick<Idempotency, 'once'>
    },
  ) {}

  async list(viewer: Viewer, page: PageArguments): Promise<Connection<KeyRow>> {
    return this.deps.keys.list(authorizeAdmin(viewer).accountId, page)
  }

  /**
   * Throws FORBIDDEN when a scope is asked for that the viewer lacks. The secret is kept nowhere: asked for once more under the same
   * key, there is the API key without it.
   */
  async create(viewer: Viewer, request: RequestedKey, keyed?: KeyedRequest): Promise<IssuedKey> {
    const principal = authorizeAdmin(viewer)
    checkScopes(request.scopes)
    authorizeGrant(principal, request.scopes)
    const { keys, idempotency } = this.deps
    const once = idempotency.once(principal, keyed)
    return onlyOnce(once, {
      create: () => keys.create({ ...request, accountId: principal.accountId }, once),
      again: async id => ({ key: await keys.get(id), secret: null }),
    })
  }

  /** Throws FORBIDDEN when the key may do what the viewer may not: its secret would give more than the viewer has. */
  async rotate(viewer: Viewer, id: string, keepOldFor?: number): Promise<IssuedKey> {
    const principal = authorizeAdmin(viewer)
    authorizeGrant(principal, (await this.#own(principal, id)).scopes)
    return this.deps.keys.rotate(id, { keepOldFor })
  }

  async revoke(viewer: Viewer, id: string): Promise<KeyRow> {
    await this.#own(authorizeAdmin(viewer), id)
    return this.deps.keys.revoke(id)
  }

  async #own(principal: Principal, id: string): Promise<KeyRow> {
    const key = await this.deps.keys.get(id)
    if (key.accountId !== principal.accountId) throw keyNotFound()
    return key
  }
}
