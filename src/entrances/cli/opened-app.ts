import { userInfo } from 'node:os'
import type { DestinationStream } from 'pino'
import { type App, createApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { actingAs, operatorActor } from '../../platform/audit/actor.ts'
import type { Terminal } from './terminal.ts'

/** The whole gateway for a command, which closes it; logs go to standard error. */
export function openApp({ env, printError, useTempFolder }: Terminal): Promise<App> {
  const logTo: DestinationStream = { write: line => printError(line.trimEnd()) }
  return createApp(loadConfig(env), { logTo, useTempFolder, notice: printError })
}

/** Does the work in the name of who gives the command. */
export const asOperator = <T>(work: () => Promise<T>): Promise<T> => actingAs(operatorActor(userName()), work)

/** Who gives the command, as the system knows them; in a container there may be a number alone. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
