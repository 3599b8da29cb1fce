import assert from 'node:assert/strict'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { audit } from '../audit.ts'
import type { Outcome } from '../client.ts'
import { newSeed } from '../random.ts'
import type { Facts, Lab, Scenario } from '../scenario.ts'
import type { Site } from '../site.ts'
import { makeSpecimen } from '../specimen.ts'
import { mountRefusal, mountSmallDisk } from '../tmpfs.ts'
import { restartAndAudit } from './named-points.ts'

const MEGABYTE = 1_000_000

function codeOf(outcome: Outcome): string {
  if (outcome.kind === 'refused') return outcome.code
  return outcome.kind === 'broken' ? outcome.reason : outcome.kind
}

/** The store holds 24 MB: the second file of 16 MB does not fit, and smaller ones do. */
async function fullStore({ newSite, database, opened, random }: Lab): Promise<void> {
  const site = await newSite({ DATABASE_URL: await database() })
  opened.use(await mountSmallDisk(join(site.dataDir, 'files'), 24))
  await site.start()
  const upload = async (megabytes: number) =>
    codeOf(await site.upload(makeSpecimen(newSeed(random), megabytes * MEGABYTE)))
  assert.equal(await upload(16), 'acknowledged')
  assert.equal(await upload(16), 'INSUFFICIENT_STORAGE')
  const both = await Promise.all([upload(14), upload(15)])
  assert.deepEqual(both, ['INSUFFICIENT_STORAGE', 'INSUFFICIENT_STORAGE'])
  await site.uploadOne(newSeed(random))
  await audit(site)
  await site.stop()
}

/** Files are parsed into a folder that is smaller than they are. */
async function fullTempFolder({ newSite, database, opened, random }: Lab): Promise<void> {
  const site = await newSite({ DATABASE_URL: await database() })
  opened.use(await mountSmallDisk(join(site.dataDir, 'tmp'), 8))
  await site.start()
  const outcome = await site.upload(makeSpecimen(newSeed(random), 32 * MEGABYTE))
  assert.equal(codeOf(outcome), 'INSUFFICIENT_STORAGE')
  await site.uploadOne(newSeed(random))
  await audit(site)
  await site.stop()
}

/** The cluster's disk has no byte left: uploads are refused until it has. */
async function fullDatabase(lab: Lab): Promise<number> {
  const { newSite, opened, random } = lab
  const site = await newSite()
  const home = join(site.dataDir, 'postgres')
  await mkdir(home, { recursive: true })
  const disk = opened.use(await mountSmallDisk(home, 160))
  await chmod(home, 0o711)
  await site.start()
  await site.uploadOne(newSeed(random))
  await disk.fill()
  const taken = await uploadUntilRefused(site, lab)
  // What is there can still be read, and the next upload finds room without anybody's help.
  assert.equal((await site.client.list()).length, taken + 1)
  await disk.free()
  await site.uploadOne(newSeed(random))
  await audit(site)
  await site.kill()
  await restartAndAudit(site)
  return taken
}

/** Small files, until the database has no room for the row of one more; how many it has taken. */
async function uploadUntilRefused(site: Site, { random, deadline }: Lab): Promise<number> {
  for (let taken = 0; ; taken++) {
    deadline.throwIfAborted()
    const code = codeOf(await site.upload(makeSpecimen(newSeed(random), 1000)))
    if (code === 'acknowledged') continue
    assert.equal(code, 'SERVICE_UNAVAILABLE')
    return taken
  }
}

async function run(lab: Lab): Promise<Facts> {
  const refusal = await mountRefusal((await lab.newSite()).folder)
  if (refusal !== null) return { 'not run: this user may not mount a small disk': refusal }
  lab.progress('the store')
  await fullStore(lab)
  lab.progress('the temp folder')
  await fullTempFolder(lab)
  lab.progress('the database')
  const taken = await fullDatabase(lab)
  return {
    'a full store': 'INSUFFICIENT_STORAGE; smaller files are taken',
    'a full temp folder': 'INSUFFICIENT_STORAGE; smaller files are taken',
    'a full database': `SERVICE_UNAVAILABLE after ${taken} more; reads go on`,
  }
}

export const diskFull: Scenario = {
  name: 'disk-full',
  proves:
    'A full disk under the store, the temp folder or the database is told to the client, ends nothing, and leaves nothing; when there is room again, everything works.',
  deadlineSeconds: 180,
  run,
}
