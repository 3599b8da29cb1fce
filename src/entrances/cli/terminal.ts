import type { Environment } from '../../platform/config.ts'

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
