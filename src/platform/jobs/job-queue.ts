import type { EntityManager } from 'typeorm'
import type { Sql } from '../db/database.ts'
import { currentSpan } from '../tracing/trace.ts'

export interface NewJob {
  /** The name of its kind. */
  readonly name: string
  /** What its work needs to know. It may be logged: no secret, no URL. */
  readonly payload: Readonly<Record<string, string>>
  /** How often it is begun at the most; what then has failed stays failed. */
  readonly attempts: number
  /** Of waiting jobs with the same key only the newest stays. */
  readonly key?: string
  /** Smaller comes first; 0 without it. */
  readonly priority?: number
}

/** Beside what its kind needs to know: the trace that a job goes on with. */
export interface JobTrace {
  readonly traceparent?: string
}

function traced(job: NewJob): NewJob {
  const trace: JobTrace = { traceparent: currentSpan()?.traceparent }
  return trace.traceparent === undefined ? job : { ...job, payload: { ...job.payload, ...trace } }
}

/** Asks for work in the background, which becomes a part of the trace that it is asked in. */
export class JobQueue {
  constructor(private readonly deps: { readonly database: Sql }) {}

  /** In the transaction of what the job is about: both are there, or none is. */
  add(tx: EntityManager, job: NewJob): Promise<void> {
    return this.addAll(tx, [job])
  }

  /** The same of many, in one statement. */
  async addAll(tx: EntityManager, jobs: readonly NewJob[]): Promise<void> {
    await tx.query(
      `SELECT graphile_worker.add_job(name, payload, max_attempts => attempts, job_key => key, priority => coalesce(priority, 0))
       FROM json_to_recordset($1::json) AS job(name text, payload json, attempts int, key text, priority int)`,
      [JSON.stringify(jobs.map(traced))],
    )
  }

  /**
   * Gives back the jobs of a kind whose worker has had them for longer than any takes: it was killed. Without this they would
   * wait for the four hours after which graphile-worker takes a worker for dead. The work must bear being done twice.
   */
  async giveBack(name: string, seconds: number): Promise<void> {
    await this.deps.database.query(
      `SELECT graphile_worker.force_unlock_workers(array_agg(locked_by)) FROM graphile_worker.jobs
       WHERE task_identifier = $1 AND locked_at < now() - $2 * interval '1 second' HAVING count(*) > 0`,
      [name, seconds],
    )
  }
}
