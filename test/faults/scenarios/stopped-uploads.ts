import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { FaultPoint } from '../../../src/platform/fault.ts'
import { audit } from '../audit.ts'
import type { Outcome } from '../client.ts'
import { newSeed } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'

const SIZE = 5_000_000

/** What becomes of an upload whose gateway slept at this point while another process reaped. */
const POINTS = {
  'U2.start': 'lost',
  'U3.beforeStat': 'lost',
  'U3.done': 'lost',
  // The transaction holds the row, and the reaper passes over what is locked: it is too late to take the lease.
  'U4.beforeCommit': 'kept',
  'U4.afterCommit': 'kept',
} as const satisfies Partial<Record<FaultPoint, 'lost' | 'kept'>>

/** Stops the gateway at the point beyond the lease, reaps meanwhile, and lets it go on. */
export async function pauseUpload(site: Site, point: keyof typeof POINTS, seed: number): Promise<void> {
  await site.start({ fault: `${point}:stop` })
  const uploaded = site.upload(makeSpecimen(seed, SIZE))
  await isStopped(site.gateway.pid)
  await sleepThroughTheLease(site, POINTS[point] === 'lost' ? 1 : 0)
  expectOutcome(await uploaded, POINTS[point])
  await audit(site)
  await site.kill()
}

/** Stops the gateway in the middle of the bytes; the rest comes when it goes on. */
async function pauseStream(site: Site, { random, deadline }: Lab): Promise<void> {
  const log = site.faultLog()
  await site.start({ fault: 'U2.bytes:delay=100', log })
  const uploaded = site.upload(makeSpecimen(newSeed(random), SIZE))
  await log.until('U2.bytes', 2, deadline)
  site.gateway.signal('SIGSTOP')
  await isStopped(site.gateway.pid)
  assert(log.within('U2') === 1, 'the bytes were complete before the gateway could be stopped')
  await sleepThroughTheLease(site, 1)
  expectOutcome(await uploaded, 'lost')
  await audit(site)
  await site.kill()
}

async function sleepThroughTheLease(site: Site, expired: number): Promise<void> {
  await site.leasesRunOut(Date.now())
  const reaped = (await site.command('reap')) as { expired: number; removed: number }
  assert.deepEqual([reaped.expired, reaped.removed], [expired, expired], 'the reaper saw another lease')
  site.gateway.signal('SIGCONT')
}

function expectOutcome(outcome: Outcome, expected: 'lost' | 'kept'): void {
  const seen = outcome.kind === 'refused' ? outcome.code : outcome.kind
  assert.equal(seen, expected === 'lost' ? 'LEASE_LOST' : 'acknowledged')
}

/** Resolves once the system holds the process; the state follows its name in parentheses (proc(5), /proc/pid/stat). */
async function isStopped(pid: number): Promise<void> {
  while (!/\) T /.test(await readFile(`/proc/${pid}/stat`, 'latin1'))) await delay(20)
}

async function run(lab: Lab) {
  const { newSite, database, random, progress } = lab
  const site = await newSite({ DATABASE_URL: await database() })
  const points = Object.keys(POINTS) as (keyof typeof POINTS)[]
  for (const point of points) {
    progress(`stopped at ${point}`)
    await pauseUpload(site, point, newSeed(random))
  }
  progress('stopped while bytes stream')
  await pauseStream(site, lab)
  const kept = points.filter(point => POINTS[point] === 'kept').length
  return {
    'stopped and refused with LEASE_LOST': points.length - kept + 1,
    'stopped in or after the commit, kept': kept,
  }
}

export const stoppedUploads: Scenario = {
  name: 'stopped-uploads',
  proves:
    'A gateway that is stopped beyond the lease of its upload, and reaped meanwhile, cannot commit it when it goes on: the client is told LEASE_LOST and nothing stays. From the last moment of the commit on, the upload is kept.',
  deadlineSeconds: 120,
  run,
}
