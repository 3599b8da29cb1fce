import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Linux has a file system in memory. */
const MEMORY = '/dev/shm'
/** Bytes that have to be free there; a whole run takes two gigabytes of it at its most. */
const ENOUGH = 4 * 1024 ** 3
const PREFIX = 'media-gateway-tests-'

const isRoomy = () => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= ENOUGH
  } catch {
    return false
  }
}

const runs = pid => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Removes what runs have left that were killed. */
function sweep(parent) {
  for (const name of readdirSync(parent))
    if (name.startsWith(PREFIX) && !runs(Number(name.slice(PREFIX.length))))
      rmSync(join(parent, name), { recursive: true, force: true })
}

/**
 * Gives this run, and the processes that it starts, a temp folder of its own: in memory where there is room, since a file that is kept is
 * synced some ten times, and a disk takes milliseconds for each. Who sets TMPDIR has the tests on that file system.
 * The folder goes with the process.
 */
export function useOwnTempFolder() {
  const parent = process.env.TMPDIR === undefined && isRoomy() ? MEMORY : tmpdir()
  sweep(parent)
  // The built program is started some hundred times: what one process, or an earlier run, has compiled the next need not.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'media-gateway-compiled')
  const folder = join(parent, `${PREFIX}${process.pid}`)
  // Servers run as users of their own must pass through it.
  mkdirSync(folder, { mode: 0o755 })
  process.env.TMPDIR = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}
