import assert from 'node:assert/strict'
import { FAULT_POINTS, type FaultPoint } from '../../../src/platform/fault.ts'
import { audit } from '../audit.ts'
import { PgProxy } from '../pg-proxy.ts'
import { newSeed } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'
import { loseCommit, MAKES_MEDIA } from './commit-lost.ts'

const SIZE = 3_000_000
const POINTS = (Object.keys(FAULT_POINTS) as FaultPoint[]).filter(point => point.startsWith('U'))
const ROUNDS = 3
const PARALLEL = 6

/**
 * Kills the gateway when a keyed upload comes to the point, and repeats the upload at once: it is taken, once. Gives whether the
 * first attempt had made the media already.
 */
export async function killAndRepeat(site: Site, point: FaultPoint, seed: number): Promise<boolean> {
  const specimen = makeSpecimen(seed, SIZE)
  const idempotencyKey = `upload ${seed}`
  const at = point === 'U2.bytes' ? `${point}@${SIZE / 2}` : point
  await site.start({ fault: `${at}:kill` })
  const first = await site.upload(specimen, { idempotencyKey })
  assert.equal(first.kind, 'broken', `the gateway answered after ${point}: ${JSON.stringify(first)}`)
  assert.equal((await site.gateway.endWithin(30_000)).signal, 'SIGKILL', `${point} was not passed`)
  await site.kill()
  await site.start()
  const made = (await site.client.list()).find(media => media.originalFileName === specimen.name)
  const again = await site.upload(specimen, { idempotencyKey })
  assert.equal(again.kind, 'acknowledged', `not taken after a kill at ${point}: ${JSON.stringify(again)}`)
  if (made) assert.equal(again.id, made.id, `${point}: the repeated upload has made another media`)
  await audit(site)
  await site.kill()
  return made !== undefined
}

/** The client cannot know whether the COMMIT was carried out; its key makes that no matter. */
async function afterOutage(site: Site, proxy: PgProxy, first: number): Promise<void> {
  for (const [i, how] of (['cut', 'cutAfter'] as const).entries()) {
    const seed = first + i
    const idempotencyKey = `outage ${seed} ${how}`
    const outcome = await loseCommit(site, proxy, seed, {
      of: MAKES_MEDIA,
      how,
      outage: true,
      idempotencyKey,
    })
    assert.equal(outcome.kind, 'refused')
    proxy.reachable = true
    const again = await site.upload(makeSpecimen(seed, SIZE), { idempotencyKey })
    assert.equal(again.kind, 'acknowledged', `${how}: ${JSON.stringify(again)}`)
    await audit(site)
  }
}

/** Impatient clients: many of one key at once, the gateway killed among them, until one is answered. */
async function impatient(site: Site, seed: number): Promise<number> {
  const specimen = makeSpecimen(seed, SIZE)
  const idempotencyKey = `impatient ${seed}`
  let answered = 0
  for (const fault of ['U4.beforeCommit:kill', 'U4.afterCommit:kill', undefined]) {
    await site.start({ fault })
    const uploads = Array.from({ length: PARALLEL }, () => site.upload(specimen, { idempotencyKey }))
    const outcomes = await Promise.all(uploads)
    const ids = new Set(outcomes.flatMap(outcome => (outcome.kind === 'acknowledged' ? [outcome.id] : [])))
    assert(ids.size <= 1, `${ids.size} media of one key`)
    answered += outcomes.filter(({ kind }) => kind === 'acknowledged').length
    if (fault) await site.kill()
  }
  await audit(site)
  await site.kill()
  return answered
}

async function run({ random, newSite, database, opened, progress }: Lab) {
  const site = await newSite()
  let made = 0
  for (const point of POINTS) {
    progress(`killed at ${point}, and repeated`)
    if (await killAndRepeat(site, point, newSeed(random))) made++
  }
  let answered = 0
  for (let round = 1; round <= ROUNDS; round++) {
    progress(`many of one key at once, round ${round} of ${ROUNDS}`)
    answered += await impatient(site, newSeed(random))
  }
  const proxy = opened.use(await PgProxy.open(await database()))
  const cutOff = await newSite({ DATABASE_URL: proxy.url })
  await cutOff.start()
  progress('COMMITs lost with the database, and repeated')
  await afterOutage(cutOff, proxy, newSeed(random))
  return {
    'uploads killed and repeated': POINTS.length,
    'of these, made by the first attempt and given again': made,
    'acknowledged of uploads of one key at once': answered,
    'COMMITs lost with the database, and repeated': 2,
  }
}

export const repeatedUploads: Scenario = {
  name: 'repeated-uploads',
  proves:
    'An upload that is repeated under its idempotency key after SIGKILL at any point, after a lost COMMIT, or many times at once, makes exactly one media.',
  deadlineSeconds: 300,
  run,
}
