import { randomBytes } from 'node:crypto'
import pg from 'pg'

export const TEMPLATE = 'test_template'

interface Server {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Tells the workers of this run where PostgreSQL is. */
export function shareServer(server: Server): void {
  process.env.TEST_POSTGRES = JSON.stringify(server)
}

const server = (): Server => JSON.parse(process.env.TEST_POSTGRES ?? '{}')

async function asAdmin(statement: string): Promise<void> {
  const client = new pg.Client({ ...server(), database: 'postgres' })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

export interface DatabaseOptions {
  /** Without any table. */
  readonly empty?: boolean
  /** As this one is now, as a backup would be; nobody may be connected to it. */
  readonly copyOf?: TestDatabase
}

/** A database of one's own, cloned from the migrated template unless asked for otherwise. */
export async function createDatabase({ empty = false, copyOf }: DatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = copyOf ? new URL(copyOf.url).pathname.slice(1) : TEMPLATE
  await asAdmin(`CREATE DATABASE ${name} ${empty ? '' : `TEMPLATE ${template}`}`)
  const { host, port, user, password } = server()
  return {
    url: `postgres://${user}:${encodeURIComponent(password)}@${encodeURIComponent(host)}:${port}/${name}`,
    drop: () => dropDatabase(name),
  }
}

const ATTEMPTS = 20
const PAUSE_MS = 250
/** What FORCE meets when autovacuum, which no user of ours may end, looks through the database; it is done in a moment. */
const BUSY = ['42501', '55006']

async function dropDatabase(name: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await asAdmin(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    } catch (error) {
      if (attempt >= ATTEMPTS || !BUSY.includes((error as { code?: string }).code ?? '')) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  }
}
