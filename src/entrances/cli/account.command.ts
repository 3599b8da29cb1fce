import { Command } from 'commander'
import type { MakeCommand } from './maintenance.commands.ts'
import { withMigratedApp } from './terminal.ts'

export const accountCommand: MakeCommand = terminal => {
  const account = new Command('account').description(
    'Manages accounts: the tenants, of whom none sees another.',
  )
  account
    .command('create')
    .description('Makes an account.')
    .argument('<id>', 'letters, digits, "-" and "_", at most 64')
    .option('--name <name>', 'what to call it; its id without one')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { name, json }: { name?: string; json?: boolean }) => {
      const made = await withMigratedApp(terminal, app => app.accounts.create(id, name))
      terminal.print(json ? JSON.stringify(made) : `The account ${made.id} is there.`)
    })
  account
    .command('list')
    .description('Lists all accounts.')
    .option('--json', 'answer in JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const accounts = await withMigratedApp(terminal, app => app.accounts.list())
      if (json) terminal.print(JSON.stringify(accounts))
      else
        for (const { id, name, usedBytes } of accounts) terminal.print(`${id}\t${name}\t${usedBytes} bytes`)
    })
  return account
}
