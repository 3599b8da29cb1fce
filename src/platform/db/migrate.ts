import { Logger, runMigrations } from 'graphile-worker'
import type { Database } from './database.ts'

/** Rejects with what to do when the schema is not that of this version. */
export async function requireSchema(database: Database): Promise<void> {
  if (await database.source.showMigrations()) {
    throw new Error(
      'The database has no schema of this version yet: run "media-gateway migrate", or start the gateway once.',
    )
  }
}

/** Any number will do, as long as every version of the gateway uses the same. */
const LOCK = 7_308_332_184

/**
 * Brings the schema to this version's state; does nothing when it is there. One node at a time: the others wait for the
 * advisory lock, which a killed node releases with its connection. Each migration is one transaction, so that a kill at
 * any statement leaves the schema before it or after it.
 */
export async function migrate(database: Database): Promise<{ applied: string[] }> {
  const lock = await database.pool.connect()
  try {
    await lock.query('BEGIN')
    await lock.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    const done = await database.source.runMigrations({ transaction: 'each' })
    await runMigrations({ pgPool: database.pool, logger: new Logger(() => () => undefined) })
    await lock.query('COMMIT')
    return { applied: done.map(migration => migration.name) }
  } finally {
    lock.release(true)
  }
}
