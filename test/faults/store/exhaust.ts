import assert from 'node:assert/strict'
import { ADMIN, type TestApp } from '../../support/app.ts'
import { type StoreFaults, type Way, waysOf } from './failing-driver.ts'
import { type Attempts, type Made, type Operation, Refused, sha256 } from './operations.ts'

export interface Exhausted {
  /** Calls of the store that the operation makes. */
  readonly calls: readonly string[]
  readonly cases: number
  /** Attempts that were told to have succeeded, though a call had failed. */
  readonly succeeded: number
}

/** What a client does after a refusal: tries again at once, or so late that leases have run out and the reaper has been there. */
const COMES_AGAIN = ['at once', 'later'] as const
type Again = (typeof COMES_AGAIN)[number]

/**
 * Fails each call of the store that an operation makes, in each way that it can fail, once a case; and holds all that is promised
 * against what is there when the store is well again. Clients come again in either way after each failure, or, where `half` of the
 * cases are enough, in the one and in the other by turns. Rejects with the first breach, and the case that it was found in.
 */
export async function exhaust(
  { gateway, faults, half }: Pick<Lab, 'gateway' | 'faults'> & { readonly half: boolean },
  operation: Operation,
): Promise<Exhausted> {
  faults.plan(null)
  const untroubled = await operation.begin(gateway)
  faults.plan(null)
  const made = await untroubled.attempt()
  const calls = [...faults.calls]
  await holds(gateway, untroubled, made)
  await clear(gateway)
  let cases = 0
  let succeeded = 0
  for (const [i, name] of calls.entries()) {
    for (const way of waysOf(name)) {
      for (const again of half ? COMES_AGAIN.slice(cases % 2, (cases % 2) + 1) : COMES_AGAIN) {
        const at = i + 1
        try {
          if (await withstands({ gateway, faults, operation }, { at, way, again })) succeeded++
        } catch (error) {
          throw new Error(
            `${operation.name}: call ${at} of ${calls.length} (${name}) failed "${way}", tried again ${again}: ${(error as Error).message}`,
            { cause: error },
          )
        }
        cases++
      }
    }
  }
  return { calls, cases, succeeded }
}

interface Lab {
  readonly gateway: TestApp
  readonly faults: StoreFaults
  readonly operation: Operation
}

interface Case {
  readonly at: number
  readonly way: Way
  readonly again: Again
}

/** True when the attempt succeeded in spite of the failure. */
async function withstands({ gateway, faults, operation }: Lab, { at, way, again }: Case): Promise<boolean> {
  faults.plan(null)
  const attempts = await operation.begin(gateway)
  faults.plan({ at, way })
  const first = await attempts.attempt().catch(asRefusal)
  faults.plan(null)
  // As readiness does.
  await gateway.app.foundation.storage.check('default')
  if (first instanceof Refused) {
    if (again === 'later') {
      await settle(gateway)
      await holds(gateway, attempts, first)
    }
  } else await holds(gateway, attempts, first)
  const made = await attempts.attempt()
  await settle(gateway)
  await holds(gateway, attempts, made)
  await clear(gateway)
  return !(first instanceof Refused)
}

/** A store that fails is told as such, and when to come again. */
function asRefusal(error: unknown): Refused {
  if (!(error instanceof Refused)) throw error
  assert.equal(error.code, 'STORAGE_UNAVAILABLE', `told as ${error.message}`)
  assert(Number(error.retryAfter) >= 1, `told without Retry-After: ${error.message}`)
  return error
}

/** Uploads that wait expire, leases run out, and the reaper comes by. */
async function settle({ app }: TestApp): Promise<void> {
  const { database } = app.foundation
  await database.query(
    `UPDATE tus_upload u SET expires_at = clock_timestamp() FROM blob b WHERE b.id = u.blob_id AND b.state = 'staged'`,
  )
  await database.query(
    `UPDATE blob SET lease_until = clock_timestamp() - interval '1 second' WHERE lease_until IS NOT NULL`,
  )
  await app.reaper.run()
}

/** So that the next case has nothing else to look at. */
async function clear(gateway: TestApp): Promise<void> {
  const { app } = gateway
  await app.foundation.database.query(
    `UPDATE media SET deleted_at = now() - interval '1 day', purge_at = now()`,
  )
  await app.trash.empty()
  await settle(gateway)
}

/** What is there, against what was told; `told` is what the last attempt was answered. */
async function holds(gateway: TestApp, attempts: Attempts, told: Made | Refused | null): Promise<void> {
  const { findings, awaitingReaper } = await gateway.app.doctor.examine()
  assert.deepEqual(findings, [], 'the doctor found something')
  if (told instanceof Refused) assert.equal(awaitingReaper, 0, 'blobs still await the reaper')
  const { mayBe, before } = attempts
  for (const [name, hash] of mayBe) {
    const there = await mediaOf(gateway, name)
    assert(there.length <= 1, `${name} is there ${there.length} times`)
    if (!(told instanceof Refused)) assert.deepEqual(there, [told?.mediaId], `${name} was acknowledged`)
    for (const id of there) assert.equal(await contentOf(gateway, id), hash, `${name} has other bytes`)
  }
  if (told && !(told instanceof Refused))
    assert.equal(await contentOf(gateway, told.mediaId), told.sha256, 'what was acknowledged has other bytes')
  if (told instanceof Refused && before) {
    const now = await contentOf(gateway, before.mediaId)
    assert(now === null || now === before.sha256, 'what was refused has changed the content')
  }
  if (told === null && before) assert.equal(await contentOf(gateway, before.mediaId), null, 'it was deleted')
}

async function mediaOf(gateway: TestApp, name: string): Promise<string[]> {
  const rows = await gateway.app.foundation.database.query<{ id: string }>(
    'SELECT id FROM media WHERE original_file_name = $1',
    [name],
  )
  return rows.map(({ id }) => id)
}

/** SHA-256 of what is delivered; null when there is none. */
async function contentOf({ url }: TestApp, id: string): Promise<string | null> {
  const answer = await fetch(`${url}/media/${id}/content`, { headers: { authorization: ADMIN } })
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (answer.status === 404) return null
  assert.equal(answer.status, 200, `content is answered ${answer.status}: ${bytes.subarray(0, 200)}`)
  return sha256(bytes)
}
