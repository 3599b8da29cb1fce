import { availableParallelism } from 'node:os'
import { type Job, type JobHelpers, Logger, parseCronItems, type Runner, run } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Logger as Log } from 'pino'
import { actingAs, jobActor } from '../audit/actor.ts'

/** What is done in the background: a table row for its kind, a handler for its work. */
export interface JobKind {
  /** Names the kind in the database; never changed. */
  readonly name: string
  /** When it runs by itself, as in crontab(5); one node runs each occurrence. */
  readonly cron?: string
  /** Jobs of one lane wait for each other, and for no others; `quick` without it. */
  readonly lane?: Lane
  run(payload: unknown, helpers: JobHelpers): Promise<void>
}

export interface JobsOptions {
  readonly pool: Pool
  readonly log: Log
  readonly kinds: readonly JobKind[]
}

/**
 * How many jobs one node runs at a time: short ones; those that take minutes, mostly waiting; and those that keep a processor busy, which
 * leave one to whoever waits for an answer.
 */
const PLACES = {
  quick: 2,
  waiting: 4,
  working: Math.min(4, Math.max(1, availableParallelism() - 1)),
} as const
export type Lane = keyof typeof PLACES

/**
 * Runs jobs on the gateway's own pool until it is stopped; what fails is tried again later, with growing pauses. `stop` waits
 * for those that run, and tells them by their `abortSignal` when that takes more than five seconds.
 */
export async function startJobs({ kinds, ...options }: JobsOptions): Promise<{ stop(): Promise<void> }> {
  const runners: Runner[] = []
  for (const lane of Object.keys(PLACES) as Lane[]) {
    const ofLane = kinds.filter(kind => (kind.lane ?? 'quick') === lane)
    runners.push(await runJobs({ ...options, kinds: ofLane }, PLACES[lane]))
  }
  return { stop: async () => void (await Promise.all(runners.map(runner => runner.stop()))) }
}

function runJobs({ pool, log, kinds }: JobsOptions, concurrency: number): Promise<Runner> {
  return run({
    pgPool: pool,
    concurrency,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: new Logger(scope => (level, message, meta) => {
      // What is tried again has not failed yet: nobody needs to be called for it.
      const isError = level === 'error' && !isTriedAgain(meta)
      const write = isError ? log.error : /error|warning/.test(level) ? log.warn : log.debug
      write.call(log, { ...scope, ...(isError ? meta : {}) }, message)
    }),
    taskList: Object.fromEntries(
      kinds.map(kind => [
        kind.name,
        (payload, helpers) => actingAs(jobActor(kind.name), () => kind.run(payload, helpers)),
      ]),
    ),
    parsedCronItems: parseCronItems(
      kinds.flatMap(({ name, cron }) =>
        cron ? [{ task: name, match: cron, options: { maxAttempts: 1 } }] : [],
      ),
    ),
  })
}

const isTriedAgain = ({ failure, job }: { failure?: unknown; job?: Job } = {}): boolean =>
  failure === true && job !== undefined && job.attempts < job.max_attempts
