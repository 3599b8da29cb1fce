import type { Sql } from '../../platform/db/database.ts'

/** Stands for the owner of what belongs to nobody in particular; the numbers of owners begin at 1. */
export const NOBODY = 0

/** An owner as systems know them whose users have integer ids. */
export interface NumberedOwner {
  readonly id: number
  readonly name: string
}

/** Whom media belong to, for systems whose users have integer ids. */
export class NumberedOwners {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /**
   * The owners of these ids, in one query. What belongs to nobody in particular is the account's: under the id `NOBODY` and the
   * account's name.
   */
  async of(
    accountId: string,
    ownerIds: readonly (string | null)[],
  ): Promise<ReadonlyMap<string | null, NumberedOwner>> {
    const rows = await this.deps.database.query<NumberedOwner & { key: string | null }>(
      `SELECT o.id AS key, o.number AS id, o.name FROM owner o WHERE o.account_id = $1 AND o.id = ANY ($2::uuid[])
       UNION ALL SELECT NULL, ${NOBODY}, a.name FROM account a WHERE a.id = $1`,
      [accountId, [...new Set(ownerIds.filter(id => id !== null))]],
    )
    return new Map(rows.map(({ key, ...owner }) => [key, owner]))
  }
}
