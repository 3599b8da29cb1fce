import { randomBytes } from 'node:crypto'
import { countOf } from '../support/counts.ts'
import { DOORS } from './doors.ts'
import { type OpenSite, startSite } from './start-site.ts'

/** Room for one file, and not for two. */
const ROOM = 100_000
const SIZE = 60_000
const AT_ONCE = countOf({ daily: 5, thorough: 20 })

/** Where nobody says ahead how much will come in all; all others announce it, and exactly one of many is taken. */
const UNDECLARED = [
  'uploadMedia',
  'an item of uploadMediaBatch',
  'replaceMediaContent by file',
  'createUpload, PUT in chunks',
  // The first parts of some may fill the room, so that none of them has its second.
  'createUpload, tus in parts',
  'tus, parts',
]

let site: OpenSite
beforeAll(async () => {
  site = await startSite()
})
afterAll(() => site.close())

const usageOf = async () =>
  (await site.gateway.query('{ viewer { usage { bytes { used reserved limit } } } }')).viewer.usage.bytes

/** Parts that nobody makes a whole of wait until they run out. */
async function runOut(): Promise<void> {
  const { foundation, reaper } = site.gateway.app
  await foundation.database.query(
    `UPDATE blob SET lease_until = now() - interval '1 s' WHERE state = 'staged'`,
  )
  await reaper.run()
}

test.each(DOORS)(`${AT_ONCE} files at once, of which one fits the quota, at: $name`, async door => {
  const { usage } = site.gateway.app
  const before = (await usageOf()).used
  await usage.setQuotas('acme', { bytes: before + ROOM })

  const bytes = Array.from({ length: AT_ONCE }, () => randomBytes(SIZE))
  const came = await Promise.all(bytes.map(each => door.send(site, { bytes: each, fileName: 'a.bin' })))

  const refusals = came.flatMap(({ refusal }) => refusal ?? [])
  const accepted = AT_ONCE - refusals.length
  expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['QUOTA_EXCEEDED']))
  if (UNDECLARED.includes(door.name)) expect(accepted).toBeLessThanOrEqual(1)
  else expect(accepted).toBe(1)

  if (door.name.includes('parts')) await runOut()
  const after = await usageOf()
  const placeholders = door.makes === 'content' ? AT_ONCE * 'before'.length : 0
  expect(after).toEqual({
    used: before + accepted * SIZE + placeholders,
    reserved: 0,
    limit: before + ROOM,
  })
})

/** Where the bytes are copied on their way: they are held once all the same. */
const COPYING = DOORS.filter(({ name }) => name.includes('parts'))

test('a file that is alone fits where its parts are put together, too', async () => {
  const { usage } = site.gateway.app
  expect(COPYING.length).toBeGreaterThan(1)
  for (const door of COPYING) {
    await usage.setQuotas('acme', { bytes: (await usageOf()).used + ROOM })
    const { refusal } = await door.send(site, { bytes: randomBytes(SIZE), fileName: 'a.bin' })
    expect([door.name, refusal]).toEqual([door.name, undefined])
  }
  expect((await usageOf()).reserved).toBe(0)
})
