import type { Database } from '../../src/platform/db/database.ts'

/** The statements that the pool runs while `work` does, in their order; those of transactions are not among them. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const { pool } = database
  const seen: string[] = []
  const run = pool.query
  const listen = (...args: unknown[]) => {
    if (typeof args[0] === 'string') seen.push(args[0])
    return (run as (...args: unknown[]) => unknown).apply(pool, args)
  }
  pool.query = listen as typeof run
  try {
    await work()
  } finally {
    pool.query = run
  }
  return seen
}
