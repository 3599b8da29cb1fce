import type { Database } from '../../src/platform/db/database.ts'

export interface SeedOptions {
  readonly count: number
  readonly accountId?: string
  /** SQL for the columns of row `n`, over the defaults below. */
  readonly columns?: Record<string, string>
}

/** Many media without content, in one statement: rows for lists and filters. Columns are SQL expressions over `n`. */
export async function seedMedia(
  database: Database,
  { count, accountId = 'acme', columns = {} }: SeedOptions,
): Promise<string[]> {
  const all: Record<string, string> = {
    id: 'gen_random_uuid()',
    hash: 'gen_random_uuid()',
    account_id: `'${accountId}'`,
    original_file_name: `'file-' || n || '.bin'`,
    kind: `'FILE'`,
    mime_type: `'application/octet-stream'`,
    status: `'PENDING'`,
    store_id: `'default'`,
    ...columns,
  }
  const rows = await database.query<{ id: string }>(
    `INSERT INTO media (${Object.keys(all).join(', ')})
     SELECT ${Object.values(all).join(', ')} FROM generate_series(1, ${count}) AS n RETURNING id`,
  )
  return rows.map(row => row.id)
}
