import sharp from 'sharp'
import { ApizeeClient, type ApizeeMedia } from '../../clients/apizee-client.ts'
import { fixture } from '../../support/fixtures.ts'
import { ecPair, es256, forge, vonageClaims } from '../../support/jwt.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { item, type Made, Site, type Somebody } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
let who: Somebody
let snapshot: Made
beforeAll(async () => {
  site = await Site.start()
  who = await site.user()
  snapshot = await who.make(
    { description: 'Lorem ipsum.', geolocation: { latitude: -17.494911, longitude: -149.493584 } },
    { bytes: picture, fileName: 'media-3npGq6km5jx2s4ct-1538745137.png' },
  )
}, 60_000)
afterAll(() => site.close())

const picture = fixture('photo.png').bytes()
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())

keeps('APIZEE-INFO-01', async () => {
  const other = await who.make()
  expect(await who.api.get(other.id)).toMatchObject({ status: 200, body: { id: other.id } })
  expect(await who.api.get(snapshot.id)).toMatchObject({ status: 200, body: item(snapshot) })
})

keeps('APIZEE-INFO-02', async () => {
  expect((await who.api.get(snapshot.id)).body).toMatchObject({
    media_type: 'image',
    status: 'completed',
    created: expect.any(String),
    filesize: picture.length,
    filename: expect.stringMatching(/\.png$/),
  })
})

/** The example of the documentation. */
const EXAMPLE: ApizeeMedia = {
  id: 1,
  hash: 'effd54e0-4dbb-11ea-884d-5df05d0af01',
  created: '2020-01-01T00:00:00+00:00',
  owner: { id: 1000, name: 'John Doe' },
  title: 'media-3npGq6km5jx2s4ct-1538745137',
  description: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit.',
  filename: 'media-3npGq6km5jx2s4ct-1538745137.png',
  status: 'completed',
  media_type: 'image',
  source_type: 'unknown',
  filesize: 122619,
  geoloc: { lat: -17.494911, lng: -149.493584 },
  thumbnail_url:
    'https://cloud.apizee.com/media/showVideo/1/hash/effd54e0-4dbb-11ea-884d-5df05d0af01?thumbnail=1',
  url: 'https://cloud.apizee.com/media/showVideo/1/hash/effd54e0-4dbb-11ea-884d-5df05d0af01',
}

const typesOf = (value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === 'object' && inner !== null ? typesOf(inner) : typeof inner,
    ]),
  )

keeps('APIZEE-INFO-03', async () => {
  const { body } = await who.api.get(snapshot.id)
  expect(typesOf(body)).toEqual(typesOf(EXAMPLE))
  expect(Object.keys(body)).toEqual(Object.keys(EXAMPLE))
})

keeps('APIZEE-ITEM-01', async () => {
  const stranger = await (await site.user({ account: await site.account() })).make()
  const numbers = [snapshot.id, (await who.make()).id, stranger.id]
  expect(numbers.every(Number.isSafeInteger)).toBe(true)
  expect(new Set(numbers).size).toBe(3)
})

keeps('APIZEE-ITEM-02', async () => {
  expect(snapshot.hash).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  // Of the random kind (RFC 9562, 5.4), and no other id of the media.
  expect(snapshot.hash[14]).toBe('4')
  expect(snapshot.hash).not.toBe(snapshot.uuid)
  expect(snapshot.url.endsWith(`/hash/${snapshot.hash}`)).toBe(true)
  const hashes = new Set([snapshot.hash, (await who.make()).hash, (await who.make()).hash])
  expect(hashes.size).toBe(3)
})

keeps('APIZEE-ITEM-03', async () => {
  const { id, uuid } = await who.make()
  await site.sql(`UPDATE media SET created_at = '2020-01-01T01:02:03.999+01:00' WHERE id = $1`, [uuid])
  expect((await who.api.get(id)).body.created).toBe('2020-01-01T00:02:03+00:00')
})

