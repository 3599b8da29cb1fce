import { Command } from 'commander'
import type { App } from '../../app.ts'
import type { Adopted } from '../../features/audit/verify/adoption.ts'
import type { ChainReport } from '../../features/audit/verify/audit-verifier.ts'
import { timeOrDuration } from './arguments.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import { EXIT, type Terminal } from './terminal.ts'
import { withApp } from './with-app.ts'

interface VerifyOptions {
  readonly account?: string
  readonly json?: boolean
}

interface ExportOptions {
  readonly account?: string
  readonly since?: Date
  readonly until?: Date
}

/** Proves the audit log, and gives it out. */
export const auditCommand: MakeCommand = (terminal, done) =>
  new Command('audit')
    .description('The audit log of all accounts: proves that it is whole, and gives it out.')
    .addCommand(verifyCommand(terminal, done))
    .addCommand(exportCommand(terminal))
    .addCommand(sealCommand(terminal))
    .addCommand(adoptCommand(terminal))

const verifyCommand = (terminal: Terminal, done: (code: number) => void): Command =>
  new Command('verify')
    .description(
      'Holds every sealed row against its seal, and the chains against the checkpoints in the store; exit code 3 when something was changed, removed or put in.',
    )
    .option('--account <id>', 'of this account alone')
    .option('--json', 'answer in JSON')
    .action(async ({ account, json }: VerifyOptions) => {
      const chains = await withApp(terminal, async app => {
        await demandKnown(app, account)
        return Array.fromAsync(app.audit.verifier.run(account))
      })
      const isWhole = chains.every(({ findings }) => findings.length === 0)
      if (json) terminal.print(JSON.stringify({ isWhole, chains }))
      else
        terminal.print(
          [...chains.flatMap(inWords), isWhole ? 'The log is whole.' : 'The log is BROKEN.'].join('\n'),
        )
      if (!isWhole) done(EXIT.breach)
    })

/** Of an account that is gone the log may still be there; of one that never was there is nothing to say that it is whole. */
async function demandKnown({ audit, accounts }: App, account: string | undefined): Promise<void> {
  if (account !== undefined && !(await audit.verifier.knows(account))) await accounts.demand(account)
}

const exportCommand = (terminal: Terminal): Command =>
  new Command('export')
    .description('Prints the log as one JSON object a line, oldest first.')
    .option('--account <id>', 'of this account alone')
    .option('--since <when>', 'from this time on: 2026-01-31T12:00:00Z', timeOrDuration)
    .option('--until <when>', 'before this time', timeOrDuration)
    .action(({ account, ...filter }: ExportOptions) =>
      withApp(terminal, async app => {
        await demandKnown(app, account)
        for await (const row of app.audit.log.export(account ?? null, filter))
          terminal.print(JSON.stringify(row))
      }),
    )

const sealCommand = (terminal: Terminal): Command =>
  new Command('seal')
    .description(
      'Seals what is there and writes checkpoints, as `serve` does every minute; for the last state before a backup.',
    )
    .option('--json', 'answer in JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const sealed = await withApp(terminal, app => app.audit.seal())
      terminal.print(json ? JSON.stringify({ sealed }) : `Rows sealed: ${sealed}.`)
    })

const adoptCommand = (terminal: Terminal): Command =>
  new Command('adopt')
    .description(
      'Says that the log goes on from a restored database: gives up the checkpoints that contradict it, by a row of the log that names them.',
    )
    .option('--account <id>', 'of this account alone')
    .option('--json', 'answer in JSON')
    .action(async ({ account, json }: VerifyOptions) => {
      const adopted = await withApp(terminal, async app => {
        await demandKnown(app, account)
        return app.audit.adopt(account)
      })
      const lines = adopted.length === 0 ? ['Nothing contradicts the log.'] : adopted.map(adoptedInWords)
      terminal.print(json ? JSON.stringify({ adopted }) : lines.join('\n'))
    })

const nameOf = (accountId: string) => (accountId === '' ? 'the installation' : `account ${accountId}`)

const adoptedInWords = ({ accountId, checkpoints, missing }: Adopted): string =>
  `${nameOf(accountId)}: ${[
    ...(checkpoints.length > 0 ? [`given up: checkpoints of the rows ${checkpoints.join(', ')}`] : []),
    ...(missing.length > 0 ? [`${missing.length} that the store does not have are missed no more`] : []),
  ].join('; ')}`

function inWords(chain: ChainReport): string[] {
  const { accountId, removedThrough, sealedThrough, verified, unsealed, unsealedSince, findings, givenUp } =
    chain
  const name = nameOf(accountId)
  const base = removedThrough === 0 ? '' : `; rows up to ${removedThrough} were removed by their age`
  const rest = unsealed === 0 ? '' : `; ${unsealed} not yet sealed, since ${unsealedSince?.toISOString()}`
  return [
    `${findings.length === 0 ? 'whole ' : 'BROKEN'} ${name}: ${verified} rows verified, sealed through ${sealedThrough}${base}${rest}`,
    ...findings.map(
      ({ code, number, eventId, message }) =>
        `         ${[code, number === null ? [] : `row ${number}`, eventId ?? []].flat().join(' ')}: ${message}`,
    ),
    ...givenUp.map(
      ({ eventId, number, occurredAt, principal, checkpoints }) =>
        `         given up by ${principal} at ${occurredAt.toISOString()}, row ${number} ${eventId}: checkpoints of the rows ${checkpoints.join(', ')}`,
    ),
  ]
}
