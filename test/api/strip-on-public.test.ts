import readExif from 'exif-reader'
import sharp from 'sharp'
import { seededRandom } from '../faults/random.ts'
import { patched, patchesOf, redacted } from '../features/redaction-subject.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { fixture } from '../support/fixtures.ts'
import { process as understand } from '../support/processing.ts'
import { contentOf, etagOf, publicContentTools } from '../support/public-content.ts'
import { readZip } from '../support/zip.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ STRIP_ON_PUBLIC: 'account:acme=on' })
})
afterAll(() => gateway.close())

const photo = fixture('photo-gps.jpg').bytes()
const { upload, ask, risksOf } = publicContentTools(() => gateway)

const change = (id: string, input: Record<string, unknown>) =>
  gateway.query(
    `mutation C($input: UpdateMediaInput!) { updateMedia(input: $input) { userErrors { code } } }`,
    {
      input: { id, ...input },
    },
  )

describe('a public media of an account whose public content is stripped', () => {
  test('gives everybody the same pictures, which hold nothing that would have to go', async () => {
    const id = await upload({ public: true })
    const { media } = await gateway.query(`query ($id: ID!) { media(id: $id) { thumbnailUrl } }`, { id })
    const [open, own] = [
      await ask(media.thumbnailUrl),
      await ask(media.thumbnailUrl, { authorization: ADMIN }),
    ]
    expect([open.status, open.told('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect(open.body.equals(own.body)).toBe(true)
    const { exif, format, width } = await sharp(open.body).metadata()
    expect([exif && readExif(exif).GPSInfo, format, width]).toEqual([undefined, 'webp', 100])
  })

  test('gives everybody the picture without its place, and its readers the bytes as uploaded, never the one for the other', async () => {
    const id = await upload({ public: true })
    const expected = await redacted('image/jpeg', photo)
    expect(expected.equals(photo)).toBe(false)
    for (const headers of [{}, { authorization: FOREIGN }] as Record<string, string>[]) {
      const answer = await ask(contentOf(id), headers)
      expect(answer.status).toBe(200)
      expect(answer.body.equals(expected)).toBe(true)
      expect(answer.told('content-length')).toBe(String(photo.length))
      expect(answer.told('cache-control')).toBe('public, no-cache')
      expect(answer.told('vary')).toContain('Authorization')
      const { exif } = await sharp(answer.body).metadata()
      expect(exif && readExif(exif).GPSInfo).toBeUndefined()
    }
    const own = await ask(contentOf(id), { authorization: ADMIN })
    expect(own.body.equals(photo)).toBe(true)
    expect(own.told('cache-control')).toMatch(/^private/)
    expect(own.told('vary')).toContain('Authorization')
    const open = await ask(contentOf(id))
    expect(etagOf(open)).toBe(etagOf(own).replace(/"$/, '-r1"'))
    expect((await ask(`${contentOf(id)}?v=1`)).told('cache-control')).toBe(
      'public, max-age=31536000, immutable',
    )
    expect((await ask(`${contentOf(id)}?v=1`, { authorization: ADMIN })).told('cache-control')).toBe(
      'private, max-age=31536000, immutable',
    )
  })

  test('answers every range with that part of the whole, at each edge of what is written over', async () => {
    const id = await upload({ public: true })
    const patches = (await patchesOf('image/jpeg', photo)) ?? []
    const whole = patched(photo, patches)
    const edges = patches.flatMap(({ offset, length, bytes }) => [
      offset,
      offset + bytes.length,
      offset + length,
    ])
    const starts = [...new Set([0, ...edges.flatMap(edge => [edge - 1, edge, edge + 1])])].filter(
      at => at >= 0 && at < photo.length,
    )
    expect(starts.length).toBeGreaterThan(5)
    for (const start of starts) {
      for (const end of [start, start + 1, start + 700, photo.length - 1]) {
        if (end >= photo.length) continue
        const { status, body } = await ask(contentOf(id), { range: `bytes=${start}-${end}` })
        expect({ status, start, end, equal: body.equals(whole.subarray(start, end + 1)) }).toEqual({
          status: 206,
          start,
          end,
          equal: true,
        })
      }
    }
    expect((await ask(contentOf(id), { range: 'bytes=-10' })).body.equals(whole.subarray(-10))).toBe(true)
  })

  test('keeps the two apart for who asks again: ETags, HEAD, If-Range, dates', async () => {
    const id = await upload({ public: true })
    await gateway.app.foundation.database.query(
      `UPDATE media_version SET created_at = created_at - interval '1 hour' WHERE media_id = $1`,
      [id],
    )
    const [open, own] = [await ask(contentOf(id)), await ask(contentOf(id), { authorization: ADMIN })]
    const head = await ask(contentOf(id), {}, 'HEAD')
    for (const name of ['etag', 'content-length', 'content-type', 'cache-control', 'vary', 'last-modified'])
      expect({ name, value: head.told(name) }).toEqual({ name, value: open.told(name) })
    const status = async (headers: Record<string, string>) => (await ask(contentOf(id), headers)).status
    expect(await status({ 'if-none-match': etagOf(open) })).toBe(304)
    expect(await status({ 'if-none-match': etagOf(own) })).toBe(200)
    expect(await status({ 'if-none-match': etagOf(own), authorization: ADMIN })).toBe(304)
    // Who has the original of before the policy, and asks by its date alone, must not hear that it is unchanged.
    expect(await status({ 'if-modified-since': own.told('last-modified') ?? '' })).toBe(200)
    expect(await status({ 'if-modified-since': open.told('last-modified') ?? '' })).toBe(304)
    const range = 'bytes=0-9'
    expect(await status({ range, 'if-range': etagOf(open) })).toBe(206)
    expect(await status({ range, 'if-range': etagOf(own) })).toBe(200)
    expect(await status({ range, 'if-range': open.told('last-modified') ?? '' })).toBe(200)
  })

  test('is stripped for share links and signed URLs, too; what is not public leaves as it was uploaded', async () => {
    const id = await upload()
    const { url } = (await gateway.query('query U($id: ID!) { media(id: $id) { url } }', { id })).media
    const share = await gateway.query(
      'mutation S($input: CreateShareLinkInput!) { createShareLink(input: $input) { url userErrors { code } } }',
      { input: { mediaId: id } },
    )
    const link = share.createShareLink.url
    const expected = await redacted('image/jpeg', photo)
    for (const path of [url, link]) expect((await ask(path)).body.equals(photo)).toBe(true)
    await change(id, { public: true })
    for (const path of [url, link, contentOf(id)]) expect((await ask(path)).body.equals(expected)).toBe(true)
    expect((await ask(url)).told('cache-control')).toMatch(/^private/)
  })

  test('is packed as whoever asks may have it', async () => {
    const id = await upload({ public: true })
    const pack = async (authorization: string) => {
      const answer = await fetch(`${gateway.url}/media/archive`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ ids: [id] }),
      })
      const [file, manifest] = readZip(Buffer.from(await answer.arrayBuffer()))
      return { bytes: file?.bytes, sha256: JSON.parse(String(manifest?.bytes)).included[0].sha256 }
    }
    expect(await pack(ADMIN)).toEqual({ bytes: photo, sha256: fixture('photo-gps.jpg').sha256 })
    expect(await pack(FOREIGN)).toEqual({ bytes: await redacted('image/jpeg', photo), sha256: null })
  })

  test('shows a photo of a phone without its place and its device', async () => {
    const heic = fixture('photo-iphone-gps.heic').bytes()
    expect([heic.indexOf('Apple') > 0, heic.indexOf('iPhone 4') > 0]).toEqual([true, true])
    const id = await upload({ public: true }, heic, 'photo.heic')
    await understand(gateway, id)
    const { media } = await gateway.query(
      `query ($id: ID!) { media(id: $id) { publicRisks geolocation { latitude } facts { camera { model } } } }`,
      { id },
    )
    // The policy takes both out; the account itself still knows them.
    expect(media).toMatchObject({ publicRisks: [], facts: { camera: { model: 'iPhone 4' } } })
    expect(media.geolocation.latitude).toBeCloseTo(41.853, 3)
    const { body, told } = await ask(contentOf(id))
    expect([told('content-type'), body.length]).toEqual(['image/heic', heic.length])
    expect(body.equals(await redacted('image/heic', heic))).toBe(true)
    expect([body.indexOf('Apple'), body.indexOf('iPhone')]).toEqual([-1, -1])
    const { exif } = await sharp(body).metadata()
    expect(exif && readExif(exif).GPSInfo).toBeUndefined()
    expect((await ask(contentOf(id), { authorization: ADMIN })).body.equals(heic)).toBe(true)
    // It still decodes: as another media it is shown.
    const again = await upload({}, body, 'redacted.heic')
    await understand(gateway, again)
    const { media: shown } = await gateway.query(
      `query ($id: ID!) { media(id: $id) { status publicRisks thumbnailUrl } }`,
      { id: again },
    )
    expect(shown).toMatchObject({ status: 'COMPLETED', publicRisks: [] })
    expect((await ask(shown.thumbnailUrl)).status).toBe(200)
    const plain = await gateway.as(FOREIGN).upload({ bytes: heic, fileName: 'photo.heic' }, {}, 'id')
    await understand(gateway, plain.media.id)
    const { media: risky } = await gateway
      .as(FOREIGN)
      .query(`query ($id: ID!) { media(id: $id) { publicRisks } }`, { id: plain.media.id })
    expect(risky.publicRisks).toEqual(['GEOLOCATION', 'DEVICE'])
  })

  test('plays its film from anywhere without its place', async () => {
    const film = fixture('video-1080p-gps.mp4').bytes()
    const id = await upload({ public: true }, film, 'film.mp4')
    const expected = await redacted('video/mp4', film)
    const { body } = await ask(contentOf(id))
    expect(body.equals(expected)).toBe(true)
    expect(body.indexOf('+51.4169')).toBe(-1)
    const tail = await ask(contentOf(id), { range: 'bytes=241500-' })
    expect(tail.body.equals(expected.subarray(241500))).toBe(true)
  })

  test('is looked through once, however many ask at a time, and what was found is forgotten with the last media of that content', async () => {
    const bytes = Buffer.concat([photo, Buffer.from('only once')])
    const id = await upload({ public: true }, bytes)
    const expected = await redacted('image/jpeg', bytes)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(contentOf(id))))
    expect(answers.every(({ body }) => body.equals(expected))).toBe(true)
    const { database } = gateway.app.foundation
    const kept = async () =>
      (await database.query<{ sha256: string }>('SELECT sha256 FROM redaction')).map(({ sha256 }) => sha256)
    const sha256 = etagOf(await ask(contentOf(id), { authorization: ADMIN })).slice(1, -1)
    expect((await kept()).filter(each => each === sha256)).toHaveLength(1)
    await database.query(
      `INSERT INTO redaction (account_id, sha256, method) VALUES ('acme', 'gone', 1), ('other', $1, 1)`,
      [sha256],
    )
    const before = await kept()
    await gateway.app.jobs.find(({ name }) => name === 'redactions.forget')?.run({}, {} as never)
    const after = await kept()
    expect(before.filter(each => !after.includes(each))).toEqual(['gone'])
    expect(after.filter(each => each === sha256)).toHaveLength(1)
  })

  test('damaged in any way, is answered whole and of its size, or withheld', async () => {
    const random = seededRandom(Number(process.env.PROPERTY_SEED ?? 20261130))
    for (const file of ['photo-gps.jpg', 'photo.png', 'photo.webp', 'colors.avif', 'video-1080p-gps.mp4']) {
      const good = fixture(file).bytes()
      for (let n = 0; n < countOf({ daily: 4, thorough: 100 }); n++) {
        const bytes = Buffer.from(good.subarray(0, n % 2 ? random.integer(200, good.length) : good.length))
        for (let flips = 0; flips < 6; flips++) {
          const at = random.pick([random.integer(12, 199), bytes.length - 1 - random.integer(0, 150)])
          bytes[at] = random.integer(0, 255)
        }
        const id = await upload({ public: true }, bytes, file)
        const open = await ask(contentOf(id))
        if (open.status === 403) expect(open.code).toBe('CONTENT_WITHHELD')
        else
          expect({ file, n, status: open.status, size: open.body.length }).toEqual({
            file,
            n,
            status: 200,
            size: bytes.length,
          })
        expect((await ask(contentOf(id), { authorization: ADMIN })).body.equals(bytes)).toBe(true)
      }
    }
  })
})

