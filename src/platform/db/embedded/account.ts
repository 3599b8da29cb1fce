import { type Account, ownAccount, runProgram } from './run-program.ts'

/** True when this process may act for other users, and must: PostgreSQL refuses to run as root. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0
}

const CREATED = 'media-gateway'

/** The system user for a new cluster of root: `postgres` if there is one, else `media-gateway`, created when missing. */
export async function systemAccount(notice: (message: string) => void): Promise<Required<Account>> {
  const found = (await accountNamed('postgres')) ?? (await accountNamed(CREATED))
  if (found) return found
  const shell = ['--shell', '/usr/sbin/nologin']
  const home = ['--home-dir', '/nonexistent', '--no-create-home']
  const { problem } = await runProgram(
    '/usr/sbin/useradd',
    ['--system', '--user-group', ...home, ...shell, CREATED],
    ownAccount,
  )
  // A second gateway that starts at this moment may have been quicker: what counts is that the user exists.
  const created = await accountNamed(CREATED)
  if (!created) {
    throw new Error(
      `PostgreSQL does not run as root, and the system user "${CREATED}" could not be created (${problem}). ` +
        'Create a user named "postgres", or start media-gateway as an ordinary user, or set DATABASE_URL.',
    )
  }
  notice(`Created the system user "${CREATED}": PostgreSQL does not run as root.`)
  return created
}

async function accountNamed(name: string): Promise<Required<Account> | null> {
  const [user, group] = await Promise.all(
    ['-u', '-g'].map(option => runProgram('id', [option, '--', name], ownAccount)),
  )
  if (!user?.ok || !group?.ok) return null
  return { uid: Number(user.output), gid: Number(group.output) }
}

/** True when the user may enter the folder. It is tried, not computed: ACLs and mounts have a say beside the modes. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  return (await runProgram('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], account)).ok
}
