import { randomBytes } from 'node:crypto'
import { chown, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { type Binaries, majorVersion, program } from './binaries.ts'
import type { Location } from './location.ts'
import { runProgram } from './run-program.ts'

/** A folder that initdb has made and the password of its superuser. */
export interface Cluster extends Location {
  readonly binaries: Binaries
  /** PGDATA. */
  readonly data: string
  readonly password: string
}

export const SUPERUSER = 'postgres'

/** How the folders that initdb works in begin. */
const DRAFT = 'initdb-'

const INITDB = [
  `--username=${SUPERUSER}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--no-instructions',
]

/**
 * The cluster at `location`, made when there is none. It appears whole or not at all: initdb works in a folder beside it.
 * A cluster of another major version is left alone and named in the error.
 */
export async function openCluster(options: {
  location: Location
  binaries: Binaries
  durable: boolean
  notice: (message: string) => void
}): Promise<Cluster> {
  const { location, binaries, notice } = options
  const data = join(location.folder, 'data')
  const passwordFile = join(location.folder, 'password')
  await removeDrafts(location.folder)
  const found = await textOf(join(data, 'PG_VERSION'))
  if (found === null && (await readdir(location.folder)).includes('data')) {
    throw new Error(
      `${data} holds no database that PostgreSQL could use: PG_VERSION is missing. Nothing was touched. ` +
        'Restore the folder from a backup, or move it away to begin with an empty database.',
    )
  }
  if (found === null) {
    notice(`Setting up PostgreSQL ${majorVersion(binaries)} in ${data}.`)
    await writePassword(passwordFile, location)
    await initialise({ data, passwordFile, ...options })
  } else if (found !== majorVersion(binaries)) {
    throw new Error(
      `The database in ${data} was made by PostgreSQL ${found}, and this media-gateway brings ${majorVersion(binaries)}. ` +
        `Nothing was touched. Dump it with pg_dumpall of PostgreSQL ${found}, move ${data} away, start again, and restore ` +
        'the dump; or go back to the media-gateway that made it.',
    )
  }
  const password = await textOf(passwordFile)
  if (!password) {
    throw new Error(
      `The database in ${data} has lost its password: ${passwordFile} is missing or empty. Restore that file from a ` +
        `backup, or move ${data} away to begin with an empty database.`,
    )
  }
  return { ...location, binaries, data, password }
}

async function initialise(options: {
  data: string
  passwordFile: string
  location: Location
  binaries: Binaries
  durable: boolean
}): Promise<void> {
  const { data, location, binaries } = options
  const draft = await mkdtemp(join(location.folder, DRAFT))
  const { uid, gid } = location.account
  if (uid !== undefined && gid !== undefined) await chown(draft, uid, gid)
  const { ok, problem } = await runProgram(
    program(binaries, 'initdb'),
    [
      ...INITDB,
      `--pgdata=${draft}`,
      `--pwfile=${options.passwordFile}`,
      ...(options.durable ? [] : ['--no-sync']),
    ],
    location.account,
  )
  if (!ok) {
    throw new Error(
      `PostgreSQL could not be set up in ${location.folder}: ${problem}\n` +
        'Mend what it names, or set DATABASE_URL to a server of your own.',
    )
  }
  await rename(draft, data)
  if (options.durable) await syncFolder(location.folder)
}

/**
 * Takes away what an initdb whose gateway was killed has left. It may still be at work for a moment, so each set-up has a
 * name of its own, and what cannot be removed yet is left to a later start.
 */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(DRAFT))
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)
  }
}

/** A new one: what a killed initdb left behind is worth nothing. */
async function writePassword(file: string, { account }: Location): Promise<void> {
  await rm(file, { force: true })
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(randomBytes(24).toString('hex'))
    if (account.uid !== undefined && account.gid !== undefined) await handle.chown(account.uid, account.gid)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the new name survive a loss of power; Windows knows no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (platform() === 'win32') return
  const handle = await open(folder)
  await handle.sync().finally(() => handle.close())
}

async function textOf(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