test('other accounts are served as they uploaded', async () => {
  const { media } = await gateway
    .as(FOREIGN)
    .upload({ bytes: photo, fileName: 'photo.jpg' }, { public: true }, 'id')
  const answer = await ask(contentOf(media.id))
  expect(answer.body.equals(photo)).toBe(true)
  expect(etagOf(answer)).toBe(`"${fixture('photo-gps.jpg').sha256}"`)
  const own = await ask(contentOf(media.id), { authorization: FOREIGN })
  expect(own.told('cache-control')).toBe('public, no-cache')
})

test('publicRisks warns of what everybody would learn, and not of what nobody gets', async () => {
  const { database } = gateway.app.foundation
  const own = await upload()
  const foreign = await gateway.as(FOREIGN).upload({ bytes: photo, fileName: 'p.jpg' }, {}, 'id publicRisks')
  expect(foreign.media.publicRisks).toEqual([])
  const rows = [
    [{ geolocation: { latitude: 1, longitude: 2 } }, ['GEOLOCATION'], []],
    [{ camera: { make: 'Maker' } }, ['DEVICE'], []],
    [{ camera: {}, width: 3 }, [], []],
    [{ artist: 'Ada' }, ['PERSON'], ['PERSON']],
    [{ document: { author: 'Ada' } }, ['PERSON'], ['PERSON']],
    [
      { geolocation: { latitude: 0, longitude: 0 }, camera: { lens: 'L' }, artist: 'A' },
      ['GEOLOCATION', 'DEVICE', 'PERSON'],
      ['PERSON'],
    ],
    [{ alsoTells: { place: true, device: true, owner: true } }, ['GEOLOCATION', 'DEVICE', 'PERSON'], []],
  ] as const
  for (const [facts, open, stripped] of rows) {
    await database.query('UPDATE media SET facts = $2 WHERE id = ANY ($1)', [[own, foreign.media.id], facts])
    expect(await risksOf(gateway.as(FOREIGN), foreign.media.id)).toEqual(open)
    expect(await risksOf(gateway, own)).toEqual(stripped)
    // What the policy does not reach is served as it is.
    await database.query(`UPDATE media SET mime_type = 'application/pdf' WHERE id = $1`, [own])
    expect(await risksOf(gateway, own)).toEqual(open)
    await database.query(`UPDATE media SET mime_type = 'image/jpeg' WHERE id = $1`, [own])
  }
})
