import { chmod, mkdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isRoot } from './account.ts'
import { binariesFor } from './binaries.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { exclusively, tryLock } from './file-lock.ts'
import { locateCluster, refuseStrangers } from './location.ts'
import { DATABASE, provision, ROLE } from './provision.ts'
import { connectIfRunning, startServer, stopServer } from './server.ts'

export interface EmbeddedPostgres {
  /** For node-postgres: `host` is the folder of a socket, or 127.0.0.1 on Windows. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly password: string
    readonly database: string
  }
  /** Says goodbye. The last user of all processes ends the server and waits until it has ended. Idempotent. */
  close(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** DATA_DIR: everything lies under `postgres` in it, unless root's server cannot reach it there. */
  readonly dataDir: string
  /** Told what the operator should know: the first set-up, a created user, a moved folder, a server taken over. */
  readonly notice: (message: string) => void
  /** False gives up safety against a loss of power for speed: for tests alone. */
  readonly durable?: boolean
  /** More settings of the server, if this call is the one that starts it. */
  readonly settings?: Readonly<Record<string, string>>
}

/** The longest that another process holds the lock: one start with its recovery, and some. */
const LOCK_WAIT_MS = 180_000

/**
 * What a statement's sender is told needs no second place: errors in the log would keep, for ever, the data that is in them.
 */
const SETTINGS = { log_min_messages: 'log', log_checkpoints: 'off' }
/** What was committed still survives the death of every process: commits reach the system, if not the disk. */
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off' }

/**
 * The gateway's own PostgreSQL, one server for all processes that use the same DATA_DIR at a time: the first one starts it
 * (and sets it up when there is none), later ones join it, one that a killed process left behind is taken over, and the
 * last one to close ends it. Rejects with an error that says what to do.
 *
 * `<DATA_DIR>/postgres` holds the locks by which the processes agree, the server's log, and `cluster`: data, password and
 * socket, which belong to the user that the server runs as.
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = resolve(options.dataDir, 'postgres')
  // The server's user must pass through to the cluster.
  if ((await mkdir(home, { recursive: true })) && isRoot()) await chmod(home, 0o711)
  refuseStrangers(home, await stat(home))
  const files = {
    turn: join(home, 'turn.lock'),
    users: join(home, 'users.lock'),
    log: join(home, 'server.log'),
  }
  const inTurn = <T>(work: () => Promise<T>) => exclusively(files.turn, LOCK_WAIT_MS, work)

  const { cluster, address, membership } = await inTurn(() => enter(home, files, options))
  let closing: Promise<void> | undefined
  return {
    connection: { ...address, user: ROLE, password: cluster.password, database: DATABASE },
    close: () => {
      closing ??= inTurn(async () => {
        membership.release()
        await stopUnlessUsed(cluster, files)
      })
      return closing
    },
  }
}

interface Files {
  /** Held, by one, while it starts or stops the server. */
  readonly turn: string
  /** Held, together, by all who use the server. */
  readonly users: string
  readonly log: string
}

async function enter(home: string, files: Files, options: EmbeddedPostgresOptions) {
  const { notice, durable = true } = options
  const location = await locateCluster(home, notice)
  const binaries = await binariesFor(location.account, notice)
  const cluster = await openCluster({ location, binaries, durable, notice })

  const found = await connectIfRunning(cluster, files.log)
  if (found && !isUsed(files)) notice('Took over the PostgreSQL server that an earlier run left behind.')
  const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), ...options.settings }
  const { client, address } = found ?? (await startServer(cluster, { log: files.log, settings }))
  try {
    await provision(client, cluster.password).finally(() => client.end())
    const membership = tryLock(files.users, 'shared')
    if (!membership) throw new Error(`${files.users} is locked by a program that is no media-gateway.`)
    return { cluster, address, membership }
  } catch (error) {
    await stopUnlessUsed(cluster, files)
    throw error
  }
}

function isUsed(files: Files): boolean {
  const lock = tryLock(files.users, 'exclusive')
  lock?.release()
  return lock === null
}

async function stopUnlessUsed(cluster: Cluster, files: Files): Promise<void> {
  if (!isUsed(files)) await stopServer(cluster, files.log)
}
