import type { Sql } from '../../../platform/db/database.ts'
import { ensureOwner } from '../ensure-owner.ts'
import type { Owners } from './issuer.tokens.ts'

const REMEMBER_AT_MOST = 10_000

/** The owners that tokens speak of: written when one comes for the first time or under a new name, remembered afterwards. */
export class KnownOwners implements Owners {
  readonly #ids = new Map<string, string>()

  constructor(private readonly deps: { readonly database: Sql; readonly newId: () => string }) {}

  async idOf(owner: Parameters<Owners['idOf']>[0]): Promise<string | null> {
    const { accountId, externalId, name } = owner
    const label = JSON.stringify([accountId, externalId, name])
    const known = this.#ids.get(label)
    if (known) return known
    const { database, newId } = this.deps
    const accounts = await database.query('SELECT 1 FROM account WHERE id = $1', [accountId])
    if (accounts.length === 0) return null
    const id = await ensureOwner(database, { newId: newId(), accountId, externalId, name })
    if (this.#ids.size >= REMEMBER_AT_MOST) this.#ids.clear()
    this.#ids.set(label, id)
    return id
  }
}
