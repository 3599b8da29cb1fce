import type { App } from '../../app.ts'
import type { Terminal } from './terminal.ts'

interface WithAppOptions {
  readonly anySchema?: boolean
}

/** The gateway's modules, which take a second: who asks for help, or has mistyped, need not wait for them. */
const session = () => import('./app-session.ts')

/**
 * Runs a command on the whole gateway, also beside a running one, and closes it afterwards; logs go to standard error.
 * Rejects before the work when the database is not of this version, unless the work is to make it so.
 */
export const withApp = async <T>(
  terminal: Terminal,
  work: (app: App) => Promise<T>,
  options: WithAppOptions = {},
): Promise<T> => (await session()).withApp(terminal, work, options)

/** As `withApp`, and also ahead of the first `serve`: the schema is there. */
export const withMigratedApp = async <T>(terminal: Terminal, work: (app: App) => Promise<T>): Promise<T> =>
  (await session()).withMigratedApp(terminal, work)
