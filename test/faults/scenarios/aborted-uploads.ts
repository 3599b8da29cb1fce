import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { ENDINGS } from '../aborts/break-off.ts'
import { BreakingOrigin } from '../aborts/breaking-origin.ts'
import { collectGarbage, MEASURED } from '../aborts/collect-garbage.ts'
import { type Abort, DOORS, type Visitor } from '../aborts/doors.ts'
import { PLACES } from '../aborts/message.ts'
import { atRest, becomes, filesBelow, type Resources, resourcesOf } from '../aborts/resources.ts'
import { examine } from '../audit.ts'
import type { Environment } from '../gateway-process.ts'
import { PgProxy } from '../pg-proxy.ts'
import { type Random, seededRandom } from '../random.ts'
import type { Lab, Scenario } from '../scenario.ts'
import { AUTHORIZATION, type Site } from '../site.ts'
import { bytesOf } from '../specimen.ts'

const WARM_UP = 50
const ABORTS = 1_000
const PARALLEL = 20
/** Above what is written at once, and far below it. */
const SMALLEST = 1_000
const LARGEST = 1_500_000
const MOST_MEBIBYTES = 64
const EXPIRES_SECONDS = 10

/** What a site must be opened with. */
export const ABORTING: Environment = {
  ...MEASURED,
  // Each failed import warns.
  LOG_LEVEL: 'error',
  RATE_LIMIT: 'off',
  IMPORT_FROM_URL: '127.0.0.0/8',
  UPLOAD_EXPIRES_SECONDS: String(EXPIRES_SECONDS),
  // Longer than any run: what a broken-off request should have cleared up is not hidden by the reaper.
  UPLOAD_LEASE_SECONDS: '3600',
}

export interface Aborting {
  readonly random: Random
  /** At each door, before the base line is taken and after it. */
  readonly warmUp: number
  readonly aborts: number
  /** URL of the site's database, by TCP. */
  readonly database: string
  readonly progress?: (message: string) => void
}

export interface Aborted {
  readonly before: Resources
  readonly after: Resources
  readonly seconds: Readonly<Record<string, number>>
}

/**
 * Breaks off uploads at every door, and looks whether the gateway holds what it held before: not one file descriptor more, no
 * temporary file, and in the store only what a client could have gone on with, until that expires.
 */
export async function abortUploads(site: Site, options: Aborting): Promise<Aborted> {
  const { random, warmUp, aborts, progress } = options
  await site.start()
  using remote = await BreakingOrigin.open()
  const holder = { pid: site.gateway.pid, databasePort: Number(new URL(options.database).port) }
  const visitor = { origin: await site.gateway.origin(), authorization: AUTHORIZATION, remote }
  await atDoors(visitor, { random, count: warmUp, label: 'warm-up' })
  await remote.allAskedAgain()
  // What is freed in one collection is given back with the next.
  for (let i = 0; i < 2; i++) await collectGarbage(site.gateway)
  const before = await atRest(holder)
  progress?.(`base line: ${before.open.length} file descriptors, ${before.mebibytes} MiB`)
  const seconds = await atDoors(visitor, { random, count: aborts, label: 'run', progress })
  await remote.allAskedAgain()
  const { open } = await becomes(
    () => resourcesOf(holder),
    now => now.open.length <= before.open.length,
    { withinMs: 60_000, what: `not back at ${before.open.length} file descriptors` },
  )
  // Only now: to be told to collect takes a connection, too.
  const { mebibytes } = await becomes(
    () => collectGarbage(site.gateway).then(() => resourcesOf(holder)),
    now => now.mebibytes <= before.mebibytes + MOST_MEBIBYTES,
    { withinMs: 60_000, what: `not within ${MOST_MEBIBYTES} MiB of ${before.mebibytes} MiB` },
  )
  await isEmpty(join(site.dataDir, 'tmp'))
  await delay(EXPIRES_SECONDS * 1_000)
  // The gateway's own reaper may be at it as well.
  await becomes(
    () => site.command('reap').then(() => examine(site)),
    awaiting => awaiting === 0,
    { withinMs: 90_000, what: 'blobs still await the reaper' },
  )
  await isEmpty(join(site.dataDir, 'files'))
  assert.deepEqual(
    (await site.client.list()).filter(({ size }) => size !== null),
    [],
    'an aborted upload became a media',
  )
  await hasNoBlobs(options.database)
  await site.stop()
  return { before, after: { open, mebibytes }, seconds }
}

