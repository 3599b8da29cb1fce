import type { App } from '../../app.ts'
import type { Terminal } from './terminal.ts'

/**
 * Runs a command on the whole gateway, also beside a running one, and closes it afterwards; logs go to standard error.
 * Rejects before the work when the database is not of this version, unless the work is to make it so.
 */
export async function withApp<T>(
  terminal: Terminal,
  work: (app: App) => Promise<T>,
  { anySchema = false } = {},
): Promise<T> {
  // The gateway's modules take a second to load: who asks for help, or has mistyped, need not wait for them.
  const { openApp, asOperator } = await import('./opened-app.ts')
  const { requireSchema } = await import('../../platform/db/migrate.ts')
  const app = await openApp(terminal)
  try {
    if (!anySchema) await requireSchema(app.foundation.database)
    return await asOperator(() => work(app))
  } finally {
    await app.close()
  }
}

/** As `withApp`, and also ahead of the first `serve`: the schema is there. */
export function withMigratedApp<T>(terminal: Terminal, work: (app: App) => Promise<T>): Promise<T> {
  const migrated = async (app: App) => {
    const { migrate } = await import('../../platform/db/migrate.ts')
    await migrate(app.foundation.database)
    return work(app)
  }
  return withApp(terminal, migrated, { anySchema: true })
}
