import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { ConfigError } from '../../platform/config.ts'
import { AppError } from '../../platform/errors.ts'
import { accountCommand } from './account.command.ts'
import { applicationCommand } from './application.command.ts'
import { auditCommand } from './audit.command.ts'
import { doctorCommand } from './doctor.command.ts'
import { keyCommand } from './key.command.ts'
import { migrateCommand, reapCommand, schemaCommand } from './maintenance.commands.ts'
import { reprocessCommand } from './reprocess.command.ts'
import { retentionCommand } from './retention.command.ts'
import { serveCommand, workerCommand } from './serve.command.ts'
import { EXIT, type Terminal } from './terminal.ts'

/** As the package says it, beside which the program lies. */
function packageVersion(): string {
  return JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version
}

/** Runs the command line; resolves with the exit code. Every command has `--help`; its answer is on standard output alone. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = EXIT.ok
  const done = (result: number) => {
    code = result
  }
  const program = new Command('media-gateway')
    .description('Takes in, understands, keeps and delivers media files behind a typed GraphQL API.')
    .version(packageVersion(), '--version', 'prints the version')
    .addHelpText(
      'after',
      `\nExit codes: ${Object.entries(EXIT)
        .map(([name, value]) => `${value} ${name}`)
        .join(', ')}.`,
    )
    .addHelpText('after', 'Configuration comes from environment variables; docs/reference.md lists them.')
    .exitOverride()
    .configureOutput({
      writeOut: text => terminal.print(text.trimEnd()),
      writeErr: text => terminal.printError(text.trimEnd()),
    })
  for (const command of [
    serveCommand,
    workerCommand,
    migrateCommand,
    accountCommand,
    keyCommand,
    applicationCommand,
    doctorCommand,
    auditCommand,
    reapCommand,
    reprocessCommand,
    retentionCommand,
    schemaCommand,
  ]) {
    const made = command(terminal, done)
    inherit(made, program)
    program.addCommand(made, { isDefault: command === serveCommand })
  }
  const [name = ''] = argv.slice(2)
  if (
    name !== '' &&
    !name.startsWith('-') &&
    ![...program.commands.map(known => known.name()), 'help'].includes(name)
  ) {
    terminal.printError(`There is no command "${name}". "media-gateway --help" lists those that there are.`)
    return EXIT.usage
  }
  try {
    await program.parseAsync(argv)
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    terminal.printError(error instanceof Error ? error.message : String(error))
    return isMisuse(error) ? EXIT.usage : EXIT.failed
  }
}

/** What commander sets on a command does not reach those below it by itself. */
function inherit(command: Command, parent: Command): void {
  command.exitOverride().copyInheritedSettings(parent)
  for (const child of command.commands) inherit(child, command)
}

/** A value that is not allowed, in the environment or among the arguments. */
const isMisuse = (error: unknown): boolean =>
  error instanceof ConfigError || (error instanceof AppError && [400, 422].includes(error.status))
