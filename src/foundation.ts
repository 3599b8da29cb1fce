import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.ts'
import { ENTITIES } from './entities.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { Database } from './platform/db/database.ts'
import { openEmbeddedPostgres } from './platform/db/embedded/embedded-postgres.ts'
import { errorCode } from './platform/db/pg-errors.ts'
import { type Fault, plannedFaults } from './platform/fault.ts'
import { uuid7Maker } from './platform/lib/uuid7.ts'
import { LOG_OPTIONS, standardOutput } from './platform/log.ts'
import { keptSecret } from './platform/secret-file.ts'
import type { SigningKeys } from './platform/signing-keys.ts'
import { Storage } from './platform/storage/storage.ts'
import { openDriver } from './platform/storage/storage-url.ts'
import { openTempFolder } from './platform/temp-folder.ts'

/** What who embeds or tests the gateway may replace. */
export interface Overrides {
  readonly clock?: Clock
  /** Where log lines go; standard output without it. */
  readonly logTo?: DestinationStream
  /** Told what an operator should read on the terminal. */
  readonly notice?: (message: string) => void
  /** Told of the private folder that temporary files must be made in. */
  readonly useTempFolder?: (path: string) => void
}

/** What all parts stand on: opened in this order, closed in the reverse one. */
export interface Foundation {
  readonly log: Logger
  readonly clock: Clock
  readonly newId: () => string
  readonly fault: Fault
  readonly database: Database
  readonly storage: Storage
  /** Keys the hashes of API secrets. */
  readonly pepper: string
  /** Keys the signatures of URLs. */
  readonly signingKeys: SigningKeys
  /** Where the private temp folders of all processes of this DATA_DIR lie. */
  readonly tempRoot: string
  close(): Promise<void>
}

export async function openFoundation(config: Config, overrides: Overrides): Promise<Foundation> {
  const opened = new AsyncDisposableStack()
  try {
    const log = pino({ ...LOG_OPTIONS, level: config.LOG_LEVEL }, overrides.logTo ?? standardOutput())
    await mkdir(config.DATA_DIR, { recursive: true })
    const tempRoot = join(config.DATA_DIR, 'tmp')
    const temp = opened.adopt(await openTempFolder(tempRoot), folder => folder.remove())
    overrides.useTempFolder?.(temp.path)
    const secrets = join(config.DATA_DIR, 'secrets')
    const pepper = config.KEY_PEPPER ?? (await keptSecret(secrets, 'key-pepper'))
    const signingKeys = config.SIGNING_KEYS ?? [
      { kid: 'kept', secret: await keptSecret(secrets, 'signing-key') },
    ]
    const connection = config.DATABASE_URL
      ? { connectionString: config.DATABASE_URL }
      : opened.adopt(
          await openEmbeddedPostgres({
            dataDir: config.DATA_DIR,
            notice: overrides.notice ?? (message => log.info(message)),
          }),
          postgres => postgres.close(),
        ).connection
    const database = opened.adopt(
      await Database.open({
        connection,
        entities: ENTITIES,
        poolSize: config.DATABASE_POOL,
        onIdleError: error =>
          log.warn({ code: errorCode(error), reason: error.message }, 'a database connection was lost'),
      }),
      it => it.close(),
    )
    const driver = await openDriver(config.STORAGE_URL ?? `file:${join(config.DATA_DIR, 'files')}`, config)
    const storage = opened.adopt(
      new Storage({ stores: new Map([['default', driver]]), defaultStore: 'default' }),
      it => it.close(),
    )
    return {
      log,
      clock: overrides.clock ?? systemClock,
      newId: uuid7Maker(),
      fault: plannedFaults(config.FAULT, config.FAULT_LOG),
      database,
      storage,
      pepper,
      signingKeys,
      tempRoot,
      close: () => opened.disposeAsync(),
    }
  } catch (error) {
    await opened.disposeAsync()
    throw error
  }
}
