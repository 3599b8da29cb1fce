import type { SqlText } from '../../platform/db/sql-builder.ts'
import type { StepName } from './step.ts'

interface BacklogKind {
  readonly meaning: string
  readonly condition: SqlText
  /** What there is nothing to do for is left alone: it was never new, and has not failed. */
  readonly isToDo: (media: {
    readonly steps: readonly StepName[]
    readonly known: readonly string[]
  }) => boolean
}

/** Which media of a library, as an operator chooses them. */
export const BACKLOGS = {
  new: {
    meaning:
      'what was never looked at, or not for all that is looked for now, as what came before an update or a scanner',
    condition: 'true',
    isToDo: ({ steps, known }) => steps.some(step => !known.includes(step)),
  },
  failed: {
    meaning: 'what has failed',
    condition: `m.status = 'FAILED'`,
    isToDo: ({ steps }) => steps.length > 0,
  },
  all: { meaning: 'everything', condition: 'true', isToDo: ({ steps }) => steps.length > 0 },
} as const satisfies Record<string, BacklogKind>
export type BacklogName = keyof typeof BACKLOGS
