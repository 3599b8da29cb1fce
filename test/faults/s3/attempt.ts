import assert from 'node:assert/strict'
import { UnexpectedAnswer } from '../ask.ts'
import { type FaultName, REFUSALS, STORAGE_FAULTS, type Told } from './faults.ts'

/** What became of one request, or of a row of them that ended with the first refusal. */
export type Attempt<T> =
  | { readonly told: 'success'; readonly result: T }
  | {
      readonly told: Exclude<Told, 'success'>
      /** For the message of a failure. */
      readonly reason: string
    }

/** What is told by it; rejects with an AssertionError when an answer is none that a fault of a store may have. */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { told: 'success', result: await work() }
  } catch (error) {
    if (error instanceof UnexpectedAnswer) return { told: refusalOf(error), reason: error.message }
    if (error instanceof assert.AssertionError) throw error
    return { told: 'broken', reason: String(error) }
  }
}

/** Fails unless the table lists it; gives it back. */
export function expectListed<T>(
  fault: FaultName,
  of: 'upload' | 'download',
  attempted: Attempt<T>,
): Attempt<T> {
  const listed: readonly Told[] = STORAGE_FAULTS[fault][of]
  assert(
    listed.includes(attempted.told),
    `${fault}: an ${of} is told "${attempted.told}" and not ${listed.join(' or ')}: ${JSON.stringify(attempted)}`,
  )
  return attempted
}

function refusalOf(error: UnexpectedAnswer): Exclude<Told, 'success'> {
  const { status, code, retryAfter } = error.refusal
  for (const [told, expected] of Object.entries(REFUSALS)) {
    // An answer to HEAD has no body, and one of GraphQL has its code alone.
    if (code === undefined ? status !== expected.status : code !== told) continue
    if (status !== 200) assert.equal(status, expected.status, error.message)
    assert.match(retryAfter ?? '', expected.retryAfter, `Retry-After of ${error.message}`)
    return told as Exclude<Told, 'success'>
  }
  throw error
}
