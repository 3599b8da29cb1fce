import DataLoader from 'dataloader'
import type { Sql } from '../../platform/db/database.ts'

export interface OwnerRow {
  /** The id by which the account's own systems know the owner. */
  readonly id: string
  readonly name: string
}

export type OwnerLoader = DataLoader<string, OwnerRow | null>

/** Loads the owners of one request's media in one query. */
export function ownerLoader(database: Sql): OwnerLoader {
  return new DataLoader(async ids => {
    const rows = await database.query<OwnerRow & { key: string }>(
      `SELECT id AS key, external_id AS id, name FROM owner WHERE id = ANY ($1)`,
      [ids],
    )
    const byKey = new Map(rows.map(({ key, ...owner }) => [key, owner]))
    return ids.map(id => byKey.get(id) ?? null)
  })
}
