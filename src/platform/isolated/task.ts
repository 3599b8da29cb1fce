import type { Readable, Writable } from 'node:stream'

/** Stored bytes that a task may read, any part of them, as often as it likes. */
export interface TaskSource {
  /** All bytes that there are. */
  readonly size: number
  /** Opens the bytes from `start` to `end`, both included. What it gives is always destroyed. */
  open(range: { readonly start: number; readonly end: number }): Promise<Readable>
  /**
   * A descriptor of this process that has all of the bytes, where they lie in a file, open until the task is over: the process then reads
   * them by itself, and asks only for what it cannot read.
   */
  readonly fd?: number
}

/** Work for an isolated process. */
export interface Task {
  /** Which of the process's handlers does it. */
  readonly name: string
  /** What the handler is told; plain JSON. */
  readonly args: unknown
  readonly source: TaskSource
  /**
   * Takes what the task makes, chunk by chunk, and is neither ended nor destroyed; its errors are its owner's to listen to. A task that
   * makes more than it may is broken off.
   */
  readonly sink?: Writable
  /** Ends the task with its reason, which is a TaskFailure. */
  readonly signal: AbortSignal
}

/** What ends a task whatever it does; a handler has reasons of its own. */
export const processReasons = {
  source: 'The bytes could not be read from the store.',
  sink: 'What was made could not be handed on.',
  deadline: 'The answer took too long.',
  memory: 'The process took too much memory.',
  crashed: 'The process broke off.',
  installation: 'A part of the gateway could not be loaded: its installation is damaged.',
  aborted: 'The caller gave up.',
  closed: 'The gateway is stopping.',
} as const satisfies Record<string, string>

/** The detail of a `deadline` of which more than half went by waiting for the source. */
export const SLOW_SOURCE = 'most of the time was spent waiting for the store'

export type ProcessReason = keyof typeof processReasons

/** Why a task has no result. The detail is for the log. */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure'
  readonly reason: string
  readonly detail: string | undefined

  constructor(reason: string, detail?: string) {
    super(detail === undefined ? reason : `${reason}: ${detail}`)
    this.reason = reason
    this.detail = detail
  }
}