keeps('APIZEE-ITEM-04', async () => {
  const [again, other] = [await who.make(), await (await site.user()).make()]
  expect(Number.isSafeInteger(snapshot.owner.id)).toBe(true)
  expect([again.owner.id, other.owner.id === snapshot.owner.id]).toEqual([snapshot.owner.id, false])
})

keeps('APIZEE-ITEM-05', () => expect(snapshot.owner.name).toBe('John Doe'))

keeps('APIZEE-ITEM-06', async () => {
  expect(snapshot.title).toBe('media-3npGq6km5jx2s4ct-1538745137')
  expect((await who.make({ title: 'Set' })).title).toBe('Set')
  const names = { 'a.tar.gz': 'a.tar', '.profile': '.profile', plain: 'plain' }
  for (const [fileName, title] of Object.entries(names))
    expect((await who.make({}, { bytes: Buffer.from('x'), fileName })).title).toBe(title)
})

keeps('APIZEE-ITEM-07', async () => {
  expect(snapshot.description).toBe('Lorem ipsum.')
  expect((await who.make()).description).toBe('')
})

keeps('APIZEE-ITEM-08', () => expect(snapshot.filename).toBe('media-3npGq6km5jx2s4ct-1538745137.png'))

keeps('APIZEE-ITEM-09', async () => {
  expect(snapshot.status).toBe('completed')
  const { id, uuid } = await who.make()
  for (const [ours, theirs] of [
    ['PROCESSING', 'processing'],
    ['PENDING', 'pending'],
    ['FAILED', 'failed'],
  ]) {
    await site.sql('UPDATE media SET status = $2 WHERE id = $1', [uuid, ours])
    expect((await who.api.get(id)).body.status).toBe(theirs)
  }
})

keeps('APIZEE-ITEM-10', async () => {
  const types = {
    'photo.png': 'image',
    'video.mp4': 'video',
    'audio.mp3': 'audio',
    'document-13-pages.pdf': 'document',
  }
  for (const [fileName, type] of Object.entries(types))
    expect((await who.make({}, { bytes: fixture(fileName).bytes(), fileName })).media_type).toBe(type)
  const bytes = Buffer.from([0, 1, 2, 3])
  expect((await who.make({}, { bytes, fileName: 'x.bin' })).media_type).toBe('file')
})

keeps('APIZEE-ITEM-11', async () => {
  expect(snapshot.source_type).toBe('unknown')
  expect((await who.make({ sourceType: 'screen-capture' })).source_type).toBe('screen-capture')
})

keeps('APIZEE-ITEM-12', async () => {
  expect(snapshot.filesize).toBe(picture.length)
  // What is on its way has none yet.
  const [row] = await site.sql<{ number: number }>(
    `INSERT INTO media (id, hash, account_id, original_file_name, kind, mime_type, status, store_id)
     VALUES (gen_random_uuid(), gen_random_uuid(), 'acme', 'soon.mp4', 'VIDEO', 'video/mp4', 'PENDING', 'default') RETURNING number`,
  )
  const admin = await site.token()
  expect((await admin.api.get(row?.number ?? 0)).body).toMatchObject({
    filesize: 0,
    status: 'pending',
    thumbnail_url: null,
  })
})

keeps('APIZEE-ITEM-13', async () => {
  expect(snapshot.geoloc).toEqual({ lat: -17.494911, lng: -149.493584 })
})

keeps('APIZEE-ITEM-14', async () => {
  expect(snapshot.thumbnail_url).toBe(`${snapshot.url}?thumbnail=1`)
  const answer = await fetch(snapshot.thumbnail_url ?? '')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/webp'])
  const { width, height } = await sharp(await bytesOf(answer)).metadata()
  expect(Math.max(width ?? 0, height ?? 0)).toBeLessThanOrEqual(400)
})

keeps('APIZEE-ITEM-15', async () => {
  const { id, hash, url } = snapshot
  expect(url).toBe(`${site.gateway.url}/media/showVideo/${id}/hash/${hash}`)
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect((await bytesOf(answer)).equals(picture)).toBe(true)
})

