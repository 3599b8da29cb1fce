import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { program } from './binaries.ts'
import { type Cluster, SUPERUSER } from './cluster.ts'
import { listenAddress } from './listen-address.ts'
import { isAlive, PID_FILE, type Postmaster, readPostmaster, requestShutdown } from './postmaster.ts'
import { environment } from './run-program.ts'

/** How long a server may take to recover, or to end. A start that takes longer goes on; the next one finds it. */
const PATIENCE_MS = 120_000
const POLL_MS = 20
/** SQLSTATEs of a server that is starting, ending or recovering (PostgreSQL, appendix A, class 57). */
const OPERATOR_INTERVENTION = '57P'

/** A session of the superuser on a running server, and where that server listens. */
export interface Session {
  readonly client: Client
  readonly address: { readonly host: string; readonly port: number }
}

/** A session on the server that runs, whoever started it; null when none does. Waits for one that starts, recovers or ends. */
export async function connectIfRunning(cluster: Cluster, log: string): Promise<Session | null> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const postmaster = await readPostmaster(cluster.data)
    if (!postmaster) return null
    const answer = await tryConnect(cluster, postmaster)
    if (answer.session) return answer.session
    if (!answer.busy && !(await isAlive(postmaster, cluster.data))) return null
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (process ${postmaster.pid}) takes no connections since ${PATIENCE_MS / 1000} seconds. It may still be ` +
          `recovering from a crash: ${log} says how far it is. Try again later.`,
      )
    }
    await delay(POLL_MS)
  }
}

/** `busy`: a server answered that it is starting or ending. No session and not busy: nobody answered. */
async function tryConnect(
  cluster: Cluster,
  { address }: Postmaster,
): Promise<{ session?: Session; busy: boolean }> {
  if (!address) return { busy: false }
  const { password } = cluster
  const target = { ...address, user: SUPERUSER, password, database: 'postgres', ssl: false }
  const client = new Client({ ...target, connectionTimeoutMillis: 10_000 })
  // A session that breaks off later fails the statement that is running; the event adds nothing to that.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return { session: { client, address }, busy: false }
  } catch (error) {
    await client.end().catch(() => undefined)
    if (!(error instanceof DatabaseError)) return { busy: false }
    if (error.code?.startsWith(OPERATOR_INTERVENTION)) return { busy: true }
    throw new Error(`PostgreSQL in ${cluster.data} runs, but refuses the gateway: ${error.message}`, {
      cause: error,
    })
  }
}

/**
 * Starts the server, apart from this process and its terminal: it survives both. Call it only when `connectIfRunning`
 * found none, and under the lock. Rejects with the end of the server's log.
 */
export async function startServer(
  cluster: Cluster,
  options: { log: string; settings: Readonly<Record<string, string>> },
): Promise<Session> {
  const listen = await listenAddress(cluster)
  const settings = { ...listen.settings, ...options.settings }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    // Left behind by a server that was killed: PostgreSQL would take any process of that id for it, and not start.
    await rm(join(cluster.data, PID_FILE), { force: true })
    if (listen.socketLock) await rm(listen.socketLock, { force: true })
    const outcome = await launch(cluster, options.log, args)
    if (typeof outcome !== 'string') return outcome
    // Sessions of a killed server end by themselves, as soon as they have finished their statement.
    const occupied = outcome.includes('is still in use')
    if (!occupied || Date.now() > deadline) {
      throw new Error(`PostgreSQL did not start. The end of ${options.log}:\n${outcome}`)
    }
    await delay(250)
  }
}

/** A session on the new server, or what it wrote to its log before it ended. */
async function launch(cluster: Cluster, log: string, args: readonly string[]): Promise<Session | string> {
  const output = await open(log, 'a', 0o600)
  try {
    const { size } = await output.stat()
    const { uid, gid } = cluster.account
    const child = spawn(program(cluster.binaries, 'postgres'), ['-D', cluster.data, ...args], {
      uid,
      gid,
      cwd: cluster.folder,
      env: environment,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd],
    })
    let ended = false
    child.once('exit', () => {
      ended = true
    })
    await once(child, 'spawn')
    child.unref()
    while (!ended) {
      const session = await connectIfRunning(cluster, log)
      if (session) return session
      await delay(POLL_MS)
    }
    return (await readFile(log)).subarray(size).toString().trim()
  } finally {
    await output.close()
  }
}

/** Ends the server and waits until it has ended. Does nothing when none runs. */
export async function stopServer(cluster: Cluster, log: string): Promise<void> {
  const postmaster = await readPostmaster(cluster.data)
  if (!postmaster || !(await isAlive(postmaster, cluster.data))) return
  await requestShutdown(postmaster, cluster.binaries)
  const deadline = Date.now() + PATIENCE_MS
  while (await isAlive(postmaster, cluster.data)) {
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (process ${postmaster.pid}) is still ending after ${PATIENCE_MS / 1000} seconds: see ${log}.`,
      )
    }
    await delay(POLL_MS)
  }
  // A short folder for the socket is of no more use; rmdir spares whatever is not empty, so the cluster's own folder.
  await rmdir(postmaster.address?.host ?? cluster.folder).catch(() => undefined)
}
