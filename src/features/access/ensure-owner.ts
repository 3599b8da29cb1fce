/** Where a statement runs: in a transaction or by itself. */
interface Statements {
  query(text: string, values: unknown[]): Promise<unknown>
}

export interface OwnerToKnow {
  /** Given to an owner that is not known yet: a UUID. */
  readonly newId: string
  readonly accountId: string
  /** The id by which the account's own systems know the owner. */
  readonly externalId: string
  /** Null keeps the name that is known; a new owner is then called by its external id. */
  readonly name: string | null
}

/** Makes sure that the account has this owner; gives the owner's UUID. */
export async function ensureOwner(statements: Statements, owner: OwnerToKnow): Promise<string> {
  const rows = (await statements.query(
    `INSERT INTO owner AS known (id, account_id, external_id, name) VALUES ($1, $2, $3, coalesce($4, $3))
     ON CONFLICT (account_id, external_id) DO UPDATE SET name = coalesce($4, known.name) RETURNING id`,
    [owner.newId, owner.accountId, owner.externalId, owner.name],
  )) as { id: string }[]
  return rows[0]?.id as string
}
