import type { Environment } from './gateway-process.ts'
import type { Random } from './random.ts'
import type { Site } from './site.ts'

/** What a scenario may use; everything that it opens is closed when it ends, however it ends. */
export interface Lab {
  readonly random: Random
  readonly opened: AsyncDisposableStack
  /** Aborted when the scenario has taken too long. */
  readonly deadline: AbortSignal
  readonly progress: (message: string) => void
  /** An installation of its own. */
  readonly newSite: (environment?: Environment) => Promise<Site>
  /** The URL of an empty database of its own, on a PostgreSQL that all scenarios share. */
  readonly database: () => Promise<string>
}

/** A proof that runs by itself. Rejects when something is not as promised; else gives what it has counted. */
export interface Scenario {
  /** For `--only`. */
  readonly name: string
  /** One sentence: what is broken and what must hold. */
  readonly proves: string
  readonly deadlineSeconds: number
  run(lab: Lab): Promise<Facts>
}

export type Facts = Readonly<Record<string, string | number>>
