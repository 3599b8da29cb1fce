import { AppError } from '../errors.ts'
import type { RepeatObserver } from './idempotency.metrics.ts'
import { AlreadyMade, type Once } from './once.ts'

/** The same, and tells what became of a key that had been used before. */
export function watchedOnce(once: Once, tell: RepeatObserver): Once {
  const told = (error: unknown): never => {
    if (error instanceof AlreadyMade) tell('repeated')
    if (error instanceof AppError && error.code === 'IDEMPOTENCY_CONFLICT') tell('conflict')
    throw error
  }
  const resultOf = (resultFor: () => string): string => {
    try {
      const result = resultFor()
      tell('repeated')
      return result
    } catch (error) {
      return told(error)
    }
  }
  return {
    async earlier() {
      const earlier = await once.earlier().catch(told)
      return earlier && { resultFor: content => resultOf(() => earlier.resultFor(content)) }
    },
    claim: (tx, resultId, content) => once.claim(tx, resultId, content).catch(told),
  }
}
