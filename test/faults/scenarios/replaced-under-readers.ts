import assert from 'node:assert/strict'
import { join } from 'node:path'
import { examine } from '../audit.ts'
import { tryReads } from '../read-trial.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { SECRET } from '../site.ts'

const READERS = 1_000
const REPLACEMENTS = 100
/** Every so many is given to the gateway that all read from, where it waits in line with them; the others to a second one. */
const IN_LINE_EVERY = 10

async function run({ newSite, database, random, progress, deadline }: Lab) {
  const environment = {
    DATABASE_URL: await database(),
    // All of them have one address.
    RATE_LIMIT: 'off',
    MAX_CONNECTIONS_PER_ADDRESS: String(2 * READERS),
    // In line with 1 000 a lease of the shortest kind runs out.
    UPLOAD_LEASE_SECONDS: '300',
  }
  const read = await newSite(environment)
  await read.start()
  const beside = await newSite({ ...environment, STORAGE_URL: `file:${join(read.dataDir, 'files')}` })
  await beside.start()
  const [origin, other] = await Promise.all([read.gateway.origin(), beside.gateway.origin()])
  const { reads, overtaken, seen } = await tryReads({
    origin,
    replacedAt: version => (version % IN_LINE_EVERY === 0 ? origin : other),
    bearer: `mgw_${SECRET.replace(':', '_')}`,
    readers: READERS,
    replacements: REPLACEMENTS,
    random,
    deadline,
    progress: answered => {
      if (answered % IN_LINE_EVERY === 0) progress(`${answered} of ${REPLACEMENTS} replacements`)
    },
  })
  assert(overtaken > 0, 'no replacement was answered while anybody read')
  assert.equal(await examine(read), 0)
  // The one that is there and all that it had before: each can be had by its version for a week.
  assert.equal(await read.objects(), REPLACEMENTS + 1)
  await Promise.all([read.stop(), beside.stop()])
  return {
    'readers at once': READERS,
    'replacements, one after the other': REPLACEMENTS,
    'of these, by the gateway that all read from': REPLACEMENTS / IN_LINE_EVERY,
    'reads, each one content with its ETag and none older than the last answer': reads,
    'of these, with a replacement answered meanwhile': overtaken,
    'contents that were read': `${seen} of ${REPLACEMENTS + 1}`,
  }
}

export const replacedUnderReaders: Scenario = {
  name: 'replaced-under-readers',
  proves:
    'While 1 000 read a media in a loop and its content is replaced 100 times, nobody gets mixed bytes or an ETag of other bytes, and after the answer to a replacement nobody gets what was before.',
  deadlineSeconds: 600,
  run,
}
