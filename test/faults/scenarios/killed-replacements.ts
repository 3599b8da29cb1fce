import assert from 'node:assert/strict'
import { FAULT_POINTS, type FaultPoint } from '../../../src/platform/fault.ts'
import { replaceContent } from '../../support/replace.ts'
import { examine } from '../audit.ts'
import { newSeed } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { SECRET, type Site } from '../site.ts'
import { bytesOf, makeSpecimen } from '../specimen.ts'

const SIZE = 300_000
const POINTS = (Object.keys(FAULT_POINTS) as FaultPoint[]).filter(point => point.startsWith('U'))

/**
 * Kills the gateway when a replacement comes to the point. The media has the old content or the new one, whole, and its
 * versions are as many; nothing else is left. Gives whether it has the new one.
 */
export async function killReplacement(site: Site, point: FaultPoint, seed: number): Promise<boolean> {
  const [old, fresh] = [makeSpecimen(seed, SIZE), makeSpecimen(seed + 1, SIZE)]
  await site.start()
  const uploaded = await site.upload(old)
  assert(uploaded.kind === 'acknowledged', JSON.stringify(uploaded))
  await site.kill()

  await site.start({ fault: `${point}:kill` })
  const target = { url: await site.gateway.origin(), authorization: `Bearer mgw_${SECRET.replace(':', '_')}` }
  const part = { bytes: Buffer.concat([...bytesOf(fresh)]), fileName: fresh.name }
  await assert.rejects(replaceContent(target, part, { id: uploaded.id }), { message: 'fetch failed' })
  assert.deepEqual(await site.gateway.endWithin(30_000), { code: null, signal: 'SIGKILL' })
  await site.kill()

  await site.leasesRunOut()
  await site.command('reap')
  assert.equal(await examine(site), 0)
  await site.start()
  const sha256 = await site.client.download(uploaded.id)
  const isNew = sha256 === fresh.sha256
  assert(isNew || sha256 === old.sha256, 'the content is neither the old one nor the new one')
  assert.deepEqual(
    (await site.client.list()).map(media => [media.originalFileName, media.sha256]),
    [isNew ? [fresh.name, fresh.sha256] : [old.name, old.sha256]],
  )
  assert.equal(await site.objects(), isNew ? 2 : 1)
  await site.kill()
  return isNew
}

async function run({ random, newSite, progress }: Lab) {
  let replaced = 0
  for (const point of POINTS) {
    progress(`replacement killed at ${point}`)
    if (await killReplacement(await newSite(), point, newSeed(random))) replaced++
  }
  return { 'kills in replacements': POINTS.length, 'of these, after the commit': replaced }
}

export const killedReplacements: Scenario = {
  name: 'killed-replacements',
  proves:
    'SIGKILL at each named point of a replacement leaves the old content or the new one, whole, and nothing else.',
  deadlineSeconds: 300,
  run,
}
