import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** What a process holds, as the system sees it (proc(5)). */
export interface Resources {
  /** What its file descriptors are open at, connections to the database left out. */
  readonly open: readonly string[]
  /** Memory that is in RAM. */
  readonly mebibytes: number
}

/**
 * Whose resources are looked at. A pool has as many connections as the work of the last seconds wanted, so those to the database say
 * nothing of what is held for good.
 */
export interface Holder {
  readonly pid: number
  /** Where it reaches the database by TCP. */
  readonly databasePort?: number
  /** The pools of this process itself, whichever way they reach it: as many of its sockets are theirs. */
  readonly pools?: readonly { readonly totalCount: number }[]
}

export async function resourcesOf({ pid, databasePort, pools = [] }: Holder): Promise<Resources> {
  const folder = `/proc/${pid}/fd`
  const targets = await Promise.all(
    (await readdir(folder)).map(fd => readlink(join(folder, fd)).catch(() => null)),
  )
  // After the descriptors: one that has been closed since then counts as open, and is looked for again.
  const leftOut = databasePort === undefined ? [] : await socketsTo(databasePort)
  const status = await readFile(`/proc/${pid}/status`, 'latin1')
  let connections = pools.reduce((sum, { totalCount }) => sum + totalCount, 0)
  const isOfDatabase = (target: string) =>
    leftOut.includes(target) || (target.startsWith('socket:') && connections-- > 0)
  return {
    open: targets.filter(target => target !== null).filter(target => !isOfDatabase(target)),
    mebibytes: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024),
  }
}

/** The ends of connections by IPv4 whose other end has the port, as descriptors name them (proc_net_tcp). */
async function socketsTo(port: number): Promise<readonly string[]> {
  const [, ...lines] = (await readFile('/proc/net/tcp', 'latin1')).trim().split('\n')
  return lines
    .map(line => line.trim().split(/\s+/))
    .filter(([, , remote]) => Number.parseInt(remote?.split(':')[1] ?? '', 16) === port)
    .map(fields => `socket:[${fields[9]}]`)
}

/** Longer than a connection stays open that nobody needs. */
const CALM_MS = 12_000
const PAUSE_MS = 250

/** The fewest descriptors that the process has open once nothing is under way, and its memory then. */
export async function atRest(holder: Holder): Promise<Resources> {
  let least = await resourcesOf(holder)
  for (const until = Date.now() + CALM_MS; Date.now() < until; await delay(PAUSE_MS)) {
    const now = await resourcesOf(holder)
    if (now.open.length <= least.open.length) least = now
  }
  return least
}

/** Resolves once the condition holds; rejects with what was seen last when it does not in time. */
export async function becomes<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  { withinMs, what }: { readonly withinMs: number; readonly what: string },
): Promise<T> {
  for (const until = Date.now() + withinMs; ; await delay(PAUSE_MS)) {
    const seen = await look()
    if (holds(seen)) return seen
    if (Date.now() > until) throw new Error(`${what} within ${withinMs} ms; at last: ${JSON.stringify(seen)}`)
  }
}

/** Where a store has what belongs to no upload: its epochs, and checkpoints of the audit log, which come by themselves. */
export const isOfStore = (folder: string): boolean => /\/(epoch|audit\/[0-9a-f]{32})$/.test(folder)

/** The files below a folder, but for those that every store has. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile() && !isOfStore(entry.parentPath)).map(({ name }) => name)
}
