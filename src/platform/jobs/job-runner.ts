import { type JobHelpers, Logger, parseCronItems, type Runner, run } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Logger as Log } from 'pino'

/** What is done in the background: a table row for its kind, a handler for its work. */
export interface JobKind {
  /** Names the kind in the database; never changed. */
  readonly name: string
  /** When it runs by itself, as in crontab(5); one node runs each occurrence. */
  readonly cron?: string
  run(payload: unknown, helpers: JobHelpers): Promise<void>
}

/** Runs jobs on the gateway's own pool until it is stopped; what fails is tried again later, with growing pauses. */
export async function startJobs(options: {
  pool: Pool
  log: Log
  kinds: readonly JobKind[]
}): Promise<Runner> {
  const { pool, log, kinds } = options
  return run({
    pgPool: pool,
    concurrency: 2,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: new Logger(scope => (level, message, meta) => {
      const write = level === 'error' ? log.error : level === 'warning' ? log.warn : log.debug
      write.call(log, { ...scope, ...(level === 'error' ? meta : {}) }, message)
    }),
    taskList: Object.fromEntries(
      kinds.map(kind => [kind.name, (payload, helpers) => kind.run(payload, helpers)]),
    ),
    parsedCronItems: parseCronItems(
      kinds.flatMap(({ name, cron }) =>
        cron ? [{ task: name, match: cron, options: { maxAttempts: 1 } }] : [],
      ),
    ),
  })
}
