import type { Logger } from 'pino'
import { AppError } from '../../platform/errors.ts'
import type { ContentRef, Step, StepOutcome } from './step.ts'
import type { StepRows } from './step-rows.ts'

/** Which time it is that the job is begun, from 1, and what ends it when the process does. */
export interface Attempt {
  readonly number: number
  readonly stopped: AbortSignal
}

/** With graphile-worker's pauses the last one is half an hour after the first. */
export const ATTEMPTS = 8

/**
 * Takes one content through its steps. May be done any number of times, also by two workers at once: a step that has ended is not
 * begun again, and nothing is said of a content that is no longer the present one.
 */
export class ProcessJob {
  constructor(
    private readonly deps: {
      readonly steps: readonly Step[]
      readonly rows: StepRows
      readonly log: Pick<Logger, 'error'>
      /** How long the steps of one content may take together, in one attempt. */
      readonly seconds: number
    },
  ) {}

  /** Rejects with what may be better next time; what will not be is written down at the media. */
  async run(mediaId: string, { number, stopped }: Attempt): Promise<void> {
    const { rows, seconds } = this.deps
    const content = await rows.content(mediaId)
    if (!content) return
    const waiting = await rows.waiting(content)
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(seconds * 1_000)])
    for (const step of this.deps.steps.filter(({ name }) => waiting.has(name))) {
      await rows.begun(content, step.name)
      const outcome = await this.#outcome(step, content, { number, signal, stopped })
      await rows.ended(content, step.name, outcome)
      if (outcome.stop !== undefined) break
    }
    await rows.settle(content)
  }

  async #outcome(
    step: Step,
    content: ContentRef,
    { number, signal, stopped }: Attempt & { readonly signal: AbortSignal },
  ): Promise<StepOutcome> {
    try {
      return await step.run(content, signal)
    } catch (error) {
      if (stopped.aborted || number < ATTEMPTS) {
        // Who runs the jobs writes it to the log.
        await this.deps.rows.postponed(content, step.name, toldOf(error))
        throw error
      }
      const { mediaId, contentVersion } = content
      this.deps.log.error({ err: error, mediaId, contentVersion, step: step.name }, 'a step is given up')
      return { state: 'FAILED', reason: 'gave-up', detail: toldOf(error), stop: step.name }
    }
  }
}

/** Passing trouble is the gateway's own, and names its stores and its files: clients are told what was written for them. */
const toldOf = (error: unknown): string | undefined =>
  error instanceof AppError ? error.publicMessage : undefined
