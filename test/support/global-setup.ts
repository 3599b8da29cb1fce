import { tmpdir } from 'node:os'
import { join } from 'node:path'
import 'reflect-metadata'
import { ENTITIES } from '../../src/entities.ts'
import { Database } from '../../src/platform/db/database.ts'
import { openEmbeddedPostgres } from '../../src/platform/db/embedded/embedded-postgres.ts'
import { migrate } from '../../src/platform/db/migrate.ts'
import { shareServer, TEMPLATE } from './database.ts'
import { shareStoreServers } from './store-servers.ts'
import { openTestStore } from './stores.ts'

export interface Shared {
  testServers?: AsyncDisposableStack
}

/** One PostgreSQL for all test files of a run; its template database is migrated once and cloned by each. */
export default async function setUp(): Promise<void> {
  const servers = new AsyncDisposableStack()
  ;(globalThis as Shared).testServers = servers
  servers.use(await shareStoreServers())
  // Without the store that a run is about it ends here, and not in each of its files.
  if (process.env.TEST_STORE) await (await openTestStore(join(tmpdir(), 'no files'))).remove()
  const postgres = await openEmbeddedPostgres({
    dataDir: join(tmpdir(), 'postgres'),
    durable: false,
    settings: { max_connections: '300' },
    notice: message => process.stderr.write(`${message}\n`),
  })
  servers.defer(() => postgres.close())
  shareServer(postgres.connection)
  const open = (database: string) =>
    Database.open({
      connection: { ...postgres.connection, database },
      entities: ENTITIES,
      poolSize: 4,
      onIdleError: () => undefined,
    })
  const admin = await open('postgres')
  await admin.query(`CREATE DATABASE ${TEMPLATE}`)
  const template = await open(TEMPLATE)
  await migrate(template)
  await template.close()
  await admin.close()
}
