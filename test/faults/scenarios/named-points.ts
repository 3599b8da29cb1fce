import assert from 'node:assert/strict'
import { FAULT_POINTS, type FaultPoint } from '../../../src/platform/fault.ts'
import { type Audit, audit, examine } from '../audit.ts'
import { newSeed } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'

const SIZE = 5_000_000
const POINTS = Object.keys(FAULT_POINTS) as FaultPoint[]
/** Points that a gateway passes when it clears up after a client that has gone. */
const BY_CLIENT_ABORT: readonly FaultPoint[] = POINTS.filter(point => /^R[23]/.test(point))
const BY_REAPER: readonly FaultPoint[] = POINTS.filter(point => point.startsWith('R'))
const BY_UPLOAD: readonly FaultPoint[] = POINTS.filter(point => point.startsWith('U'))

/** Kills the gateway when an upload comes to the point, and lets another one go on. */
export async function killUpload(site: Site, point: FaultPoint, seed: number): Promise<void> {
  const at = point === 'U2.bytes' ? `${point}@${SIZE / 2}` : point
  await site.start({ fault: `${at}:kill` })
  const outcome = await site.upload(makeSpecimen(seed, SIZE))
  assert.equal(outcome.kind, 'broken', `the gateway answered after ${point}: ${JSON.stringify(outcome)}`)
  await diedAt(site, point)
}

/** Kills the gateway when it comes to the point while it clears up after a client that has gone. */
async function killDiscard(site: Site, point: FaultPoint, { random, deadline }: Lab): Promise<void> {
  const log = site.faultLog()
  await site.start({ fault: `${point}:kill`, log })
  const client = new AbortController()
  const [, outcome] = await Promise.all([
    log.until('U2.bytes', 1, deadline).then(() => client.abort()),
    site.upload(makeSpecimen(newSeed(random), SIZE), { signal: client.signal, sendOnly: SIZE / 2 }),
  ])
  assert.equal(outcome.kind, 'broken')
  await diedAt(site, point)
}

async function diedAt(site: Site, point: FaultPoint): Promise<void> {
  assert.deepEqual(
    await site.gateway.endWithin(30_000),
    { code: null, signal: 'SIGKILL' },
    `${point} was not passed: ${site.gateway.said()}`,
  )
  await site.kill()
}

/** What a kill has left is in order, once the gateway runs again. */
export async function restartAndAudit(site: Site): Promise<Audit> {
  await site.start()
  const seen = await audit(site)
  await site.kill()
  return seen
}

async function run(lab: Lab) {
  const { random, newSite, progress } = lab
  const site = await newSite()
  for (const point of BY_UPLOAD) {
    progress(`upload killed at ${point}`)
    await killUpload(site, point, newSeed(random))
    await restartAndAudit(site)
  }
  for (const point of BY_CLIENT_ABORT) {
    progress(`clearing up killed at ${point}`)
    await killDiscard(site, point, lab)
    await restartAndAudit(site)
  }
  for (const point of BY_REAPER) {
    progress(`reaper killed at ${point}`)
    // Without a gateway beside it, whose own reaper could come first.
    await killUpload(site, 'U2.bytes', newSeed(random))
    await site.leasesRunOut()
    const end = await site.reapUntilKilled({ fault: `${point}:kill` })
    assert.equal(end.signal, 'SIGKILL', `the reaper did not pass ${point}`)
    await examine(site)
  }
  progress('waiting for what the killed reapers had claimed')
  await site.start()
  const { acknowledged, whole } = await audit(site)
  await site.uploadOne(newSeed(random))
  await site.stop()
  return {
    'kills in uploads': BY_UPLOAD.length,
    'kills while a broken-off upload is cleared up': BY_CLIENT_ABORT.length,
    'kills of the reaper': BY_REAPER.length,
    'kept of uploads killed after their commit': acknowledged + whole,
  }
}

export const namedPoints: Scenario = {
  name: 'named-points',
  proves: 'SIGKILL at each named point of the write protocol leaves nothing behind and loses nothing.',
  deadlineSeconds: 420,
  run,
}
