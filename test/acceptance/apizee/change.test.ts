import { fixture } from '../../support/fixtures.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { ids, item, Site, type Somebody } from './site.ts'

const keeps = promises(PROMISES)

const URLENCODED = 'application/x-www-form-urlencoded'

let site: Site
let who: Somebody
beforeAll(async () => {
  site = await Site.start()
  who = await site.user()
}, 60_000)
afterAll(() => site.close())

keeps('APIZEE-UPDATE-01', async () => {
  const [one, other] = [await who.make(), await who.make()]
  expect((await who.api.updateJson(one.id, { title: 'Changed' })).status).toBe(200)
  expect((await who.api.get(one.id)).body.title).toBe('Changed')
  expect((await who.api.get(other.id)).body).toEqual(item(other))
})

keeps('APIZEE-UPDATE-02', async () => {
  const { id } = await who.make({ title: 'before' })
  expect((await who.api.updateJson(id, { title: 'Ein Foto, 写真' })).body.title).toBe('Ein Foto, 写真')
  // As a parameter, too: the example has no body.
  expect((await who.api.update(`${id}?title=by%20query`, null)).body.title).toBe('by query')
  // Taken away, it is the file's again.
  expect((await who.api.updateJson(id, { title: null })).body.title).toBe('text')
})

keeps('APIZEE-UPDATE-03', async () => {
  const { id } = await who.make()
  expect((await who.api.updateJson(id, { description: 'Lorem' })).body.description).toBe('Lorem')
  expect((await who.api.updateJson(id, { description: null })).body.description).toBe('')
})

keeps('APIZEE-UPDATE-04', async () => {
  const { id } = await who.make({ geolocation: { latitude: 1, longitude: 2 } })
  expect((await who.api.updateJson(id, { latitude: -17.494911 })).body.geoloc).toEqual({
    lat: -17.494911,
    lng: 2,
  })
})

keeps('APIZEE-UPDATE-05', async () => {
  const { id } = await who.make({ geolocation: { latitude: 1, longitude: 2 } })
  expect((await who.api.updateJson(id, { longitude: '-149.493584' })).body.geoloc).toEqual({
    lat: 1,
    lng: -149.493584,
  })
  const { id: elsewhere } = await who.make()
  expect((await who.api.updateJson(elsewhere, { longitude: 1 })).status).toBe(400)
})

describe('an item that is read, changed and put', () => {
  const form = (fields: Readonly<Record<string, string>>) =>
    [new URLSearchParams(fields).toString(), URLENCODED] as const

  test('is where latitude and longitude say, whatever geoloc it had', async () => {
    for (const geolocation of [null, { latitude: 1, longitude: 2 }]) {
      const { id } = await who.make({ geolocation })
      const { body: read } = await who.api.get(id)
      const moved = await who.api.updateJson(id, { ...read, latitude: 48.5, longitude: -4.5 })
      expect([moved.status, moved.body.geoloc]).toEqual([200, { lat: 48.5, lng: -4.5 }])
    }
  })

  test('keeps of geoloc what latitude or longitude alone leave open', async () => {
    const { id } = await who.make({ geolocation: { latitude: 1, longitude: 2 } })
    const { body: read } = await who.api.get(id)
    expect((await who.api.updateJson(id, { ...read, latitude: 5 })).body.geoloc).toEqual({ lat: 5, lng: 2 })
    const asForm = form({ longitude: '7', geoloc: JSON.stringify(read.geoloc) })
    expect((await who.api.update(id, ...asForm)).body.geoloc).toEqual({ lat: 1, lng: 7 })
    const bracketed = form({ lat: '8', 'geoloc[lat]': '1', 'geoloc[lng]': '2' })
    expect((await who.api.update(id, ...bracketed)).body.geoloc).toEqual({ lat: 8, lng: 2 })
    // The place that somebody else has given it meanwhile.
    expect((await who.api.updateJson(id, { geoloc: null, latitude: 3 })).body.geoloc).toEqual({
      lat: 3,
      lng: 2,
    })
    expect((await who.api.updateJson(id, { ...read, latitude: null })).body.geoloc).toBeNull()
  })

  test('with half a place is refused where it had none', async () => {
    const { id } = await who.make()
    const { body: read } = await who.api.get(id)
    expect(read.geoloc).toBeNull()
    expect((await who.api.updateJson(id, { ...read, latitude: 5 })).status).toBe(400)
  })

  test('takes numbers of forms as programs print them', async () => {
    const { id } = await who.make()
    for (const [latitude, lat] of [
      ['1e-7', 1e-7],
      ['.5', 0.5],
      ['+1.5', 1.5],
      ['-17.494911000000000000001', -17.494911],
    ] as const)
      expect((await who.api.update(id, ...form({ latitude, longitude: '0' }))).body.geoloc).toEqual({
        lat,
        lng: 0,
      })
  })
})

