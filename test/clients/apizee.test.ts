import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { ids, Site, type Somebody } from '../acceptance/apizee/site.ts'
import { countOf } from '../support/counts.ts'
import { fixture, naughtyStrings } from '../support/fixtures.ts'
import { ecPair, es256, forge, vonageClaims } from '../support/jwt.ts'
import { statementsOf } from '../support/statements.ts'
import { ApizeeClient } from './apizee-client.ts'

let site: Site
let who: Somebody
beforeAll(async () => {
  site = await Site.start()
  who = await site.user()
}, 60_000)
afterAll(() => site.close())

/** The examples of the documentation, as they stand there. */
const EXAMPLES = {
  list: `GET /api/v3/medias HTTP/1.1
Host: cloud.apizee.com
Authorization: Bearer YOUR_SECRET_TOKEN
Accept: */*`,
  get: `GET /api/v3/medias/{mediaId} HTTP/1.1
Host: cloud.apizee.com
Authorization: Bearer YOUR_SECRET_TOKEN
Accept: */*`,
  download: `GET /api/v3/medias/{mediaId}/download HTTP/1.1
Host: cloud.apizee.com
Authorization: Bearer YOUR_SECRET_TOKEN
Accept: */*`,
  update: `PUT /api/v3/medias/{mediaId} HTTP/1.1
Host: cloud.apizee.com
Authorization: Bearer YOUR_SECRET_TOKEN
Accept: */*`,
  delete: `DELETE /api/v3/medias/{mediaId} HTTP/1.1
Host: cloud.apizee.com
Authorization: Bearer YOUR_SECRET_TOKEN
Accept: */*`,
} as const

/** Sends an example byte for byte, with a token and an id that there are. */
async function sent(example: keyof typeof EXAMPLES, id: number): Promise<{ status: number; body: string }> {
  const { port } = new URL(site.gateway.url)
  const request = EXAMPLES[example]
    .replace('{mediaId}', String(id))
    .replace('Bearer YOUR_SECRET_TOKEN', who.authorization)
    .replaceAll('\n', '\r\n')
  const socket = connect(Number(port), '127.0.0.1')
  // The examples say nothing of the connection, which stays open: whoever has the answer closes it.
  socket.write(`${request}\r\n\r\n`)
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), body: body.split('HTTP/1.1 ')[0] ?? '' }
}

test('the examples of the documentation, word for word, one after the other', async () => {
  const made = await who.make({}, { bytes: Buffer.from('the file'), fileName: 'a.txt' })
  const { uuid: _, ...item } = made
  const list = await sent('list', made.id)
  expect([list.status, JSON.parse(list.body)]).toEqual([200, { total: 1, next_offset: null, data: [item] }])
  const one = await sent('get', made.id)
  expect([one.status, JSON.parse(one.body)]).toEqual([200, item])
  expect(await sent('download', made.id)).toEqual({ status: 200, body: 'the file' })
  const updated = await sent('update', made.id)
  expect([updated.status, JSON.parse(updated.body)]).toEqual([200, item])
  expect(await sent('delete', made.id)).toEqual({ status: 200, body: '[]' })
  expect((await sent('get', made.id)).status).toBe(404)
})

const REFUSED = (status: number, code: string) => ({
  status,
  body: { code, message: expect.any(String), data: { status } },
})

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** Each method of a client for one media, as answers with a body of JSON. */
const METHODS: Readonly<Record<string, (api: ApizeeClient, id: number | string) => Promise<Answer>>> = {
  get: (api, id) => api.get(id),
  update: (api, id) => api.updateJson(id, { title: 'x' }),
  delete: (api, id) => api.delete(id),
  download: async (api, id) => {
    const answer = await api.download(id)
    return { status: answer.status, body: await answer.json() }
  },
}

describe.each(Object.entries(METHODS))('%s', (name, method) => {
  test('is refused as what it is: 401, 403, 404', async () => {
    const { id } = await who.make({ groupIds: ['team'] })
    const { url } = site.gateway
    expect(await method(new ApizeeClient(url, null), id)).toMatchObject(REFUSED(401, 'unauthenticated'))
    expect(await method(new ApizeeClient(url, 'Bearer x'), id)).toMatchObject(REFUSED(401, 'unauthenticated'))
    const { api } = await site.token({ scopes: ['media:create'] })
    expect(await method(api, id)).toMatchObject(REFUSED(403, 'forbidden'))
    expect(await method(who.api, 999_999_999)).toMatchObject(REFUSED(404, 'not_found'))
    // What is another user's is seen through a group, and by nobody else: to them it is not there.
    const stranger = await site.user()
    const [hidden, missing] = [await method(stranger.api, id), await method(stranger.api, 999_999_999)]
    expect(hidden).toMatchObject(REFUSED(404, 'not_found'))
    expect(hidden.body).toEqual(missing.body)
    if (name === 'update' || name === 'delete')
      expect(await method((await site.user({ groups: ['team'] })).api, id)).toMatchObject(
        REFUSED(403, 'forbidden'),
      )
  })
})