/** A store that clears up after itself hides what the gateway has not given up: its row and what it reserves. */
async function hasNoBlobs(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query('SELECT state, lease_until FROM blob').finally(() => client.end())
  assert.deepEqual(rows, [], 'rows of aborted uploads are left')
}

interface Round {
  readonly random: Random
  readonly count: number
  readonly label: string
  readonly progress?: (message: string) => void
}

/** So many aborts at each door; gives how long each took, in seconds. */
async function atDoors(visitor: Visitor, { random, count, label, progress }: Round) {
  const bytes = Buffer.concat([...bytesOf({ seed: random.integer(1, 2 ** 30), size: LARGEST })])
  const seconds: Record<string, number> = {}
  for (const [number, door] of DOORS.entries()) {
    const began = performance.now()
    const aborts = Array.from({ length: count }, (_, i) =>
      abortOf(`${label}-${number}-${i}`, i, { bytes, random: seededRandom(random.integer(1, 2 ** 30)) }),
    )
    const work = Array.from({ length: Math.min(PARALLEL, count) }, async () => {
      for (let abort = aborts.pop(); abort; abort = aborts.pop()) await door.abort(visitor, abort)
    })
    await Promise.all(work)
    seconds[door.name] = Math.round((performance.now() - began) / 100) / 10
    progress?.(`${count} aborts at ${door.name}: ${seconds[door.name]} s`)
  }
  return seconds
}

/** Every place with every ending, in turn; half of those that can be given up are. */
function abortOf(id: string, i: number, { bytes, random }: { bytes: Buffer; random: Random }): Abort {
  // Many small files and few large ones, as a logarithm spreads them.
  const size = Math.round(SMALLEST * (LARGEST / SMALLEST) ** random.next())
  return {
    id,
    file: bytes.subarray(0, size),
    place: PLACES[i % PLACES.length] as Abort['place'],
    ending: ENDINGS[Math.floor(i / PLACES.length) % ENDINGS.length] as Abort['ending'],
    isTerminated: random.next() < 0.5,
  }
}

async function isEmpty(folder: string): Promise<void> {
  await becomes(
    () => filesBelow(folder),
    files => files.length === 0,
    { withinMs: 30_000, what: `${folder} is not empty` },
  )
}

async function run({ random, newSite, database, opened, progress }: Lab) {
  const { url } = opened.use(await PgProxy.open(await database()))
  const site = await newSite({ ...ABORTING, DATABASE_URL: url })
  const { before, after, seconds } = await abortUploads(site, {
    random,
    warmUp: WARM_UP,
    aborts: ABORTS,
    database: url,
    progress,
  })
  return {
    ...Object.fromEntries(
      Object.entries(seconds).map(([door, took]) => [`aborts at ${door}`, `${ABORTS} in ${took} s`]),
    ),
    'file descriptors before': before.open.length,
    'file descriptors after': after.open.length,
    'resident MiB before': before.mebibytes,
    'resident MiB after': after.mebibytes,
  }
}

export const abortedUploads: Scenario = {
  name: 'aborted-uploads',
  proves: `${ABORTS} uploads that break off at each door (after the headers, in a header, in the file, before the end; by FIN and by RST) leave nothing: file descriptors and temp folder are as before, memory within ${MOST_MEBIBYTES} MiB, and in the store only what can be gone on with, until it expires.`,
  deadlineSeconds: 1_200,
  run,
}
