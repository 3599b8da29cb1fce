import pg, {
  type CustomTypesConfig,
  type Pool,
  type PoolClient,
  type PoolConfig,
  type QueryConfig,
  type QueryResult,
} from 'pg'
import { DataSource, type DataSourceOptions, type EntityManager, type QueryRunner } from 'typeorm'
import { currentSpan, type SpanOptions, spanned } from '../tracing/trace.ts'
import { Deadline } from './deadline.ts'
import { measuredDriver } from './measured-pool.ts'
import { migrations } from './migrations/index.ts'
import { SnakeNaming } from './naming.ts'
import { CommitUnknownError, databaseError, isConnectionLost, isRetryable } from './pg-errors.ts'
import { typeParsers } from './type-parsers.ts'

/** One statement of SQL with `$1`-parameters, on whatever connection. */
export interface Sql {
  query<Row>(text: string, values?: readonly unknown[], types?: CustomTypesConfig): Promise<Row[]>
}

export interface DatabaseOptions {
  readonly connection: Pick<
    PoolConfig,
    'host' | 'port' | 'user' | 'password' | 'database' | 'connectionString'
  >
  readonly entities: NonNullable<DataSourceOptions['entities']>
  readonly poolSize: number
  /** What went wrong on an idle connection; without a listener Node would end the process. */
  readonly onIdleError: (error: Error) => void
  /** Told how long each connection was waited for, in seconds. */
  readonly onWaited?: (seconds: number) => void
}

const ATTEMPTS = 5

/**
 * PostgreSQL as the gateway uses it: TypeORM's entities and its pool, statements on that pool, and transactions that say
 * what became of them.
 */
export class Database implements Sql {
  readonly #source: DataSource
  readonly #leaving: AbortController

  private constructor(source: DataSource, leaving: AbortController) {
    this.#source = source
    this.#leaving = leaving
  }

  /** Connects; rejects with the driver's error when the server cannot be reached. Runs no migration. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const { connectionString, user, ...rest } = options.connection
    const leaving = new AbortController()
    // Once we leave, a server that ends its side first is nothing to tell of.
    const onIdleError = (error: Error) => {
      if (!leaving.signal.aborted) options.onIdleError(error)
    }
    const source = new DataSource({
      type: 'postgres',
      driver: measuredDriver(options.onWaited ?? (() => undefined)),
      ...(connectionString
        ? { url: connectionString }
        : { ...rest, username: user, password: String(rest.password ?? '') }),
      entities: options.entities,
      migrations,
      migrationsTableName: 'migration',
      namingStrategy: new SnakeNaming(),
      installExtensions: false,
      poolSize: options.poolSize,
      connectTimeoutMS: 10_000,
      applicationName: 'media-gateway',
      poolErrorHandler: onIdleError,
      logging: false,
      extra: { types: typeParsers },
    } as DataSourceOptions)
    const database = new Database(await source.initialize(), leaving)
    // A connection that is lost while it is in use tells its client too; unheard, that would end the process.
    database.pool.on('connect', client => client.on('error', onIdleError))
    return database
  }

  /** For migrations and for tests that compare entities with the schema. */
  get source(): DataSource {
    return this.#source
  }

