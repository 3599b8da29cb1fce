import { Command, Option } from 'commander'
import { bearerToken } from '../../features/access/credentials.ts'
import type { KeyRow } from '../../features/access/key.rows.ts'
import type { IssuedKey } from '../../features/access/key.service.ts'
import { type CarriedOver, SHORTEST_TOKEN } from '../../features/access/new-key.ts'
import { ALL_SCOPES, SCOPES } from '../../features/access/scopes.ts'
import { commaList, duration, timeOrDuration } from './arguments.ts'
import type { MakeCommand } from './maintenance.commands.ts'
import type { Terminal } from './terminal.ts'
import { withMigratedApp } from './with-app.ts'

interface CredentialOptions {
  readonly secret?: string
  readonly token?: string
}

interface CreateOptions extends CredentialOptions {
  readonly account: string
  readonly scopes: string[]
  readonly id?: string
  readonly name?: string
  readonly owner?: string
  readonly ownerName?: string
  readonly groups?: string[]
  readonly expires?: Date
  readonly json?: boolean
}

interface RotateOptions extends CredentialOptions {
  readonly keepOldFor?: number
  readonly json?: boolean
}

const SCOPE_HELP = `what it may do, parted by commas: ${[...Object.keys(SCOPES), ALL_SCOPES].join(', ')}`

/** Manages keys of every account; what is shown of a secret is shown once, and on standard output alone. */
export const keyCommand: MakeCommand = terminal =>
  new Command('key')
    .description('Manages API keys, beside a running gateway and without one.')
    .addCommand(createCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(rotateCommand(terminal))
    .addCommand(revokeCommand(terminal))

const createCommand = (terminal: Terminal): Command =>
  withCredential(new Command('create'))
    .description('Makes a key and shows its secret this once; or takes over a credential of another system.')
    .requiredOption('--account <id>', 'whose key it is')
    .requiredOption('--scopes <scopes>', SCOPE_HELP, commaList)
    .option('--id <key>', 'the user name of Basic authentication; a random one without it')
    .option('--name <name>', 'what to call it')
    .option(
      '--owner <id>',
      'for whom it acts, by the id in your own systems: it then reaches their media alone',
    )
    .option('--owner-name <name>', 'what that owner is called')
    .option('--groups <ids>', 'groups whose media the owner may read, parted by commas', commaList)
    .option(
      '--expires <when>',
      'when it ends: 2026-01-31T12:00:00Z, or from now on: 12h, 30d',
      timeOrDuration,
    )
    .option('--json', 'answer in JSON')
    .action(async (options: CreateOptions) => {
      const { account, scopes, id, name, owner, ownerName, groups, expires, json } = options
      const carriedOver = await credential(terminal, options)
      const issued = await withMigratedApp(terminal, app =>
        app.keys.create({
          accountId: account,
          id,
          label: name,
          scopes,
          owner: owner === undefined ? null : { id: owner, name: ownerName },
          groupIds: groups,
          expiresAt: expires,
          carriedOver,
        }),
      )
      show(terminal, issued, json)
    })

const listCommand = (terminal: Terminal): Command =>
  new Command('list')
    .description(
      'Lists keys, those that are revoked or have expired too. Their secrets are nowhere to be had.',
    )
    .option('--account <id>', 'of this account alone')
    .option('--json', 'answer in JSON')
    .action(async ({ account, json }: { account?: string; json?: boolean }) => {
      const keys = await withMigratedApp(terminal, app => app.keys.all(account))
      if (json) terminal.print(JSON.stringify(keys))
      else for (const key of keys) terminal.print(inWords(key))
    })

const rotateCommand = (terminal: Terminal): Command =>
  withCredential(new Command('rotate'))
    .description('Gives a key a new secret, and ends the old one at once or after a while.')
    .argument('<key>', 'id of the key')
    .option(
      '--keep-old-for <duration>',
      'how long the old secret stays valid: 12h, 30d; at most 365d',
      duration,
    )
    .option('--json', 'answer in JSON')
    .action(async (id: string, options: RotateOptions) => {
      const { keepOldFor, json } = options
      const carriedOver = await credential(terminal, options)
      const issued = await withMigratedApp(terminal, app => app.keys.rotate(id, { keepOldFor, carriedOver }))
      show(terminal, issued, json)
    })

const revokeCommand = (terminal: Terminal): Command =>
  new Command('revoke')
    .description('Ends a key for good, within 5 seconds at every node.')
    .argument('<key>', 'id of the key')
    .option('--force', 'even if it is the last key that can administer its account')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { force, json }: { force?: boolean; json?: boolean }) => {
      const key = await withMigratedApp(terminal, app => app.keys.revoke(id, { force }))
      terminal.print(json ? JSON.stringify(key) : `The key ${key.id} is revoked.`)
    })

/** `-` keeps a credential out of the list of processes and of the history of the shell. */
const withCredential = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--secret <secret>',
        'a secret that its clients have already; "-" reads it from standard input',
      ).conflicts('token'),
    )
    .option(
      '--token <token>',
      'an opaque bearer token that its clients have already, long and random ' +
        `(at least ${SHORTEST_TOKEN} characters); "-" reads it from standard input`,
    )

async function credential(terminal: Terminal, options: CredentialOptions): Promise<CarriedOver | undefined> {
  const read = async (value: string) =>
    value === '-' ? (await terminal.readInput()).replace(/\r?\n$/, '') : value
  if (options.token !== undefined) return { token: await read(options.token) }
  if (options.secret !== undefined) return { secret: await read(options.secret) }
  return undefined
}

function show(terminal: Terminal, { key, secret }: IssuedKey, json: boolean | undefined): void {
  const token = secret && bearerToken({ keyId: key.id, secret })
  if (json) terminal.print(JSON.stringify({ ...key, secret, token }))
  else if (!secret) terminal.print(`The key ${key.id} takes the credential that was given.`)
  else {
    terminal.print(
      `Key     ${key.id}\nSecret  ${secret}\nToken   ${token}\n\nThe secret is shown this once. ` +
        'Use the token as "Authorization: Bearer <token>", or key and secret as Basic.',
    )
  }
}

function inWords(key: KeyRow): string {
  const state = key.revokedAt
    ? `revoked ${key.revokedAt.toISOString()}`
    : key.expiresAt
      ? `${key.expiresAt > new Date() ? 'expires' : 'expired'} ${key.expiresAt.toISOString()}`
      : 'valid'
  const used = key.lastUsedAt ? `used ${key.lastUsedAt.toISOString()}` : 'never used'
  const owner = key.ownerId === null ? 'whole account' : `for ${key.ownerId}`
  return [key.id, key.accountId, key.label, key.scopes.join(','), owner, state, used].join('\t')
}
