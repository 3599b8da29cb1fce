import { Command } from 'commander'
import type { Foreseen } from '../../features/retention/expiry/rule-foresight.ts'
import { timeOrDuration } from './arguments.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import type { Terminal } from './terminal.ts'
import { withMigratedApp } from './with-app.ts'

interface Options {
  readonly account?: string
  readonly until?: Date
  readonly json?: boolean
}

export const retentionCommand: MakeCommand = terminal => {
  const retention = new Command('retention').description('Says until when media are kept.')
  retention
    .command('preview')
    .description(
      'Says what will go by the rules of this environment (RETENTION_RULES), by the word of people, and from the trash; changes nothing.',
    )
    .option('--account <id>', 'of one account; without it of all')
    .option('--until <when>', 'what goes until 2026-01-31T12:00:00Z, or within 12h, 30d', timeOrDuration)
    .option('--json', 'answer in JSON')
    .action(async ({ account: accountId, until, json }: Options) => {
      const seen = await withMigratedApp(terminal, async app => {
        if (accountId !== undefined) await app.accounts.demand(accountId)
        return app.foresight.look({ accountId, until })
      })
      if (json) terminal.print(JSON.stringify(seen))
      else tell(terminal, seen)
    })
  return retention
}

function tell(terminal: Terminal, { groups, changed }: Foreseen): void {
  const sum = (part: 'count' | 'due' | 'held') => groups.reduce((total, group) => total + group[part], 0)
  terminal.print(
    `${sum('count')} media will go: ${sum('due')} at the next sweep; legal holds keep ${sum('held')}. The rules give ${changed} media another end than they have.`,
  )
  for (const { by, end, count, due, held, first } of groups)
    terminal.print(
      `${by}\t${end === 'trash' ? 'into the trash' : 'for good'}\t${count} media\t${due} due\t${held} held\tfirst ${first.toISOString()}`,
    )
}