keeps('APIZEE-UPDATE-06', async () => {
  const { id, uuid } = await who.make({ tags: ['old'] })
  const tagged = async (tag: string) => ids((await who.api.list({ tag })).body.data)
  for (const [tags, expected] of [
    [
      ['case 1', 'a,b'],
      ['case 1', 'a,b'],
    ],
    ['case 1, b', ['case 1', 'b']],
    ['', []],
    [['last'], ['last']],
    [null, []],
  ] as const) {
    expect((await who.api.updateJson(id, { tags })).status).toBe(200)
    const { media } = await who.graphql.query(`{ media(id: "${uuid}") { tags } }`)
    expect(media.tags).toEqual(expected)
    for (const tag of expected) expect(await tagged(tag)).toEqual([id])
    expect(await tagged('old')).toEqual([])
  }
})

keeps('APIZEE-UPDATE-07', async () => {
  const { id, uuid, url, thumbnail_url } = await who.make()
  const date = '2099-12-31T00:00:00Z'
  const kept = async () =>
    (await site.sql<{ date: Date }>('SELECT expires_at AS date FROM media WHERE id = $1', [uuid]))[0]?.date
  for (const none of ['retention_date=', 'retention_date=null', null]) {
    expect((await who.api.updateJson(id, { retention_date: date })).status).toBe(200)
    expect(await kept()).toEqual(new Date(date))
    await (none === null
      ? who.api.updateJson(id, { retention_date: null })
      : who.api.update(id, none, URLENCODED))
    expect([none, await kept()]).toEqual([none, null])
  }
  expect((await who.api.updateJson(id, { retention_date: date })).status).toBe(200)
  expect([(await who.api.get(id)).status, (await fetch(url)).status, thumbnail_url]).toEqual([200, 200, null])
  await site.sql('UPDATE media SET expires_at = clock_timestamp() WHERE id = $1', [uuid])
  for (const answer of [await fetch(url), await who.api.download(id)]) expect(answer.status).toBe(410)
  await site.gateway.app.jobs.find(({ name }) => name === 'retention.expire')?.run({}, {} as never)
  expect([(await who.api.get(id)).status, (await fetch(url)).status]).toEqual([404, 404])
  expect((await who.api.download(id)).status).toBe(404)
})

keeps('APIZEE-UPDATE-08', async () => {
  const { id, uuid } = await who.make({ metadata: { kept: 1, gone: 2 } })
  const metadata = async () =>
    (await who.graphql.query(`{ media(id: "${uuid}") { metadata } }`)).media.metadata
  // Its client does not see what others have said there: that stays, unless it is named.
  await who.api.updateJson(id, { metadata: { case: { number: 7 }, gone: null } })
  expect(await metadata()).toEqual({ kept: 1, case: { number: 7 } })
  await who.api.updateJson(id, { custom_metadata: '{"kept": 2}' })
  expect(await metadata()).toEqual({ kept: 2, case: { number: 7 } })
  const { status } = await who.api.update(id, 'metadata[case]=7&metadata[x]=a&metadata[x]=b', URLENCODED)
  expect([status, await metadata()]).toEqual([200, { kept: 2, case: '7', x: ['a', 'b'] }])
  for (const deeper of ['metadata[case][number]=7', 'metadata[]=7'])
    expect([deeper, (await who.api.update(id, deeper, URLENCODED)).status]).toEqual([deeper, 400])
  await who.api.updateJson(id, { metadata: null })
  expect(await metadata()).toEqual({})
})

