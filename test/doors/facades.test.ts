import { randomBytes } from 'node:crypto'
import { ADMIN, type TestApp } from '../support/app.ts'
import { isClamdMissing, startClamd, type TestClamd } from '../support/clamd.ts'
import { eicar } from '../support/eicar.ts'
import { fixture, fixtures, naughtyStrings } from '../support/fixtures.ts'
import { scanMedia } from '../support/scan.ts'
import { waysOut } from '../support/ways-out.ts'
import { FACADE_DOORS, type FacadeDoor } from './facade-doors.ts'
import { type OpenSite, startSite } from './start-site.ts'
import { exchange, formBody } from './wire.ts'

/** What holds at every way in holds where it is somebody else's API, too. */
let gateway: TestApp
let site: OpenSite
beforeAll(async () => {
  site = await startSite()
  gateway = site.gateway
})
afterAll(() => site.close())

const takes = (door: FacadeDoor, mimeType: string | null) => !door.takes || door.takes.test(mimeType ?? '')

const traces = async () =>
  (
    await gateway.app.foundation.database.query(
      `SELECT (SELECT count(*)::int FROM media) AS media, (SELECT count(*)::int FROM blob) AS blobs`,
    )
  )[0]

describe.each(FACADE_DOORS.map(door => [door.name, door] as const))('%s', (_, door) => {
  test('gives the media that every door gives of a file', async () => {
    for (const file of fixtures.good.filter(({ mimeType }) => takes(door, mimeType))) {
      const sent = { bytes: file.bytes(), fileName: file.file, mimeType: 'application/x-declared' }
      const reply = await door.send(site, sent)
      expect([file.file, Math.floor((reply?.status ?? 0) / 100)]).toEqual([file.file, 2])
      const id = await door.mediaIdIn(site, reply as never, sent)
      const { media } = await gateway.query(
        `query($id: ID!) { media(id: $id) { originalFileName declaredType mimeType size sha256 } }`,
        { id },
      )
      expect(media).toEqual({
        originalFileName: file.file,
        declaredType: 'application/x-declared',
        mimeType: file.mimeType,
        size: file.size,
        sha256: file.sha256,
      })
      const answer = await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
      expect(Buffer.from(await answer.arrayBuffer()).equals(sent.bytes)).toBe(true)
    }
  })

  test('refuses strangers, and leaves nothing of what they sent', async () => {
    const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['media:read'] })
    for (const [authorization, status] of [
      [null, 401],
      ['Bearer mgw_root_wrong', 401],
      [`Bearer mgw_${key.id}_${secret}`, 403],
    ] as const) {
      const before = await traces()
      const reply = await door.send(
        { ...site, authorization },
        { bytes: fixture('photo.png').bytes(), fileName: 'x' },
      )
      expect([authorization, reply?.status]).toEqual([authorization, status])
      expect(JSON.parse(reply?.text ?? '')).toBeInstanceOf(Object)
      expect(await traces()).toEqual(before)
    }
  })

  test('keeps nothing of a body that is cut', async () => {
    const before = await traces()
    const bytes = Buffer.concat([fixture('photo.png').bytes(), randomBytes(400_000)])
    const begun = async () => {
      for (;;) {
        const [row] = await gateway.app.foundation.database.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM blob WHERE state = 'staged'`,
        )
        if (row?.n === 1) return
      }
    }
    await door.send(site, { bytes, fileName: 'cut.png', halfway: begun })
    for (;;) {
      const now = await traces()
      if (JSON.stringify(now) === JSON.stringify(before)) return
    }
  })

  test('refuses what the quota has no room for, and keeps nothing of it', async () => {
    const { usage } = gateway.app
    const used = async () =>
      (await gateway.query('{ viewer { usage { bytes { used } } } }')).viewer.usage.bytes.used
    const before = await used()
    await usage.setQuotas('acme', { bytes: before + 100_000 })
    const bytes = Buffer.concat([fixture('photo.png').bytes(), randomBytes(150_000)])
    const reply = await door.send(site, { bytes, fileName: 'large.png' })
    await usage.setQuotas('acme', { bytes: 'none' })
    expect([(reply?.status ?? 0) >= 400, (reply?.status ?? 500) < 500 || reply?.status === 507]).toEqual([
      true,
      true,
    ])
    expect(await used()).toBe(before)
  })
})

const NAMES = [
  '../../etc/passwd',
  'a\u0000b',
  'x'.repeat(400),
  '\u202egpj.exe',
  ...naughtyStrings.slice(0, 60),
]
/** What stands for a folder, or cannot be kept. */
const NO_LABEL = /[/\\]|\0/

test.each(FACADE_DOORS.slice(0, 3))('$name takes any name of a file for a label', async door => {
  const bytes = fixture('photo.png').bytes()
  for (const name of NAMES) {
    const { status = 500 } = (await door.send(site, { bytes, fileName: name })) ?? {}
    expect([name, status < 500]).toEqual([name, true])
  }
  const rows = await gateway.app.foundation.database.query<{ name: string }>(
    'SELECT original_file_name AS name FROM media',
  )
  expect(rows.filter(({ name }) => NO_LABEL.test(name) || name === '' || [...name].length > 255)).toEqual([])
})

test('a page of another origin uploads nothing with a password that the browser keeps', async () => {
  const basic = `Basic ${Buffer.from(ADMIN.slice('Bearer mgw_'.length).replace('_', ':')).toString('base64')}`
  const { type, body } = formBody('file', { bytes: fixture('photo.png').bytes() })
  const send = (headers: Record<string, string>) =>
    exchange({
      method: 'POST',
      url: `${gateway.url}/api/media`,
      headers: { authorization: basic, 'content-type': type, ...headers },
      body,
    })
  const before = await traces()
  for (const origin of ['https://evil.example', 'null'])
    expect([origin, (await send({ origin }))?.status]).toEqual([origin, 403])
  expect(await traces()).toEqual(before)
  // Programs name no origin, our own pages name ours, and a token is nobody's but its owner's to send.
  expect((await send({}))?.status).toBe(201)
  expect((await send({ origin: gateway.url }))?.status).toBe(201)
  expect((await send({ origin: 'https://evil.example', authorization: ADMIN }))?.status).toBe(201)
})

if (isClamdMissing()) {
  test('malware at the doors of other APIs is left out: there is no clamd here', () => undefined)
} else {
  describe('malware', () => {
    let clamd: TestClamd
    let scanned: OpenSite
    beforeAll(async () => {
      clamd = await startClamd()
      scanned = await startSite({ CLAMAV_URL: clamd.tcp })
    })
    afterAll(async () => {
      await scanned.close()
      await clamd[Symbol.asyncDispose]()
    })

    test.each(FACADE_DOORS)('that comes by $name leaves by no way', async door => {
      const bytes = Buffer.concat([Buffer.from(`%PDF-1.4\n%${door.name}\n`), eicar()])
      const sent = { bytes, fileName: `${door.name}.pdf`, mimeType: 'application/pdf' }
      const reply = await door.send(scanned, sent)
      const id = await door.mediaIdIn(scanned, reply as never, sent)
      for (const isScanned of [false, true]) {
        if (isScanned) await scanMedia(scanned.gateway, id)
        for (const way of await waysOut(scanned.gateway, id, 1)) {
          const taken = await way.take()
          expect([way.name, taken.status >= 400]).toEqual([way.name, true])
          expect(taken.body.includes(eicar())).toBe(false)
        }
      }
    })
  })
}
