import type { Sql } from '../db/database.ts'
import type { Metrics, MetricTable } from '../metrics.ts'
import { keepReading } from '../metrics-reading.ts'

export const jobsMetrics = {
  jobs: {
    type: 'gauge',
    about:
      'Jobs of all nodes by kind and state, as the database says: `waiting` for their turn or their next attempt, `running`, or `failed` for good.',
    advice:
      '`waiting` growing: run more `worker` processes, or see why each takes long. `failed` is kept until somebody looks: the log has why, `graphile_worker.jobs` the row.',
    labels: ['kind', 'state'],
  },
  job_oldest_due_seconds: {
    type: 'gauge',
    about:
      'How long the job has been due that is due for longest and does not run; 0 for a kind of which none is. As the database says.',
    advice:
      'Minutes: no process runs jobs, all are busy with longer ones, or a worker died and its job is not yet given back.',
    labels: ['kind'],
  },
  job_seconds: {
    type: 'histogram',
    about: 'Jobs that this process has run, by kind and outcome; one that failed may be tried again.',
    advice:
      '`failed` for one kind: the log has each, as a warning while it is tried again, as an error in the end.',
    labels: ['kind', 'outcome'],
    buckets: [0.02, 0.1, 0.5, 2, 10, 60, 300, 1800],
  },
} as const satisfies MetricTable

/** What the database knows of jobs. Kinds are named in the program, its older and newer versions on the same database included. */
export function tellOfJobs(metrics: Metrics, database: Sql): void {
  const { jobs, job_oldest_due_seconds: due } = metrics.define(jobsMetrics)
  keepReading(metrics, {
    async read() {
      const rows = await database.query<{ kind: string; state: string; n: number; due: number | null }>(
        `SELECT task_identifier AS kind, state, count(*)::int AS n,
           max(extract(epoch FROM clock_timestamp() - run_at)) FILTER (WHERE state = 'waiting')::float8 AS due
         FROM (SELECT task_identifier, run_at, CASE WHEN locked_at IS NOT NULL THEN 'running'
             WHEN attempts >= max_attempts THEN 'failed' ELSE 'waiting' END AS state
           FROM graphile_worker.jobs) AS job
         GROUP BY kind, state`,
      )
      return () => {
        for (const { kind, state, n } of rows) jobs.set({ kind, state }, n)
        for (const { kind, due: seconds } of rows) due.inc({ kind }, Math.max(0, seconds ?? 0))
      }
    },
    forget() {
      jobs.reset()
      due.reset()
    },
  })
}
