import { chown, lstat, mkdir, mkdtemp, realpath, rename, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { canEnter, isRoot, systemAccount } from './account.ts'
import { type Account, ownAccount } from './run-program.ts'
import { systemFolder } from './system-folder.ts'

/** Where a cluster lies, and as whom its server runs. */
export interface Location {
  /** Absolute, without symbolic links; it belongs to `account`, and nobody else but root may enter it. */
  readonly folder: string
  readonly account: Account
}

/**
 * Finds the cluster's folder, or makes it: `<home>/cluster`. Where the system user that root's server runs as cannot reach
 * that, the folder is made under /var/lib/media-gateway and `<home>/cluster` is a symbolic link to it, so that every later
 * start finds it, also after DATA_DIR was renamed.
 */
export async function locateCluster(home: string, notice: (message: string) => void): Promise<Location> {
  const path = join(home, 'cluster')
  if (!(await present(lstat(path)))) await makeFolder(home, notice)

  const target = await present(stat(path))
  if (!target) {
    throw new Error(
      `The database is gone: ${path} leads to a folder that does not exist. ` +
        'Bring that folder back, or remove the link to begin with an empty database.',
    )
  }
  const folder = await realpath(path)
  return { folder, account: await accountOwning(folder, target) }
}

/** Throws when this process is neither root nor the owner of what lies at `path`. */
export function refuseStrangers(path: string, owner: { uid: number }): void {
  if (isRoot() || !process.geteuid || process.geteuid() === owner.uid) return
  throw new Error(
    `The database in ${path} belongs to user id ${owner.uid}: start media-gateway as the user who made it, ` +
      'or set DATA_DIR to a folder of your own.',
  )
}

/** Root runs the server as whoever owns the cluster, so that it may also serve itself from an ordinary user's DATA_DIR. */
async function accountOwning(folder: string, owner: { uid: number; gid: number }): Promise<Account> {
  if (!isRoot()) {
    refuseStrangers(folder, owner)
    return ownAccount
  }
  if (owner.uid === 0) {
    throw new Error(
      `The database in ${folder} belongs to root, and PostgreSQL does not run as root. ` +
        `Give it to the user it shall run as: chown -R USER: ${folder}`,
    )
  }
  const account = { uid: owner.uid, gid: owner.gid }
  if (await canEnter(account, folder)) return account
  throw new Error(
    `PostgreSQL runs as user id ${owner.uid}, who cannot reach its folder ${folder}. ` +
      'Let that user pass through the folders above it, or move DATA_DIR to where it can.',
  )
}

async function makeFolder(home: string, notice: (message: string) => void): Promise<void> {
  const path = join(home, 'cluster')
  if (!isRoot()) {
    await mkdir(path, { mode: 0o700 })
    return
  }
  const account = await systemAccount(notice)
  if (await canEnter(account, home)) {
    await rename(await folderOf(account, home), path)
    return
  }
  const folder = await folderOf(account, await systemFolder())
  await symlink(folder, path)
  notice(`The system user of PostgreSQL cannot reach ${home}. The database lies in ${folder}.`)
}

async function folderOf(account: Required<Account>, parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, 'cluster-'))
  await chown(folder, account.uid, account.gid)
  return folder
}

function present<T>(found: Promise<T>): Promise<T | null> {
  return found.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
