import { mkdtemp, readdir, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type App, createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { Overrides } from '../../src/foundation.ts'
import { createDatabase } from './database.ts'
import { type GraphQLClient, graphqlClient } from './gql.ts'
import { openTestStore, type StoreName } from './stores.ts'

export interface TestApp extends GraphQLClient {
  readonly app: App
  readonly url: string
  readonly dataDir: string
  /** What lies in the store, whole or not, as the store itself names it. */
  storedNames(): Promise<string[]>
  /** Where multipart files lie while they are parsed. */
  readonly tempFolder: string
  /** Log lines as they were written, parsed. */
  readonly log: Record<string, unknown>[]
  /** A client of another account. */
  as(authorization: string | null): GraphQLClient
  /** What the gateway was configured with, for programs that run beside it. */
  readonly environment: Readonly<Record<string, string>>
  /** Another node on the same database and files, with this environment on top; closed before the first. */
  beside(
    env?: Record<string, string>,
    changed?: Overrides,
  ): Promise<{ readonly app: App; readonly url: string; close(): Promise<void> }>
  close(): Promise<void>
}

export interface TestOverrides extends Overrides {
  /** The kind of store; otherwise the one that the suites run on. */
  readonly store?: StoreName
  /**
   * The process's temp folder is the gateway's, as in the program, so that parsed multipart files lie there. Otherwise what tests put
   * into theirs would be the gateway's, too.
   */
  readonly sharesTempFolder?: boolean
}

export const ADMIN = 'Bearer mgw_root_secretsecretsecret'

/**
 * The whole gateway on a free port, with a database, a data folder and a store (TEST_STORE) of its own. Closing it is a check,
 * too: nothing may be left in the temp folder, and the doctor must find nothing.
 */
export async function startApp(
  env: Record<string, string> = {},
  { store: name, sharesTempFolder = false, ...overrides }: TestOverrides = {},
): Promise<TestApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'media-gateway-app-'))
  const [database, store] = await Promise.all([createDatabase(), openTestStore(join(dataDir, 'files'), name)])
  const log: Record<string, unknown>[] = []
  const logTo = { write: (line: string) => void log.push(JSON.parse(line)) }
  let tempFolder = ''
  const outside = tmpdir()
  const environment = {
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    STORAGE_URL: store.url,
    ...store.environment,
    KEY_PEPPER: 'pepper for tests only',
    SIGNING_KEYS: 'test:signing-key-for-tests-only',
    PORT: '0',
    RATE_LIMIT: 'off',
    // The same tests with every query compiled at once, or none: npm run test:compiled.
    ...(process.env.COMPILE_AFTER ? { COMPILE_AFTER: process.env.COMPILE_AFTER } : {}),
    ...env,
  }
  const app = await createApp(loadConfig(environment), {
    logTo,
    useTempFolder: path => {
      tempFolder = path
      if (sharesTempFolder) process.env.TMPDIR = path
    },
    ...overrides,
  })
  await app.keys.ensure({ accountId: 'acme', keyId: 'root', secret: 'secretsecretsecret' })
  await app.keys.ensure({ accountId: 'other', keyId: 'foreign', secret: 'secretsecretsecret' })
  const server = await app.createServer({ draining: () => false })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  return {
    ...graphqlClient(url, ADMIN),
    app,
    url,
    dataDir,
    storedNames: () => store.names(),
    tempFolder,
    log,
    as: authorization => graphqlClient(url, authorization),
    environment,
    async beside(changes = {}, changed = {}) {
      const config = loadConfig({ ...environment, DATA_DIR: join(dataDir, 'beside'), ...changes })
      const second = await createApp(config, { ...overrides, logTo, ...changed })
      const door = await second.createServer({ draining: () => false })
      return {
        app: second,
        url: await door.listen({ host: '127.0.0.1', port: 0 }),
        close: () => door.close().then(() => second.close()),
      }
    },
    async close() {
      await server.close()
      const { findings } = await app.doctor.examine()
      const leftInTemp = await readdir(tempFolder)
      await app.close()
      if (sharesTempFolder) process.env.TMPDIR = outside
      await database.drop()
      await store.remove()
      await rm(dataDir, { recursive: true, force: true })
      if (findings.length > 0)
        throw new Error(`the doctor found: ${findings.map(({ message }) => message).join('; ')}`)
      if (leftInTemp.length > 0) throw new Error(`left in the temp folder: ${leftInTemp.join(', ')}`)
    },
  }
}

export const FOREIGN = 'Bearer mgw_foreign_secretsecretsecret'