keeps('APIZEE-DOWNLOAD-01', async () => {
  const answer = await who.api.download(snapshot.id)
  expect([answer.status, (await bytesOf(answer)).equals(picture)]).toEqual([200, true])
})

keeps('APIZEE-DOWNLOAD-02', async () => {
  const bytes = fixture('video.mp4').bytes()
  const recording = await who.make({}, { bytes, fileName: 'video.mp4' })
  const typeOf = async ({ id }: Made) => (await who.api.download(id)).headers.get('content-type')
  expect([await typeOf(snapshot), await typeOf(recording)]).toEqual(['image/png', 'video/mp4'])
})

keeps('APIZEE-DOWNLOAD-03', async () => {
  const pair = ecPair()
  const { id } = await site.gateway.app.applications.create({ accountId: 'acme', publicKey: pair.pem })
  const claims = vonageClaims(id, { acl: { paths: { '/*/calls/**': {} } } })
  const elsewhere = `Bearer ${forge({ typ: 'JWT', alg: 'ES256' }, claims, es256(pair))}`
  const creator = await site.token({ scopes: ['media:create'] })
  for (const authorization of [elsewhere, creator.authorization]) {
    const answer = await new ApizeeClient(site.gateway.url, authorization).download(snapshot.id)
    expect([answer.status, await answer.json()]).toEqual([
      403,
      { code: 'forbidden', message: expect.any(String), data: { status: 403 } },
    ])
  }
})

keeps('APIZEE-DOWNLOAD-04', async () => {
  for (const id of ['999999999', 'media', '1.5', snapshot.uuid])
    expect([id, (await who.api.download(id)).status]).toEqual([id, 404])
})

keeps('APIZEE-DOWNLOAD-05', async () => {
  const answer = await fetch(`${site.gateway.url}/api/v3/medias/${snapshot.id}/download`, {
    headers: { Authorization: who.authorization, Accept: '*/*' },
    redirect: 'manual',
  })
  expect([answer.status, (await bytesOf(answer)).equals(picture)]).toEqual([200, true])
})

keeps('APIZEE-OURS-05', async () => {
  const [one, other] = [await who.make(), await who.make()]
  expect((await fetch(one.url)).status).toBe(200)
  const wrong = [
    one.url.replace(one.hash, other.hash),
    one.url.replace(`/${one.id}/`, `/${other.id}/`),
    one.url.replace(one.hash, '00000000-0000-4000-8000-000000000000'),
    one.url.replace(one.hash, 'hash'),
    one.url.replace(`/${one.id}/`, '/x/'),
    one.url.replace(`/${one.id}/`, `/${one.uuid}/`),
  ]
  for (const url of wrong) expect([url, (await fetch(url)).status]).toEqual([url, 404])
})

keeps('APIZEE-OURS-06', async () => {
  for (const file of ['photo.png', 'video.mp4', 'document-13-pages.pdf']) {
    const { thumbnail_url } = await who.make(
      {},
      { bytes: fixture(file).bytes(), fileName: file, isUnderstood: true },
    )
    const bytes = Buffer.from(await (await fetch(thumbnail_url ?? '')).arrayBuffer())
    expect((await sharp(bytes).metadata()).format).toBe('webp')
  }
  const { url, thumbnail_url } = await who.make()
  const answer = await fetch(`${url}?thumbnail=1`)
  expect([thumbnail_url, answer.status, await answer.json()]).toEqual([
    null,
    404,
    { code: 'no_picture', message: expect.any(String), data: { status: 404 } },
  ])
})

keeps('APIZEE-OURS-08', async () => {
  const page = { bytes: Buffer.from('<!doctype html><script>alert(1)</script>'), fileName: 'x.html' }
  const drawing = { bytes: fixture('hostile-script.svg').bytes(), fileName: 'x.svg' }
  for (const file of [page, drawing]) {
    const { id, url } = await who.make({ public: true }, file)
    for (const { headers } of [await fetch(url), await who.api.download(id)]) {
      expect(headers.get('content-disposition')).toMatch(/^attachment/)
      expect(headers.get('content-security-policy')).toMatch(/^sandbox;/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  }
})
