import { Command } from 'commander'
import type { AccountFigures } from '../../features/blobs/quotas.ts'
import type { QuotaSetting } from '../../features/usage/usage.service.ts'
import { quota } from './arguments.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import { withMigratedApp } from './with-app.ts'

interface QuotaOptions {
  readonly bytes?: QuotaSetting
  readonly items?: QuotaSetting
  readonly json?: boolean
}

const lines = ({ bytes, items }: AccountFigures): string[] => [
  `${bytes.used} bytes of ${bytes.limit ?? 'any number'}, ${bytes.reserved} held for uploads`,
  `${items.used} media of ${items.limit ?? 'any number'}`,
]

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
      const [accounts, usage] = await withMigratedApp(terminal, async app => [
        await app.accounts.list(),
        new Map((await app.usage.all()).map(({ account, ...each }) => [account, each])),
      ])
      if (json)
        terminal.print(
          JSON.stringify(accounts.map(each => ({ ...each, ...usage.get(each.id), name: each.name }))),
        )
      else
        for (const { id, name } of accounts) {
          const figures = usage.get(id)
          if (figures) terminal.print([id, name, ...lines(figures)].join('\t'))
        }
    })
  account
    .command('quota')
    .description('Says what an account uses and may, and sets what it may. Nothing is removed for it.')
    .argument('<account>', 'its id')
    .option('--bytes <size>', 'most bytes: 5GB, 10GiB, none, or default for QUOTA_BYTES', quota.bytes)
    .option(
      '--items <number>',
      'most media, those in the trash included; none, or default for QUOTA_ITEMS',
      quota.items,
    )
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json, ...quotas }: QuotaOptions) => {
      const figures = await withMigratedApp(terminal, app => app.usage.setQuotas(id, quotas))
      if (json) terminal.print(JSON.stringify({ account: id, ...figures }))
      else for (const line of lines(figures)) terminal.print(line)
    })
  return account
}
