import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openEmbeddedPostgres } from '../src/platform/db/embedded/embedded-postgres.ts'
import { ServerProcess } from './server-process.ts'

export const ACCOUNT = 'bench'
const SECRET = 'root:secretsecretsecret'
export const AUTHORIZATION = `Bearer mgw_${SECRET.replace(':', '_')}`

/**
 * What differs from a first `npm start`: a free port, a key that is known, a folder that goes afterwards, a limit that one
 * client does not reach, although requests are counted all the same, and the allocator as the container image sets it.
 */
export const gatewayEnvironment = (dataDir: string) => ({
  MALLOC_ARENA_MAX: '2',
  PORT: '0',
  DATA_DIR: dataDir,
  BOOTSTRAP_API_KEY: `${ACCOUNT}:${SECRET}`,
  RATE_LIMIT: 'key=1000000/s,address=1000000/s',
})

/** A data folder that is removed at the end. */
export async function dataFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'media-gateway-bench-'))
  // The system user that runs PostgreSQL for root must pass through.
  await chmod(path, 0o755)
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The gateway as it is shipped, with the database that it uses. */
export interface Gateway extends AsyncDisposable {
  readonly server: ServerProcess
  readonly dataDir: string
  /** The gateway's own PostgreSQL, for seeds and baselines. */
  readonly connection: pg.ClientConfig
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
}

export interface GatewayOptions {
  readonly pinned?: boolean
  /** On top of `gatewayEnvironment`. */
  readonly env?: Readonly<Record<string, string>>
}

export async function startGateway({ pinned = false, env: more }: GatewayOptions = {}): Promise<Gateway> {
  const opened = new AsyncDisposableStack()
  try {
    const folder = opened.use(await dataFolder())
    // Opened first and closed last: PostgreSQL is no child of the gateway, and not kept on its core.
    const postgres = await openEmbeddedPostgres({ dataDir: folder.path, notice: () => undefined })
    opened.defer(() => postgres.close())
    const env = { ...gatewayEnvironment(folder.path), ...more }
    const server = opened.use(
      await ServerProcess.start({ program: 'dist/main.js', args: ['serve'], env, pinned }),
    )
    const client = new pg.Client(postgres.connection)
    await client.connect()
    opened.defer(() => client.end())
    return {
      server,
      dataDir: folder.path,
      connection: postgres.connection,
      query: async (text, values) => (await client.query(text, values)).rows,
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}

/** What another node of this gateway is started with. */
export function environmentOf({ connection, dataDir }: Gateway): Record<string, string> {
  const { user = '', password, host = '', port = '', database = '' } = connection
  const url = new URL(`postgres://localhost/${encodeURIComponent(database)}`)
  url.username = user
  url.password = String(password)
  // A folder of sockets cannot stand where a URL has its host.
  url.searchParams.set('host', host)
  url.searchParams.set('port', String(port))
  return {
    DATABASE_URL: url.href,
    KEY_PEPPER: 'pepper of a bench',
    SIGNING_KEYS: 'bench:key-of-a-bench',
    STORAGE_URL: `file:${join(dataDir, 'files')}`,
  }
}
