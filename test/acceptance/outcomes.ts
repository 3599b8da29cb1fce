import type { Promises } from './promise.ts'

/** What became of a promise in a run, the best first. */
export const OUTCOMES = ['kept', 'without a test', 'skipped', 'failing'] as const

export type Outcome = (typeof OUTCOMES)[number]

/** The part of what `jest --json` writes that is read here. */
export interface JestRun {
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

/** By id. A promise with more than one result has the worst of them. */
export function outcomesOf(promises: Promises, run: JestRun): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>(Object.keys(promises).map(id => [id, 'without a test']))
  for (const { title, status } of run.testResults.flatMap(file => file.assertionResults)) {
    const id = title.slice(0, title.indexOf(':'))
    const before = outcomes.get(id)
    if (before) outcomes.set(id, worse(before, status))
  }
  return outcomes
}

function worse(before: Outcome, status: string): Outcome {
  const outcome = status === 'passed' ? 'kept' : status === 'failed' ? 'failing' : 'skipped'
  const isFirst = before === 'without a test'
  return isFirst || OUTCOMES.indexOf(outcome) > OUTCOMES.indexOf(before) ? outcome : before
}