keeps('APIZEE-UPDATE-09', async () => {
  const made = await who.make({ title: 't', description: 'd', tags: ['x'], sourceType: 'snapshot' })
  const stored = async () =>
    (
      await site.sql<object>(
        `SELECT to_jsonb(m) - 'updated_at' - 'version' - 'description' - 'search_text' AS m FROM media m WHERE id = $1`,
        [made.uuid],
      )
    )[0]
  const before = await stored()
  const fields = {
    id: 7,
    number: 7,
    hash: '00000000-0000-4000-8000-000000000000',
    created: '2000-01-01T00:00:00Z',
    createdAt: '2000-01-01T00:00:00Z',
    owner: { id: 1 },
    ownerId: 'x',
    owner_id: 'x',
    accountId: 'other',
    account_id: 'other',
    tenantId: 'other',
    filesize: 1,
    filename: 'x.exe',
    status: 'failed',
    media_type: 'video',
    source_type: 'x',
    url: 'https://example.org/',
    thumbnail_url: 'https://example.org/',
    timesDownloaded: 0,
    max_downloads: 1,
    storageKey: 'x',
    etag: 'x',
    public: true,
    group_id: ['x'],
    conversation_id: 'x',
    name: 'x',
  }
  const { status, body } = await who.api.updateJson(made.id, { ...fields, description: 'new' })
  expect([status, body]).toEqual([200, { ...item(made), description: 'new' }])
  expect(await stored()).toEqual(before)
  expect((await who.api.updateJson(made.id, {})).body).toEqual(body)
})

keeps('APIZEE-UPDATE-10', async () => {
  const made = await who.make({}, { bytes: fixture('photo.png').bytes(), fileName: 'photo.png' })
  const { status, body } = await who.api.updateJson(made.id, { title: 'Now', latitude: 1, longitude: 2 })
  expect([status, body]).toEqual([200, { ...item(made), title: 'Now', geoloc: { lat: 1, lng: 2 } }])
  expect((await who.api.get(made.id)).body).toEqual(body)
})

keeps('APIZEE-UPDATE-11', async () => {
  const made = await who.make({ title: 'before', geolocation: { latitude: 1, longitude: 2 } })
  const wrong = [
    { latitude: 90.1, longitude: 0 },
    { latitude: 0, longitude: -180.5 },
    { latitude: 'north' },
    { geoloc: [1, 2] },
    { geoloc: 'here' },
    { description: { text: 'x' } },
    { title: 'x'.repeat(1_001) },
    { description: '\u0000' },
    { tags: [1, { a: 1 }] },
    { tags: [''] },
    { retention_date: 'soon' },
    { retention_date: '2030-02-31' },
    { retention_date: '' },
    { title: ['a'] },
    { latitude: [1], longitude: 2 },
    { retention_date: '2001-01-01T00:00:00Z' },
    { metadata: 'text' },
    { metadata: [1] },
    { metadata: { big: 'x'.repeat(70_000) } },
  ]
  for (const fields of wrong) {
    const { status, body } = await who.api.updateJson(made.id, { title: 'after', ...fields })
    expect([fields, status, body]).toEqual([
      fields,
      400,
      { code: expect.any(String), message: expect.any(String), data: { status: 400 } },
    ])
  }
  // What is at fault is called as it was sent.
  for (const [fields, name] of [
    [{ latitude: 90.1, longitude: 0 }, 'geoloc'],
    [{ retention_date: '2001-01-01T00:00:00Z' }, 'retention_date'],
  ] as const)
    expect((await who.api.updateJson(made.id, fields)).body).toMatchObject({
      message: expect.stringMatching(`^${name} is `),
    })
  for (const [body, type] of [
    ['{', 'application/json'],
    ['[]', 'application/json'],
    ['x', 'text/plain'],
    ['--x', 'multipart/form-data'],
  ] as const)
    expect([body, (await who.api.update(made.id, body, type)).status]).toEqual([body, 400])
  expect((await who.api.get(made.id)).body).toEqual(item(made))
})

