import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '../audit.ts'
import type { Outcome } from '../client.ts'
import { isCommit, PgProxy, type Verdict } from '../pg-proxy.ts'
import { newSeed, type Random } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'

const SIZE = 3_000_000
const PARALLEL = 8
const ROUNDS = 4
/** What a transaction must have said before its COMMIT, to be the one that is meant. */
const STAGES = /^INSERT INTO blob /
export const MAKES_MEDIA = /^INSERT INTO "media"/
/** Longer than the gateway keeps asking what became of a COMMIT. */
const OUTAGE_MS = 7_000

interface Loss {
  readonly of: RegExp
  readonly how: Exclude<Verdict, 'forward'>
  /** The database cannot be reached from then on. */
  readonly outage?: boolean
  readonly idempotencyKey?: string
}

/** Uploads one file, and loses the COMMIT that is meant, once. */
export async function loseCommit(
  site: Site,
  proxy: PgProxy,
  seed: number,
  { of, how, outage, idempotencyKey }: Loss,
): Promise<Outcome> {
  let lost = 0
  proxy.judge = (statement, transaction) => {
    if (lost > 0 || !isCommit(statement) || !transaction.some(said => of.test(said))) return 'forward'
    lost++
    proxy.reachable = !outage
    return how
  }
  const outcome = await site.upload(makeSpecimen(seed, SIZE), { idempotencyKey })
  assert.equal(lost, 1, `no COMMIT came by: ${JSON.stringify(outcome)}`)
  proxy.judge = () => 'forward'
  return outcome
}

/** Whether the server has carried out a COMMIT makes no difference to the client: the gateway finds out. */
async function briefly(site: Site, proxy: PgProxy, random: Random): Promise<number> {
  let acknowledged = 0
  for (const how of ['cut', 'cutAfter'] as const) {
    const outcome = await loseCommit(site, proxy, newSeed(random), { of: MAKES_MEDIA, how })
    assert.equal(outcome.kind, 'acknowledged', `the gateway did not find out: ${JSON.stringify(outcome)}`)
    acknowledged++
    // Nothing is promised yet, and nothing is found out: the client tries again.
    refusedForNow(await loseCommit(site, proxy, newSeed(random), { of: STAGES, how }))
  }
  return acknowledged
}

/** While it is not known whether the upload is kept, its bytes are; in the end it is there if the server had its COMMIT. */
async function withOutage(
  site: Site,
  proxy: PgProxy,
  { seed, how }: { seed: number; how: Loss['how'] },
): Promise<void> {
  const before = await site.objects()
  const began = Date.now()
  refusedForNow(await loseCommit(site, proxy, seed, { of: MAKES_MEDIA, how, outage: true }))
  assert.equal(
    (await site.objects()) - before,
    1,
    'bytes were removed while it was unknown whether they are committed',
  )
  assert.equal(await site.client.ready(), 503)
  refusedForNow(await site.upload(makeSpecimen(seed + 1, SIZE)))
  await delay(Math.max(0, began + OUTAGE_MS - Date.now()))
  proxy.reachable = true
  await audit(site)
  const { name } = makeSpecimen(seed, SIZE)
  const there = (await site.client.list()).some(media => media.originalFileName === name)
  assert.equal(there, how === 'cutAfter', `${how}, and in the end it is ${there ? '' : 'not '}there`)
}

/** Many uploads at once lose any of their COMMITs, as the seed decides. */
async function atRandom(
  site: Site,
  proxy: PgProxy,
  random: Random,
): Promise<{ lost: number; acknowledged: number }> {
  let lost = 0
  proxy.judge = statement => {
    if (!isCommit(statement) || random.next() < 0.7) return 'forward'
    lost++
    return random.pick(['cut', 'cutAfter'])
  }
  const uploads = Array.from({ length: PARALLEL }, () => site.upload(makeSpecimen(newSeed(random), SIZE)))
  const outcomes = await Promise.all(uploads)
  proxy.judge = () => 'forward'
  for (const outcome of outcomes) if (outcome.kind !== 'acknowledged') refusedForNow(outcome)
  return { lost, acknowledged: outcomes.filter(({ kind }) => kind === 'acknowledged').length }
}

function refusedForNow(outcome: Outcome): void {
  assert.equal(outcome.kind, 'refused', `no answer: ${JSON.stringify(outcome)}`)
  const { code, retryAfter } = outcome as Extract<Outcome, { kind: 'refused' }>
  assert.equal(code, 'SERVICE_UNAVAILABLE')
  assert(Number(retryAfter) > 0, 'Retry-After is missing')
}

async function run({ random, newSite, database, opened, progress }: Lab) {
  const proxy = opened.use(await PgProxy.open(await database()))
  const site = await newSite({ DATABASE_URL: proxy.url })
  await site.start()
  progress('answers to COMMIT lost, the database there again at once')
  const settled = await briefly(site, proxy, random)
  for (const how of ['cut', 'cutAfter'] as const) {
    progress(`the database gone with the ${how === 'cut' ? 'COMMIT' : 'answer'}`)
    await withOutage(site, proxy, { seed: newSeed(random), how })
  }
  let lost = 0
  let acknowledged = 0
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`COMMITs lost at random, round ${round} of ${ROUNDS}`)
    const counted = await atRandom(site, proxy, random)
    lost += counted.lost
    acknowledged += counted.acknowledged
    await audit(site)
  }
  await site.stop()
  return {
    'COMMITs lost in U4, found out and acknowledged': settled,
    'COMMITs lost in U4 with the database, refused for now and the bytes kept': 2,
    'COMMITs lost at random': lost,
    'acknowledged of the uploads in these rounds': `${acknowledged} of ${ROUNDS * PARALLEL}`,
  }
}

export const commitLost: Scenario = {
  name: 'commit-lost',
  proves:
    'A COMMIT whose answer is lost, before or after it was carried out, is found out: one media and its acknowledgement, or SERVICE_UNAVAILABLE with Retry-After and no byte removed while it is unknown.',
  deadlineSeconds: 180,
  run,
}
