import { Command, Option } from 'commander'
import { BACKLOGS, type BacklogName } from '../../features/processing/backlogs.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import { withMigratedApp } from './with-app.ts'

interface Options {
  readonly which: BacklogName
  readonly account?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

const NAMES = Object.keys(BACKLOGS) as BacklogName[]

export const reprocessCommand: MakeCommand = terminal =>
  new Command('reprocess')
    .description(
      'Has media looked at again: facts, pictures, malware. A gateway or a worker does it, behind what has just come.',
    )
    .addOption(
      new Option('--which <media>', NAMES.map(name => `${name}: ${BACKLOGS[name].meaning}`).join('; '))
        .choices(NAMES)
        .default('new'),
    )
    .option('--account <id>', 'of one account; without it of all')
    .option('--dry-run', 'say only how many it would be')
    .option('--json', 'answer in JSON')
    .action(async ({ which, account: accountId, dryRun = false, json }: Options) => {
      const onProgress = (count: number) => json || terminal.printError(`${count} media …`)
      const count = await withMigratedApp(terminal, async app => {
        if (accountId !== undefined) await app.accounts.demand(accountId)
        return app.backlog.begin({ which, accountId, dryRun, onProgress })
      })
      if (json) terminal.print(JSON.stringify({ which, count, dryRun }))
      else terminal.print(dryRun ? `It would be ${count} media.` : `Media to be looked at: ${count}.`)
    })
