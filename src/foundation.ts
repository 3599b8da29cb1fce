import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Config } from './config.ts'
import { ENTITIES } from './entities.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { Database } from './platform/db/database.ts'
import { observeWaits, tellOfPool } from './platform/db/db.metrics.ts'
import { openEmbeddedPostgres } from './platform/db/embedded/embedded-postgres.ts'
import { errorCode } from './platform/db/pg-errors.ts'
import { tellOfOutbox } from './platform/events/events.metrics.ts'
import { type Fault, plannedFaults } from './platform/fault.ts'
import { tellOfJobs } from './platform/jobs/jobs.metrics.ts'
import { uuid7Maker } from './platform/lib/uuid7.ts'
import { LOG_OPTIONS, standardOutput } from './platform/log.ts'
import { Metrics } from './platform/metrics.ts'
import { keptSecret } from './platform/secret-file.ts'
import type { SigningKeys } from './platform/signing-keys.ts'
import type { StorageDriver } from './platform/storage/driver.ts'
import { observeStorage, tellOfStores } from './platform/storage/storage.metrics.ts'
import { Storage } from './platform/storage/storage.ts'
import { DEFAULT_STORE, openStores } from './platform/storage/stores.ts'
import { openTempFolder } from './platform/temp-folder.ts'
import type { Tracer } from './platform/tracing/trace.ts'
import { openTracing } from './tracing.ts'

/** What who embeds or tests the gateway may replace. */
export interface Overrides {
  readonly clock?: Clock
  /** Where log lines go; standard output without it. */
  readonly logTo?: DestinationStream
  /** Told what an operator should read on the terminal. */
  readonly notice?: (message: string) => void
  /** Told of the private folder that temporary files must be made in. */
  readonly useTempFolder?: (path: string) => void
  /** Gives what stands before a store's driver, which it may be itself: to watch calls, or to make them fail in tests. */
  readonly wrapStore?: (driver: StorageDriver, storeId: string) => StorageDriver
}

/** What all parts stand on: opened in this order, closed in the reverse one. */
export interface Foundation {
  readonly log: Logger
  readonly clock: Clock
  readonly newId: () => string
  readonly fault: Fault
  readonly metrics: Metrics
  readonly tracer: Tracer
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
    const metrics = new Metrics()
    const tracer = opened.adopt(await openTracing({ config, metrics, log }), it => it.close())
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
        onWaited: observeWaits(metrics),
        onIdleError: error =>
          log.warn({ code: errorCode(error), reason: error.message }, 'a database connection was lost'),
      }),
      it => it.close(),
    )
    tellOfPool(metrics, database.pool)
    tellOfJobs(metrics, database)
    tellOfOutbox(metrics, database)
    const defaultUrl = config.STORAGE_URL ?? `file:${join(config.DATA_DIR, 'files')}`
    const configured = await openStores({ [DEFAULT_STORE]: defaultUrl, ...config.STORES }, config)
    const { wrapStore = it => it } = overrides
    const stores = [...configured].map(([id, store]) => [id, wrapStore(store, id)] as const)
    const storage = opened.adopt(
      new Storage({
        stores: new Map(stores),
        defaultStore: DEFAULT_STORE,
        observe: observeStorage(metrics),
        onState: ({ store, state, cause }) => {
          if (state === 'open') log.warn({ store, err: cause }, 'the store does not answer and is left alone')
          if (state === 'closed') log.info({ store }, 'the store is back')
        },
      }),
      it => it.close(),
    )
    tellOfStores(metrics, storage)
    return {
      log,
      clock: overrides.clock ?? systemClock,
      newId: uuid7Maker(),
      fault: plannedFaults(config.FAULT, config.FAULT_LOG),
      metrics,
      tracer,
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
