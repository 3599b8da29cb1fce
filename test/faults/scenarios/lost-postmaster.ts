import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '../audit.ts'
import { postmasterPid } from '../postmaster.ts'
import { newSeed } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'

const SIZE = 10_000_000
const PARALLEL = 4
const ROUNDS = 3

async function killPostmaster(site: Site): Promise<void> {
  const pid = await postmasterPid(site.dataDir)
  assert(pid, 'no embedded PostgreSQL runs')
  process.kill(pid, 'SIGKILL')
  while ((await postmasterPid(site.dataDir)) !== null) await delay(20)
}

/** Uploads run, bytes are under way in all of them, and the database server dies; then perhaps the gateway, too. */
async function round(site: Site, { random, deadline }: Lab, killed: 'server' | 'both'): Promise<number> {
  const log = site.faultLog()
  await site.start({ log, fault: 'U3.done:delay=300' })
  await site.uploadOne(newSeed(random))
  const uploads = Array.from({ length: PARALLEL }, () => site.upload(makeSpecimen(newSeed(random), SIZE)))
  await log.until('U2.bytes', random.integer(2, 20), deadline)
  await killPostmaster(site)
  if (killed === 'both') await site.kill()
  const outcomes = await Promise.all(uploads)
  const refused = outcomes.filter(outcome => outcome.kind === 'refused')
  for (const { code } of refused) assert.equal(code, 'SERVICE_UNAVAILABLE')
  if (killed === 'server') {
    assert(
      outcomes.every(({ kind }) => kind !== 'broken'),
      `the gateway ended: ${JSON.stringify(outcomes)}`,
    )
    assert.equal(await site.client.ready(), 503)
    await site.kill()
  }
  await site.start()
  await audit(site)
  await site.stop()
  return refused.length
}

async function run(lab: Lab) {
  const site = await lab.newSite()
  let refused = 0
  for (let i = 1; i <= ROUNDS; i++) {
    lab.progress(`round ${i} of ${ROUNDS}: the server`)
    refused += await round(site, lab, 'server')
    lab.progress(`round ${i} of ${ROUNDS}: the server and the gateway`)
    refused += await round(site, lab, 'both')
  }
  return {
    'kills of the database server': 2 * ROUNDS,
    'with the gateway': ROUNDS,
    'uploads refused for now': refused,
  }
}

export const lostPostmaster: Scenario = {
  name: 'lost-postmaster',
  proves:
    'SIGKILL of the embedded PostgreSQL during uploads, alone or with its gateway, ends no gateway and loses nothing: uploads are refused, and the next start goes on.',
  deadlineSeconds: 150,
  run,
}