/** May read, and nothing else; or read what is a group's, without it being theirs. */
async function readers(): Promise<{ id: number; readers: Somebody[] }> {
  const { id } = await who.make({ groupIds: ['team'], title: 'before' })
  return {
    id,
    readers: [await site.token({ scopes: ['media:read'] }), await site.user({ groups: ['team'] })],
  }
}

keeps('APIZEE-UPDATE-12', async () => {
  const { id, readers: some } = await readers()
  for (const { api } of some) {
    expect((await api.get(id)).status).toBe(200)
    expect(await api.updateJson(id, { title: 'after' })).toMatchObject({
      status: 403,
      body: { code: 'forbidden', data: { status: 403 } },
    })
  }
  expect((await who.api.get(id)).body.title).toBe('before')
})

keeps('APIZEE-UPDATE-13', async () => {
  expect((await who.api.updateJson(999_999_999, { title: 'x' })).status).toBe(404)
})

keeps('APIZEE-DELETE-01', async () => {
  const [one, other] = [await who.make(), await who.make()]
  expect((await who.api.delete(one.id)).status).toBe(200)
  expect((await who.api.get(one.id)).status).toBe(404)
  expect((await who.api.get(other.id)).body).toEqual(item(other))
})

keeps('APIZEE-DELETE-02', async () => {
  const { headers, text } = await who.api.delete((await who.make()).id)
  expect([text, headers.get('content-type')]).toEqual(['[]', 'application/json; charset=utf-8'])
})

keeps('APIZEE-DELETE-03', async () => {
  const bytes = fixture('photo.png').bytes()
  const { id, uuid, url, thumbnail_url } = await who.make({ tags: ['gone'] }, { bytes, fileName: 'p.png' })
  expect((await fetch(thumbnail_url ?? '')).status).toBe(200)
  await who.api.delete(id)
  expect(
    (await who.api.list({ tag: 'gone', status: 'pending,processing,completed,failed' })).body.total,
  ).toBe(0)
  expect([(await who.api.get(id)).status, (await who.api.download(id)).status]).toEqual([404, 404])
  for (const gone of [url, thumbnail_url ?? '']) expect((await fetch(gone)).status).toBe(404)
  const { mediaItems, restoreMedia } = {
    ...(await who.graphql.query(`{ mediaItems(filter: { deleted: true, tag: ["gone"] }) { totalCount } }`)),
    ...(await who.graphql.query(
      `mutation { restoreMedia(input: { id: "${uuid}" }) { userErrors { code } } }`,
    )),
  }
  expect([mediaItems.totalCount, restoreMedia.userErrors]).toEqual([0, [{ code: 'NOT_FOUND' }]])
})

keeps('APIZEE-DELETE-04', async () => {
  const { id, readers: some } = await readers()
  for (const { api } of some) expect((await api.delete(id)).status).toBe(403)
  expect((await who.api.get(id)).status).toBe(200)
})

keeps('APIZEE-DELETE-05', async () => {
  const { id } = await who.make()
  await who.api.delete(id)
  for (const gone of [id, 999_999_999]) expect((await who.api.delete(gone)).status).toBe(404)
})
