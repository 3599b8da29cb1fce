import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { TestApp } from '../support/app.ts'
import type { Door, Sent } from './door.ts'
import { DOORS } from './doors.ts'
import { type Expected, refusalAt } from './expectation.ts'
import { type OpenSite, startSite } from './start-site.ts'

const LIMIT = 200_000

let gateway: TestApp
let site: OpenSite
beforeAll(async () => {
  site = await startSite({ MAX_UPLOAD_BYTES: String(LIMIT) }, { sharesTempFolder: true })
  gateway = site.gateway
})
afterAll(() => site.close())

const sql = <Row>(text: string) => gateway.app.foundation.database.query<Row>(text)

/** What is anybody's: media that have bytes, and the bytes of media. */
async function visible() {
  const [rows] = await sql<{ media: number; live: number }>(
    `SELECT (SELECT count(*)::int FROM media WHERE blob_id IS NOT NULL AND original_file_name <> 'before.txt') AS media,
       (SELECT count(*)::int FROM blob WHERE state = 'live' AND size <> 6) AS live`,
  )
  return rows
}

/** What is nobody's yet, or no more: bytes on their way, and files. */
async function onTheWay() {
  const [rows] = await sql<{ staged: number; live: number }>(
    `SELECT count(*) FILTER (WHERE state <> 'live')::int AS staged, count(*) FILTER (WHERE state = 'live')::int AS live FROM blob`,
  )
  const files = (await gateway.storedNames()).length - (rows?.live ?? 0)
  return { staged: rows?.staged, files, temporary: (await readdir(gateway.tempFolder)).length }
}

const NOTHING = { staged: 0, files: 0, temporary: 0 }

/** Waits until a state is reached, or fails with the one that stays. */
async function becomes<T>(read: () => Promise<T>, wanted: T): Promise<void> {
  const until = Date.now() + 30_000
  let seen = await read()
  while (JSON.stringify(seen) !== JSON.stringify(wanted) && Date.now() < until) {
    await new Promise(resolve => setImmediate(resolve))
    seen = await read()
  }
  expect(seen).toEqual(wanted)
}

/**
 * Whether bytes wait for who has sent them, out of sight: whole parts for another try to join them, an upload for an end that is
 * within the limit, a ticket for a completion when what is in its way is gone.
 */
const mayGoOn = (door: Door, { of }: Expected): boolean =>
  door.name.includes('parts') ||
  (of === 'bytes' && door.keeps === 'what came') ||
  (of === 'media' && door.uses.includes('Mutation.completeUpload'))

/** Forgets uploads that wait for more. */
async function giveUp(): Promise<void> {
  await sql(`DELETE FROM tus_upload`)
  await sql(`DELETE FROM upload_ticket`)
  await sql(`UPDATE blob SET lease_until = now() - interval '1 day' WHERE state <> 'live'`)
  await gateway.app.reaper.run()
}

let count = 0
const fresh = (): Buffer => Buffer.from(`content ${count++}`.padEnd(5_000, '.'))

