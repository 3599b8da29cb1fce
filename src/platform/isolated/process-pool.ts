import { alsoWithin, spanned, untraced } from '../tracing/trace.ts'
import { IsolatedProcess, type ProcessLimits } from './isolated-process.ts'
import { type Task, TaskFailure } from './task.ts'
import { Turns } from './turns.ts'

export interface PoolLimits extends ProcessLimits {
  /** Processes, and so tasks, at the same time. */
  readonly processes: number
  /** Milliseconds for one task. */
  readonly deadlineMs: number
  /** Whether waiting for a process counts (`asked`, the default), as for somebody who waits for an answer; if not, load alone fails no task. */
  readonly deadlineFrom?: 'asked' | 'begun'
  /** Milliseconds without work after which a process is ended. */
  readonly idleMs: number
  /** Each process does one task: what a library has taken of memory it keeps, and the next task would answer for it. */
  readonly once?: boolean
  readonly observer?: PoolObserver
}

export interface PoolObserver {
  /** Told once, when there is a pool: how many processes it has, and tasks that wait for one. */
  opened(pool: { readonly running: () => number; readonly waiting: () => number }): void
  /** Told of each task: `ok`, `failed`, or the reason of its TaskFailure. */
  ended(outcome: string, seconds: number): void
}

export type PoolTask = Omit<Task, 'signal'> & { readonly signal?: AbortSignal }

/** Isolated processes: started when first needed, kept for reuse, replaced when they fail, ended when idle. */
export class ProcessPool {
  readonly #limits: PoolLimits
  readonly #all = new Set<IsolatedProcess>()
  readonly #idle = new Map<IsolatedProcess, NodeJS.Timeout>()
  readonly #turns: Turns
  readonly #running = new Set<AbortController>()
  #closed = false

  constructor(limits: PoolLimits) {
    this.#limits = limits
    this.#turns = new Turns(limits.processes)
    limits.observer?.opened({ running: () => this.#all.size, waiting: () => this.waiting })
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return [...this.#all].flatMap(process => process.pid ?? [])
  }

  /** Tasks that wait for a process. */
  get waiting(): number {
    return this.#turns.waiting
  }

  /** What the task gives, within the deadline. Rejects with a TaskFailure, as `IsolatedProcess.run` does, and with `deadline`, `aborted`, `closed`. */
  run(task: PoolTask): Promise<unknown> {
    return spanned(`isolated ${task.name}`, {}, () => this.#observed(task))
  }

  async #observed(task: PoolTask): Promise<unknown> {
    const began = performance.now()
    const tell = (outcome: string) =>
      this.#limits.observer?.ended(outcome, (performance.now() - began) / 1000)
    try {
      const result = await this.#inTurn(task)
      tell('ok')
      return result
    } catch (error) {
      tell(error instanceof TaskFailure ? error.reason : 'failed')
      throw error
    }
  }

  async #inTurn(task: PoolTask): Promise<unknown> {
    const stop = new AbortController()
    const giveUp = () => stop.abort(new TaskFailure('aborted'))
    let timer: NodeJS.Timeout | undefined
    const startClock = () => {
      timer = setTimeout(() => stop.abort(new TaskFailure('deadline')), this.#limits.deadlineMs)
    }
    if (this.#limits.deadlineFrom !== 'begun') startClock()
    this.#running.add(stop)
    task.signal?.addEventListener('abort', giveUp, { once: true })
    if (task.signal?.aborted) giveUp()
    if (this.#closed) stop.abort(new TaskFailure('closed'))
    try {
      await this.#turns.enter(stop.signal)
      try {
        stop.signal.throwIfAborted()
        if (this.#limits.deadlineFrom === 'begun') startClock()
        // The process calls back from where it was started, which may be another request.
        const source: Task['source'] = { ...task.source, open: alsoWithin(range => task.source.open(range)) }
        return await this.#run({ ...task, source, signal: stop.signal })
      } finally {
        this.#turns.leave()
      }
    } finally {
      clearTimeout(timer)
      this.#running.delete(stop)
      task.signal?.removeEventListener('abort', giveUp)
    }
  }

  /** Ends tasks and processes; resolves when they have ended. What is asked from now on is answered with `closed`. */
  async close(): Promise<void> {
    this.#closed = true
    for (const stop of this.#running) stop.abort(new TaskFailure('closed'))
    for (const timer of this.#idle.values()) clearTimeout(timer)
    this.#idle.clear()
    for (const process of this.#all) process.kill()
    await Promise.all([...this.#all].map(process => process.ended))
  }

  async #run(task: Task): Promise<unknown> {
    const process = this.#take()
    try {
      return await process.run(task)
    } finally {
      this.#putBack(process)
    }
  }

  #take(): IsolatedProcess {
    for (const [process, timer] of [...this.#idle].reverse()) {
      clearTimeout(timer)
      this.#idle.delete(process)
      if (process.usable) return process
    }
    const process = untraced(() => new IsolatedProcess(this.#limits))
    this.#all.add(process)
    void process.ended.then(() => this.#all.delete(process))
    return process
  }

  #putBack(process: IsolatedProcess): void {
    if (this.#closed || this.#limits.once) process.kill()
    if (!process.usable) return
    const timer = setTimeout(() => {
      this.#idle.delete(process)
      process.kill()
    }, this.#limits.idleMs)
    this.#idle.set(process, timer.unref())
  }
}
