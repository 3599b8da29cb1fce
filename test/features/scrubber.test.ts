import { randomBytes } from 'node:crypto'
import { appendFile, mkdir, open, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { blobKey } from '../../src/platform/storage/key.ts'
import { Installation, type Kept, type Running } from '../support/installation.ts'

/** What happens every night by itself: losses are noticed and not served, everything else waits for somebody who decides. */
let installation: Installation
let gateway: Running
const start = async (environment: Record<string, string> = {}) => {
  installation = await Installation.create(environment)
  gateway = await installation.start(await installation.database())
  await gateway.app.epochs.begin('default')
}
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await installation[Symbol.asyncDispose]()
})

const keep = (size = 1_000) => gateway.keep(randomBytes(size))
const scrub = (abortSignal?: AbortSignal) =>
  gateway.app.jobs.find(({ name }) => name === 'blobs.scrub')?.run({}, { abortSignal } as never)
const alarms = () =>
  gateway.log
    .filter(({ level }) => level === 'error')
    .map(({ code, subject, lost }) => ({ code, subject, lost }))
const lastRun = async () => (await gateway.app.inspections.last()).find(({ source }) => source === 'scrubber')
const stateOf = async ({ blobId }: Kept) =>
  (await gateway.sql<{ state: string }>(`SELECT state FROM blob WHERE id = $1`, [blobId]))[0]?.state

async function flipByte({ key }: Kept): Promise<void> {
  const file = await open(installation.pathOf(key), 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, 500)
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 500)
  await file.close()
}

test('a run without damage reads the sample, says nothing, and changes nothing but its own notes', async () => {
  await start()
  for (let i = 0; i < 3; i++) await keep()
  const tree = await installation.tree()
  await scrub()
  expect([alarms(), await installation.tree()]).toEqual([[], tree])
  expect(await lastRun()).toMatchObject({ hashedBytes: 3_000, findings: [] })
})

test.each([
  ['object-missing', ({ key }: Kept) => rm(installation.pathOf(key))],
  ['object-wrong-size', ({ key }: Kept) => appendFile(installation.pathOf(key), 'x')],
  ['object-wrong-content', flipByte],
])('%s raises an alarm, and its blob is not served any more', async (code, damage) => {
  await start({ SCRUB_DAYS: '1' })
  const [kept, whole] = [await keep(), await keep()]
  await damage(kept)
  await scrub()
  expect(alarms()).toContainEqual({ code, subject: kept.blobId, lost: true })
  expect([await stateOf(kept), await stateOf(whole)]).toEqual(['lost', 'live'])
  expect((await gateway.download(kept.mediaId)).status).toBe(502)
  expect((await gateway.download(whole.mediaId)).bytes).toEqual(whole.bytes)
})

test('garbage is told of and left, also when it is old', async () => {
  await start({ SCRUB_DAYS: '1' })
  const key = blobKey(uuid7Maker(() => Date.now() - 30 * 86_400_000)())
  await mkdir(dirname(installation.pathOf(key)), { recursive: true })
  await writeFile(installation.pathOf(key), 'garbage')
  await installation.makeOld(key)
  await scrub()
  expect(alarms()).toEqual([{ code: 'object-without-row', subject: key, lost: false }])
  expect(Object.keys(await installation.tree())).toContain(key)
})

test('what looks like a wrong store takes no blob out of service', async () => {
  await start({ SCRUB_DAYS: '1' })
  const all: Kept[] = []
  for (let i = 0; i < 6; i++) all.push(await keep(10))
  for (const { key } of all) await rm(installation.pathOf(key))
  await scrub()
  expect(await Promise.all(all.map(stateOf))).toEqual(Array(6).fill('live'))
  expect(alarms().every(({ lost }) => lost === false)).toBe(true)
})

test('a store of a later state of the database takes no blob out of service', async () => {
  await start({ SCRUB_DAYS: '1' })
  const kept = await keep()
  await rm(installation.pathOf(kept.key))
  await writeFile(installation.pathOf(`epoch/${uuid7Maker()()}`), '')
  await scrub()
  expect([await stateOf(kept), alarms()[0]?.lost]).toEqual(['live', false])
})

test('in SCRUB_DAYS runs every blob and every object has been compared, none twice, and the next run begins again', async () => {
  await start({ SCRUB_DAYS: '3', SCRUB_SAMPLE: '0' })
  for (let i = 0; i < 9; i++) await keep(10)
  const { storage } = gateway.app.foundation
  const run = async () => {
    const seen = { stats: new Map<string, number>(), prefixes: [] as string[] }
    const { stat, list } = storage
    storage.stat = ref => {
      seen.stats.set(ref.key, (seen.stats.get(ref.key) ?? 0) + 1)
      return stat.call(storage, ref)
    }
    storage.list = (id, prefix = '') => {
      if (prefix !== 'epoch/') seen.prefixes.push(prefix)
      return list.call(storage, id, prefix)
    }
    await scrub()
    Object.assign(storage, { stat, list })
    return seen
  }
  const runs = [await run(), await run(), await run()]
  const keys = runs.flatMap(({ stats }) => [...stats.keys()])
  expect([keys.length, new Set(keys).size]).toEqual([9, 9])
  const prefixes = runs.flatMap(seen => seen.prefixes)
  expect(new Set(prefixes).size).toBe(256)
  expect([...(await run()).stats.keys()]).toEqual([...(runs[0]?.stats.keys() ?? [])])
})

test('a run that is stopped ends at once, without an error, and its notes are kept', async () => {
  await start({ SCRUB_BYTES_PER_SECOND: '1' })
  const kept = await keep(100_000)
  const stop = new AbortController()
  const running = scrub(stop.signal)
  stop.abort()
  await running
  expect([await stateOf(kept), alarms(), (await lastRun())?.findings]).toEqual(['live', [], []])
})

test('a run reads no more than SCRUB_MAX_BYTES, unless the first blob alone is larger', async () => {
  await start({ SCRUB_MAX_BYTES: '2500', SCRUB_DAYS: '0' })
  for (let i = 0; i < 5; i++) await keep(1_000)
  await scrub()
  expect((await lastRun())?.hashedBytes).toBe(2_000)
  await gateway.sql(`DELETE FROM media_version`)
  await gateway.sql(`DELETE FROM media`)
  await gateway.sql(`UPDATE blob SET state = 'doomed', doom_at = now()`)
  await keep(9_000)
  await scrub()
  expect((await lastRun())?.hashedBytes).toBe(9_000)
})

test('with SCRUB_SAMPLE and SCRUB_DAYS 0 nothing is looked at', async () => {
  await start({ SCRUB_SAMPLE: '0', SCRUB_DAYS: '0' })
  const kept = await keep()
  await rm(installation.pathOf(kept.key))
  await scrub()
  expect([await stateOf(kept), alarms()]).toEqual(['live', []])
})
