import { recordChange } from '../../platform/audit/trail.ts'
import type { Database } from '../../platform/db/database.ts'
import { unknownAccount } from '../access/access.errors.ts'
import { type AccountFigures, asParameter, figuresOf, limitOf, type Quotas } from '../blobs/quotas.ts'

/** A quota as it is set: so many, any number, or what the configuration says. */
export type QuotaSetting = number | 'none' | 'default'

export interface AccountUsage extends AccountFigures {
  readonly account: string
  readonly name: string
}

const COLUMNS = { bytes: 'quota_bytes', items: 'quota_items' } as const
const VALUES = { none: -1, default: null } as const

/** What accounts use and may have. */
export class UsageService {
  constructor(
    private readonly deps: { readonly database: Database; readonly quotas: Pick<Quotas, 'defaults'> },
  ) {}

  /** Null where there is no such account. */
  of(accountId: string): Promise<AccountFigures | null> {
    return figuresOf(this.deps.database, accountId, this.deps.quotas.defaults)
  }

  /** Of all accounts, by their ids. */
  async all(): Promise<AccountUsage[]> {
    const { bytes, items } = this.deps.quotas.defaults
    const rows = await this.deps.database.query<
      Record<'account' | 'name', string> &
        Record<'bytes' | 'reserved' | 'items', number> &
        Record<'mostBytes' | 'mostItems', number | null>
    >(
      `SELECT a.id AS account, a.name, a.used_bytes::float8 AS bytes, a.reserved_bytes::float8 AS reserved,
              a.used_items::float8 AS items, ${limitOf('bytes', '$1')}::float8 AS "mostBytes", ${limitOf('items', '$2')}::float8 AS "mostItems"
       FROM account a ORDER BY a.id`,
      [asParameter(bytes), asParameter(items)],
    )
    return rows.map(row => ({
      account: row.account,
      name: row.name,
      bytes: { used: row.bytes, reserved: row.reserved, limit: row.mostBytes },
      items: { used: row.items, limit: row.mostItems },
    }))
  }

  /**
   * Sets the quotas that are given, and gives the account's figures then. A quota below what is used removes nothing: it takes in
   * nothing more. Uploads that are under way keep what is held for them. Throws UNKNOWN_ACCOUNT.
   */
  async setQuotas(
    accountId: string,
    quotas: { readonly bytes?: QuotaSetting; readonly items?: QuotaSetting },
  ): Promise<AccountFigures> {
    await this.deps.database.transaction(async tx => {
      const [account] = await tx.query('SELECT 1 FROM account WHERE id = $1 FOR NO KEY UPDATE', [accountId])
      if (!account) throw unknownAccount(accountId)
      for (const kind of ['bytes', 'items'] as const) {
        const quota = quotas[kind]
        if (quota === undefined) continue
        await tx.query(`UPDATE account SET ${COLUMNS[kind]} = $2 WHERE id = $1`, [
          accountId,
          typeof quota === 'number' ? quota : VALUES[quota],
        ])
      }
      if (quotas.bytes !== undefined || quotas.items !== undefined)
        await recordChange(tx, {
          accountId,
          action: 'account.quotaSet',
          subjectId: null,
          details: { ...quotas },
        })
    })
    return (await this.of(accountId)) as AccountFigures
  }
}
