import { userInfo } from 'node:os'
import type { DestinationStream } from 'pino'
import { type App, createApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { actingAs, operatorActor } from '../../platform/audit/actor.ts'
import { migrate, requireSchema } from '../../platform/db/migrate.ts'
import type { Terminal } from './terminal.ts'

export async function withApp<T>(
  terminal: Terminal,
  work: (app: App) => Promise<T>,
  { anySchema = false } = {},
): Promise<T> {
  const logTo: DestinationStream = { write: line => terminal.printError(line.trimEnd()) }
  const { useTempFolder } = terminal
  const app = await createApp(loadConfig(terminal.env), { logTo, useTempFolder, notice: terminal.printError })
  try {
    if (!anySchema) await requireSchema(app.foundation.database)
    return await actingAs(operatorActor(userName()), () => work(app))
  } finally {
    await app.close()
  }
}

/** Who gives the command, as the system knows them; in a container there may be a number alone. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

export function withMigratedApp<T>(terminal: Terminal, work: (app: App) => Promise<T>): Promise<T> {
  const migrated = async (app: App) => {
    await migrate(app.foundation.database)
    return work(app)
  }
  return withApp(terminal, migrated, { anySchema: true })
}
