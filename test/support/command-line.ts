import { join } from 'node:path'
import { runProgram } from '../../src/entrances/cli/program.ts'
import type { TestApp } from './app.ts'

export interface CommandResult {
  readonly code: number
  /** Standard output; `json()` reads it as what `--json` promises: one value and nothing else. */
  readonly output: string
  readonly errors: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  json(): any
}

/** Runs commands in this process, beside a gateway and on its database. */
export function commandLine(gateway: TestApp, input = '') {
  // A command removes its folder of temporary files when it ends: not that of the gateway in this same process.
  const env = { ...gateway.environment, DATA_DIR: join(gateway.dataDir, 'command-line') }
  return (...args: string[]) => runCommand(args, { env, input })
}

/** Runs one command in this process. */
export async function runCommand(
  args: readonly string[],
  { env, input = '' }: { readonly env: Readonly<Record<string, string>>; readonly input?: string },
): Promise<CommandResult> {
  const output: string[] = []
  const errors: string[] = []
  const code = await runProgram(['node', 'media-gateway', ...args], {
    env,
    print: line => void output.push(line),
    printError: line => void errors.push(line),
    readInput: async () => input,
    useTempFolder: () => undefined,
    onSignal: () => undefined,
    exit: () => undefined,
  })
  const text = output.join('\n')
  return { code, output: text, errors: errors.join('\n'), json: () => JSON.parse(text) }
}
