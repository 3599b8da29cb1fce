import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { ApplicationRow } from '../../features/access/jwt/application.service.ts'
import { SCOPES } from '../../features/access/scopes.ts'
import { commaList } from './arguments.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import type { Terminal } from './terminal.ts'
import { withMigratedApp } from './with-app.ts'

interface CreateOptions {
  readonly account: string
  readonly publicKey: string
  readonly id?: string
  readonly name?: string
  readonly scopes?: string[]
  readonly json?: boolean
}

/** Manages the applications of every account; only their public keys are ever seen. */
export const applicationCommand: MakeCommand = terminal =>
  new Command('application')
    .description('Manages applications, which sign their own tokens (JWT).')
    .addCommand(createCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(revokeCommand(terminal))

const createCommand = (terminal: Terminal): Command =>
  new Command('create')
    .description('Registers an application by its public key.')
    .requiredOption('--account <id>', 'whose application it is')
    .requiredOption(
      '--public-key <file>',
      'PEM or JWK: RSA from 2048 bits (RS256), EC on P-256 (ES256), Ed25519 (EdDSA); "-" reads standard input',
    )
    .option('--id <id>', 'what its tokens say in the claim application_id; a new UUID without it')
    .option('--name <name>', 'what to call it')
    .option(
      '--scopes <scopes>',
      `what its tokens may do, parted by commas: ${Object.keys(SCOPES).join(', ')}; all but admin without it`,
      commaList,
    )
    .option('--json', 'answer in JSON')
    .action(async ({ account, publicKey: file, id, name, scopes, json }: CreateOptions) => {
      const publicKey = file === '-' ? await terminal.readInput() : await readFile(file, 'utf8')
      const made = await withMigratedApp(terminal, app =>
        app.applications.create({ accountId: account, id, name, publicKey, scopes }),
      )
      terminal.print(
        json ? JSON.stringify(made) : `The application ${made.id} may sign its tokens by ${made.algorithm}.`,
      )
    })

const listCommand = (terminal: Terminal): Command =>
  new Command('list')
    .description('Lists applications, revoked ones too.')
    .option('--account <id>', 'of this account alone')
    .option('--json', 'answer in JSON')
    .action(async ({ account, json }: { account?: string; json?: boolean }) => {
      const applications = await withMigratedApp(terminal, app => app.applications.all(account))
      if (json) terminal.print(JSON.stringify(applications))
      else for (const application of applications) terminal.print(inWords(application))
    })

const revokeCommand = (terminal: Terminal): Command =>
  new Command('revoke')
    .description('Ends an application for good: its tokens are refused within 5 seconds at every node.')
    .argument('<id>', 'id of the application')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const revoked = await withMigratedApp(terminal, app => app.applications.revoke(id))
      terminal.print(json ? JSON.stringify(revoked) : `The application ${revoked.id} is revoked.`)
    })

function inWords({ id, accountId, name, algorithm, scopes, revokedAt }: ApplicationRow): string {
  const state = revokedAt ? `revoked ${revokedAt.toISOString()}` : 'valid'
  return [id, accountId, name, algorithm, scopes.join(','), state].join('\t')
}