  /** The one pool of the process; also graphile-worker's. */
  get pool(): Pool {
    return (this.#source.driver as unknown as { master: Pool }).master
  }

  /** A connection beside the pool, not yet opened, for what holds one for as long as it runs. */
  newClient(): pg.Client {
    return new pg.Client(this.pool.options)
  }

  /** One statement, a transaction of its own: like one it is run again. */
  async query<Row>(text: string, values: readonly unknown[] = [], types?: CustomTypesConfig): Promise<Row[]> {
    const statement = { text, values: values as unknown[], types }
    const run = Deadline.current
      ? () => this.#queryWithin(Deadline.current as Deadline, statement)
      : () => this.pool.query(statement)
    const rows = () => this.#again(async () => (await run()).rows as Row[])
    return currentSpan() ? spanned(...statementSpan(text), rows) : rows()
  }

  /**
   * Runs the work in one transaction; runs it again, at most 5 times in all, after a serialization failure or a deadlock.
   * Rejects with CommitUnknownError when the connection was lost between COMMIT and its answer.
   */
  async transaction<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return spanned('transaction', {}, () => this.#again(() => this.#attempt(work)))
  }

  async #again<T>(attempt: () => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt()
      } catch (error) {
        if (error instanceof CommitUnknownError) throw error
        Deadline.current?.check()
        if (!isRetryable(error) || attempts >= ATTEMPTS) throw databaseError(error)
        await new Promise(resolve => setTimeout(resolve, Math.random() * 20 * 2 ** attempts))
      }
    }
  }

  /** As the pool's own `query`, on a connection that is known, so that its statement can be cancelled. */
  async #queryWithin(deadline: Deadline, statement: QueryConfig) {
    deadline.check()
    const client = await this.pool.connect()
    const done = deadline.guard(() => this.#cancel(client))
    let failure: Error | undefined
    try {
      deadline.check()
      return await answerTo(client, statement)
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      await done()
      client.release(failure)
    }
  }

  /**
   * Cancels the statement of a connection, from another one: the pool may have none left. The connection must not serve
   * anything else before this has ended.
   */
  async #cancel(client: PoolClient): Promise<void> {
    const { processID } = client as unknown as { processID: number | null }
    const messenger = new pg.Client(this.pool.options)
    messenger.on('error', () => undefined)
    try {
      await messenger.connect()
      await messenger.query(
        'SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND usename = current_user',
        [processID],
      )
    } catch {
      // The server does not answer; the statement ends with its connection, or by itself.
    } finally {
      await messenger.end().catch(() => undefined)
    }
  }

  async #attempt<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const deadline = Deadline.current
    deadline?.check()
    const runner = this.#source.createQueryRunner()
    if (currentSpan()) traceStatements(runner)
    let done: (() => Promise<void>) | undefined
    try {
      const client: PoolClient = await runner.connect()
      done = deadline?.guard(() => this.#cancel(client))
      await runner.startTransaction()
      const result = await work(runner.manager)
      deadline?.check()
      try {
        await runner.commitTransaction()
      } catch (error) {
        if (isConnectionLost(error))
          throw new CommitUnknownError('The answer to COMMIT was lost.', { cause: error })
        throw error
      }
      return result
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined)
      throw error
    } finally {
      await done?.()
      await runner.release()
    }
  }

  async close(): Promise<void> {
    this.#leaving.abort()
    if (this.#source.isInitialized) await this.#source.destroy()
  }
}

/**
 * What the connection answers, asked with a callback as the pool's own `query` asks: of results that come by the driver's promise, the
 * rows outlive the request until the whole heap is collected, and each small collection copies them.
 */
const answerTo = (client: PoolClient, statement: QueryConfig): Promise<QueryResult> =>
  new Promise((resolve, reject) => {
    client.query(statement, (error, result) => (error ? reject(error) : resolve(result)))
  })

/** A statement as its span is named and described; its values are not. */
const statementSpan = (text: string) =>
  [
    /^\s*\w+/.exec(text)?.[0].trim().toUpperCase() ?? 'SQL',
    { kind: 'client', facts: { 'db.system.name': 'postgresql', 'db.query.text': text } },
  ] as const satisfies readonly [string, SpanOptions]

/** Everything that a transaction asks goes by its runner, TypeORM's own BEGIN and COMMIT too. */
function traceStatements(runner: QueryRunner): void {
  const query = runner.query.bind(runner) as (text: string, ...rest: unknown[]) => Promise<unknown>
  const traced = (text: string, ...rest: unknown[]) =>
    spanned(...statementSpan(text), () => query(text, ...rest))
  Object.assign(runner, { query: traced })
}
