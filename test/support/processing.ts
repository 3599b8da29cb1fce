import { setTimeout as pause } from 'node:timers/promises'
import { PROCESS_JOB } from '../../src/features/processing/pipeline.ts'
import { startJobs } from '../../src/platform/jobs/job-runner.ts'
import type { TestApp } from './app.ts'

const LONGEST_MS = 120_000

/** The gateway's pipeline, running as `serve` runs it; stopped before the gateway is closed. */
export async function startPipeline({ app }: Pick<TestApp, 'app'>): Promise<{ stop(): Promise<void> }> {
  const { log, database } = app.foundation
  return startJobs({ pool: database.pool, log, kinds: app.jobs.filter(({ name }) => name === PROCESS_JOB) })
}

/** Resolves when none of the media, or none at all, is PROCESSING; rejects when that takes two minutes. */
export async function processed({ app }: Pick<TestApp, 'app'>, ids?: readonly string[]): Promise<void> {
  for (let waited = 0; waited < LONGEST_MS; waited += 50) {
    const [row] = await app.foundation.database.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM media WHERE status = 'PROCESSING' AND ($1::uuid[] IS NULL OR id = ANY ($1))`,
      [ids ?? null],
    )
    if (row?.n === 0) return
    await pause(50)
  }
  throw new Error('media are still PROCESSING')
}

/** Takes one media through its steps, here and now; `attempts` says which time it is. */
export async function process(
  { app }: Pick<TestApp, 'app'>,
  mediaId: string | undefined,
  attempts = 1,
): Promise<void> {
  const context = { job: { attempts }, abortSignal: new AbortController().signal }
  await app.jobs.find(({ name }) => name === PROCESS_JOB)?.run({ mediaId }, context as never)
}

/** What is done every minute for media that nobody works on. */
export async function mend({ app }: Pick<TestApp, 'app'>): Promise<void> {
  await app.jobs.find(({ name }) => name === 'media.mend')?.run({}, {} as never)
}
