import type { EntityManager } from 'typeorm'
import { recordChange } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'
import { isUniqueViolation } from '../../platform/db/pg-errors.ts'
import { accessErrors, unknownAccount } from './access.errors.ts'
import { Account } from './account.entity.ts'

export interface AccountRow {
  readonly id: string
  readonly name: string
  readonly usedBytes: number
  readonly createdAt: Date
}

/** The tenants of the gateway; only operators make them. */
export class AccountService {
  constructor(private readonly deps: { readonly database: Database }) {}

  /** Throws INVALID_ACCOUNT and ACCOUNT_TAKEN. */
  async create(id: string, name = id): Promise<AccountRow> {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) {
      throw accessErrors.INVALID_ACCOUNT('An account id has 1 to 64 letters, digits, "-" and "_".')
    }
    if (!/^[^\0]{1,200}$/su.test(name)) {
      throw accessErrors.INVALID_ACCOUNT('The name of an account has 1 to 200 characters.')
    }
    return this.deps.database
      .transaction(async tx => {
        const [account] = await tx.query<AccountRow[]>(
          `INSERT INTO account (id, name) VALUES ($1, $2) RETURNING ${COLUMNS}`,
          [id, name],
        )
        await recordChange(tx, { accountId: id, action: 'account.created', subjectId: null })
        return account as AccountRow
      })
      .catch(error => {
        if (!isUniqueViolation(error, 'account_pkey')) throw error
        throw accessErrors.ACCOUNT_TAKEN(`There is an account "${id}" already.`, { cause: error })
      })
  }

  /** Rejects with UNKNOWN_ACCOUNT for an id of which there is none: who has mistyped it shall not be told that there is nothing. */
  async demand(id: string): Promise<void> {
    const [account] = await this.deps.database.query('SELECT 1 FROM account WHERE id = $1', [id])
    if (!account) throw unknownAccount(id)
  }

  async list(): Promise<AccountRow[]> {
    return this.deps.database.query<AccountRow>(`SELECT ${COLUMNS} FROM account ORDER BY id`)
  }
}

const COLUMNS = 'id, name, used_bytes::float8 AS "usedBytes", created_at AS "createdAt"'

/** Makes the account when there is none of this id. */
export async function ensureAccount(tx: EntityManager, id: string): Promise<void> {
  await tx.createQueryBuilder().insert().into(Account).values({ id, name: id }).orIgnore().execute()
}