describe('is refused in the same words at every door, and nothing of it stays:', () => {
  const deep = (levels: number): object => (levels === 0 ? {} : { in: deep(levels - 1) })
  const said = (field: string, value: unknown, to: Door[] = describing) =>
    [
      `${field}: ${JSON.stringify(value).slice(0, 40)}`,
      to,
      { fields: { [field]: value } },
      INVALID(field),
    ] as const
  const INVALID = (field: string): Expected => ({ code: 'INVALID_INPUT', field, of: 'said' })
  const describing = DOORS.filter(({ makes }) => makes === 'media')

  const cases: readonly (readonly [string, readonly Door[], Partial<Sent>, Expected])[] = [
    [
      'a file one byte over the limit',
      DOORS,
      { bytes: Buffer.alloc(LIMIT + 1) },
      { code: 'FILE_TOO_LARGE', field: 'file', of: 'bytes' },
    ],
    said('name', ''),
    said('name', 'n'.repeat(513)),
    said('title', 'a\0b'),
    said('tags', ['a', ' ']),
    said(
      'groupIds',
      Array.from({ length: 101 }, (_, i) => String(i)),
    ),
    said('geolocation', { latitude: 91, longitude: 0 }),
    said('maxDownloads', -1),
    said('metadata', deep(101)),
    said('metadata', { zero: '\0' }),
    said('expiresAt', '2020-01-01T00:00:00Z'),
    said('cacheControl', 'max-age=1\r\nSet-Cookie: a=b'),
    [
      'a name that is taken',
      describing,
      { fields: { name: 'taken' } },
      { code: 'NAME_TAKEN', field: 'name', of: 'media' },
    ],
    [
      'content that is there, where that is to be refused',
      DOORS.filter(({ hasPolicy }) => hasPolicy),
      { bytes: Buffer.from('there'), fields: { onDuplicate: 'REFUSE' } },
      { code: 'DUPLICATE_CONTENT', field: 'onDuplicate', of: 'media' },
    ],
  ]

  beforeAll(() => gateway.upload({ bytes: Buffer.from('there') }, { name: 'taken' }))

  test.each(cases)('%s', async (_, doors, sent, expected) => {
    for (const door of doors) {
      const before = await visible()
      const came = await door.send(site, { bytes: fresh(), fileName: 'x.bin', ...sent })
      expect([door.name, came]).toEqual([door.name, { refusal: refusalAt(door, expected) }])
      expect([door.name, await visible()]).toEqual([door.name, before])
      if (mayGoOn(door, expected)) await giveUp()
      await becomes(onTheWay, NOTHING)
    }
  })
})

test('a file of exactly the limit is taken at every door', async () => {
  for (const door of DOORS) {
    const bytes = Buffer.alloc(LIMIT, String(count++))
    const { mediaId, refusal } = await door.send(site, { bytes })
    expect([door.name, refusal]).toEqual([door.name, undefined])
    const { media } = await gateway.query(`query($id: ID!) { media(id: $id) { size sha256 } }`, {
      id: mediaId,
    })
    expect(media).toEqual({ size: LIMIT, sha256: createHash('sha256').update(bytes).digest('hex') })
  }
})

test('content that is there is the media that is there, at every door that is asked for it', async () => {
  const { media } = await gateway.upload({ bytes: fresh() })
  count--
  const bytes = fresh()
  for (const door of DOORS.filter(({ hasPolicy }) => hasPolicy)) {
    const before = await visible()
    const came = await door.send(site, { bytes, fields: { onDuplicate: 'RETURN_EXISTING' } })
    expect([door.name, came, await visible()]).toEqual([door.name, { mediaId: media.id }, before])
  }
  await giveUp()
  await becomes(onTheWay, NOTHING)
})

describe('a body that breaks off half-way', () => {
  const arrives = async () => {
    while ((await sql(`SELECT 1 FROM blob WHERE state = 'staged'`)).length === 0);
  }

  test.each(DOORS.map(door => [door.name, door] as const))('leaves no media at %s', async (_, door) => {
    const before = await visible()
    const bytes = Buffer.alloc(LIMIT, String(count++))
    const came = await door.send(site, { bytes, halfway: arrives })
    if (door.tells.bytes === 'import')
      expect(came.refusal).toMatchObject({ code: 'UPLOAD_INCOMPLETE', told: 'FAILED' })
    else expect(came).toEqual({})
    if (door.keeps === 'what came') {
      // Whoever began it may go on; nobody else sees anything of it.
      await becomes(
        async () => (await sql(`SELECT 1 FROM tus_upload WHERE locked_until IS NOT NULL`)).length,
        0,
      )
      expect((await onTheWay()).staged).toBeGreaterThan(0)
      expect(await visible()).toEqual(before)
      await giveUp()
    }
    await becomes(onTheWay, NOTHING)
    expect(await visible()).toEqual(before)
  })
})
