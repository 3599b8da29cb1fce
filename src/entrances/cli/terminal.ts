import { userInfo } from 'node:os'
import type { DestinationStream } from 'pino'
import { type App, createApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { actingAs, operatorActor } from '../../platform/audit/actor.ts'
import type { Environment } from '../../platform/config.ts'
import { migrate, requireSchema } from '../../platform/db/migrate.ts'

/** The process as the commands see it. */
export interface Terminal {
  readonly env: Environment
  /** A line of the command's answer. */
  print(text: string): void
  /** A line about how it goes, or why it does not. */
  printError(text: string): void
  /** All of standard input. */
  readInput(): Promise<string>
  useTempFolder(path: string): void
  onSignal(handler: () => void): void
  exit(code: number): void
}

/** What the shell is told. */
export const EXIT = { ok: 0, failed: 1, usage: 2, breach: 3 } as const satisfies Record<string, number>

/**
 * Runs a command on the whole gateway, also beside a running one, and closes it afterwards; logs go to standard error.
 * Rejects before the work when the database is not of this version, unless the work is to make it so.
 */
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

/** As `withApp`, and also ahead of the first `serve`: the schema is there. */
export function withMigratedApp<T>(terminal: Terminal, work: (app: App) => Promise<T>): Promise<T> {
  const migrated = async (app: App) => {
    await migrate(app.foundation.database)
    return work(app)
  }
  return withApp(terminal, migrated, { anySchema: true })
}
