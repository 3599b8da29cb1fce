import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { ADMIN } from './app.ts'
import { createDatabase, type TestDatabase } from './database.ts'
import { type GraphQLClient, graphqlClient } from './gql.ts'

/** A media with where its bytes lie. */
export interface Kept {
  readonly mediaId: string
  readonly blobId: string
  readonly key: string
  readonly bytes: Buffer
}

/** A gateway that runs on a database and the files of an installation. */
export interface Running extends AsyncDisposable {
  readonly app: App
  readonly client: GraphQLClient
  readonly url: string
  readonly log: Record<string, unknown>[]
  keep(bytes: Buffer): Promise<Kept>
  /** Status and body of a download. */
  download(mediaId: string): Promise<{ status: number; bytes: Buffer }>
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>
}

/** A store on the local disk that outlives its gateways and their databases, to be damaged as one likes: nothing checks it at the end. */
export class Installation implements AsyncDisposable {
  readonly #databases: TestDatabase[] = []

  private constructor(
    readonly folder: string,
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async create(environment: Record<string, string> = {}): Promise<Installation> {
    return new Installation(await mkdtemp(join(tmpdir(), 'media-gateway-installation-')), environment)
  }

  get files(): string {
    return join(this.folder, 'files')
  }

  pathOf(key: string): string {
    return join(this.files, key)
  }

  /** A new database, or one as another is now, to which nobody may be connected. */
  async database(copyOf?: TestDatabase): Promise<TestDatabase> {
    const database = await createDatabase({ copyOf })
    this.#databases.push(database)
    return database
  }

  /** The environment of a gateway of this installation, as a process or as `start` makes it. */
  environmentOn(database: TestDatabase): Record<string, string> {
    return {
      DATA_DIR: join(this.folder, 'data'),
      STORAGE_URL: `file:${this.files}`,
      DATABASE_URL: database.url,
      KEY_PEPPER: 'pepper for tests only',
      SIGNING_KEYS: 'test:signing-key-for-tests-only',
      PORT: '0',
      RATE_LIMIT: 'off',
      ...this.environment,
    }
  }

  async start(database: TestDatabase, environment: Record<string, string> = {}): Promise<Running> {
    const log: Record<string, unknown>[] = []
    const logTo = { write: (line: string) => void log.push(JSON.parse(line)) }
    const app = await createApp(loadConfig({ ...this.environmentOn(database), ...environment }), { logTo })
    await app.keys.ensure({ accountId: 'acme', keyId: 'root', secret: 'secretsecretsecret' })
    const server = await app.createServer({ draining: () => false })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    const client = graphqlClient(url, ADMIN)
    const sql = <Row>(text: string, values: unknown[] = []) =>
      app.foundation.database.query<Row>(text, values)
    return {
      app,
      client,
      url,
      log,
      sql,
      async keep(bytes) {
        const { media } = await client.upload({ bytes })
        const [row] = await sql<{ blobId: string; key: string }>(
          `SELECT b.id AS "blobId", b.key FROM media m JOIN blob b ON b.id = m.blob_id WHERE m.id = $1`,
          [media.id],
        )
        if (!row) throw new Error('the upload has no blob')
        return { mediaId: media.id, bytes, ...row }
      },
      async download(mediaId) {
        const headers = { authorization: ADMIN }
        const response = await fetch(`${url}/media/${mediaId}/content`, { headers })
        return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
      },
      async [Symbol.asyncDispose]() {
        await server.close()
        await app.close()
      },
    }
  }

  /** Makes a file as old as nobody waits any more. */
  async makeOld(key: string): Promise<void> {
    const long = new Date(Date.now() - 30 * 86_400_000)
    await utimes(this.pathOf(key), long, long)
  }

  /** Every file of the store with the hash of its bytes. */
  async tree(): Promise<Record<string, string>> {
    const entries = await readdir(this.files, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
    const hashed = files.sort().map(async path => {
      const hash = createHash('sha256').update(await readFile(path))
      return [relative(this.files, path), hash.digest('hex')] as const
    })
    return Object.fromEntries(await Promise.all(hashed))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#databases) await database.drop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Every row of every table of ours, so that two states of a database can be compared. */
export async function dump({ sql }: Running): Promise<Record<string, unknown[]>> {
  const tables = await sql<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
  )
  const dumped = tables.map(async ({ name }) => [
    name,
    await sql(`SELECT to_jsonb(t) AS row FROM "${name}" t ORDER BY 1`),
  ])
  return Object.fromEntries(await Promise.all(dumped))
}
