import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  openEmbeddedPostgres,
} from '../../src/platform/db/embedded/embedded-postgres.ts'

type Connection = EmbeddedPostgres['connection']
type Cleanup = () => unknown

const cleanups: Cleanup[] = []

/** Undoes, last first, what a test has begun. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

export function later(cleanup: Cleanup): void {
  cleanups.push(cleanup)
}

/** A data folder that a system user can reach, unlike those that mkdtemp makes. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-'))
  chmodSync(folder, 0o755)
  later(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Opens in this process, without the safety that tests do not need. */
export async function openHere(
  dataDir: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres & { notices: readonly string[] }> {
  const notices: string[] = []
  const postgres = await openEmbeddedPostgres({
    dataDir,
    notice: message => void notices.push(message),
    durable: false,
    ...options,
  })
  later(() => postgres.close())
  return { ...postgres, notices }
}

/** The rows of one statement on a connection of its own. */
export async function rows(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client(connection)
  // A server that ends between two statements is not the matter of the statement.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** True while a server takes connections there. */
export function answers(connection: Connection): Promise<boolean> {
  return rows(connection, 'SELECT 1').then(
    () => true,
    () => false,
  )
}

export const pgData = (dataDir: string) => join(dataDir, 'postgres', 'cluster', 'data')

/** The process id of the server, from the file that it keeps. */
export function serverPid(dataDir: string): number {
  return Number(readFileSync(join(pgData(dataDir), 'postmaster.pid'), 'utf8').split('\n')[0])
}

interface Line {
  event: 'notice' | 'open' | 'failed' | 'interrupted'
  message?: string
  connection?: Connection
}

/** Another process that uses the data folder: see embedded-postgres-user.ts. It leads a process group of its own. */
export function startUser(dataDir: string, ids: { uid?: number; gid?: number } = {}) {
  const script = fileURLToPath(new URL('embedded-postgres-user.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDir], {
    ...ids,
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines: Line[] = []
  const input = createInterface({ input: child.stdout })
  input.on('line', line => lines.push(JSON.parse(line) as Line))
  const close = async () => {
    child.stdin.end()
    await ended
  }
  later(close)

  const next = async (event: Line['event']): Promise<Line> => {
    for (;;) {
      const found = lines.find(line => line.event === event || line.event === 'failed')
      if (found) return found
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended without "${event}"`)
      await Promise.race([once(input, 'line'), ended])
    }
  }
  return {
    pid: child.pid ?? 0,
    lines,
    next,
    close,
    connection: async () => {
      const { connection, message } = await next('open')
      if (!connection) throw new Error(message)
      return connection
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
