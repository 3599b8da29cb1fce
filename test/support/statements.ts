import type { Database } from '../../src/platform/db/database.ts'

/** What was asked of PostgreSQL while the work ran, by any connection of the process. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const client = await database.pool.connect()
  const connection: { query(...args: unknown[]): unknown } = Object.getPrototypeOf(client)
  client.release()
  const { query } = connection
  const statements: string[] = []
  connection.query = function counted(...args) {
    statements.push(String((args[0] as { text?: string })?.text ?? args[0]).replace(/\s+/g, ' '))
    return query.apply(this, args)
  }
  try {
    await work()
  } finally {
    connection.query = query
  }
  return statements
}