test('a token whose ACL lets it see media but not download them is given no URL that does', async () => {
  const { id, hash, uuid } = await who.make()
  const item = await (await narrowed(uuid)).get(id)
  expect(item).toMatchObject({ status: 200, body: { id, hash: null, url: null, thumbnail_url: null } })
  expect(item.text).not.toContain(hash)
})

/** A token of a JWT that covers what is said of one media, and nothing else. */
async function narrowed(uuid: string): Promise<ApizeeClient> {
  const pair = ecPair()
  const { id } = await site.gateway.app.applications.create({ accountId: 'acme', publicKey: pair.pem })
  const claims = vonageClaims(id, { acl: { paths: { [`/v3/media/${uuid}/info`]: {} } } })
  return new ApizeeClient(
    site.gateway.url,
    `Bearer ${forge({ typ: 'JWT', alg: 'ES256' }, claims, es256(pair))}`,
  )
}

test('who may update but not read is answered with what has become of it', async () => {
  const { id } = await who.make()
  const { api } = await site.token({ scopes: ['media:update'] })
  expect(await api.updateJson(id, { title: 'Blind' })).toMatchObject({
    status: 200,
    body: { title: 'Blind' },
  })
  // What is joined to what is there, is for who may read that.
  expect((await api.updateJson(id, { metadata: { a: 1 } })).status).toBe(403)
})

test('a page of a list costs as many statements however long it is', async () => {
  const user = await site.user()
  for (let i = 0; i < 6; i++)
    await user.make({}, { bytes: fixture('document-13-pages.pdf').bytes(), fileName: `${i}.pdf` })
  const { database } = site.gateway.app.foundation
  const asked = async (limit: number) => {
    const statements = await statementsOf(database, async () =>
      expect((await user.api.list({ limit })).body.data).toHaveLength(limit),
    )
    return statements.filter(each => / FROM (media|owner|variant|unnest)\b/.test(each)).length
  }
  // How many there are, those of the page, their owners, which of them have pictures.
  expect([await asked(1), await asked(6)]).toEqual([4, 4])
})

/** Half a surrogate pair is in no URL. */
const inUrl = (value: string) => encodeURIComponent(value.toWellFormed())

/** Every place where a client can put a text. */
const PLACES: Readonly<Record<string, (api: ApizeeClient, id: number, text: string) => Promise<unknown>>> = {
  ...Object.fromEntries(
    [
      'status',
      'offset',
      'limit',
      'since',
      'until',
      'search',
      'orderby',
      'order',
      'media_type',
      'tag',
      'user_id',
      'user_group_id',
      'source_type',
      'conversation_id',
    ].map(name => [name, (api: ApizeeClient, _: number, value: string) => api.list({ [name]: value })]),
  ),
  'the name of a parameter': (api, _, value) => api.list({ [value]: 'x' }),
  'an id': (api, _, value) => api.get(inUrl(value)),
  'a hash': (api, id, value) => api.send('GET', `/media/showVideo/${id}/hash/${inUrl(value)}`),
  'what it wants shown': (api, id, value) =>
    api.send('GET', `/media/showVideo/${id}/hash/x?thumbnail=${inUrl(value)}`),
  fields: (api, id, value) => api.updateJson(id, { title: value, description: value, tags: [value] }),
  'the other fields': (api, id, value) =>
    api.updateJson(id, {
      latitude: value,
      geoloc: value,
      retention_date: value,
      metadata: { [value]: value },
    }),
  'a form': (api, id, value) =>
    api.update(id, new URLSearchParams({ title: value, lat: value, [value]: value })),
  'a body': (api, id, value) => api.update(id, value, 'application/json'),
}

test.each(Object.entries(PLACES))('no string in %s breaks anything', async (_, ask) => {
  const { id } = await who.make()
  const step = countOf({ daily: 12, thorough: 1 })
  const strings = ['\0', '\ud800', '%', "'", ...naughtyStrings.filter((_, i) => i % step === 0)]
  const statuses = new Set<number>()
  for (const string of strings) {
    const { status } = (await ask(who.api, id, string)) as { status: number }
    statuses.add(status)
  }
  expect([...statuses].filter(status => ![200, 400, 403, 404].includes(status))).toEqual([])
  expect(ids((await who.api.list({ limit: 1 })).body.data)).toEqual([id])
})
