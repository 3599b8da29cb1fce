import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { ApizeeClient } from '../../clients/apizee-client.ts'
import { ADMIN } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'
import { projectFile } from '../../support/project-file.ts'
import { routesOf } from '../../support/routes.ts'
import { BYTES, metadata, TusByHand } from '../../support/tus.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { ids, item, Site, type Somebody } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
let who: Somebody
beforeAll(async () => {
  site = await Site.start()
  who = await site.user()
}, 60_000)
afterAll(() => site.close())

const picture = { bytes: fixture('photo.png').bytes(), fileName: 'photo.png' }

function formOf(fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}

keeps('APIZEE-BOTH-01', async () => {
  const said = { title: 'Ä & b', description: 'd', tags: 'x,y' }
  const retention_date = '2099-01-01T00:00:00Z'
  const flat = { ...said, latitude: '-17.5', longitude: '149', retention_date, metadata: '{"a":{"b":1}}' }
  const nested = {
    ...said,
    tags: ['x', 'y'],
    geoloc: { lat: -17.5, lng: 149 },
    retention_date,
    metadata: { a: { b: 1 } },
  }
  const { metadata: _, latitude: lat, longitude: lng, ...rest } = flat
  const bracketed = { ...rest, 'geoloc[lat]': lat, 'geoloc[lng]': lng, custom_metadata: '{"a":{"b":1}}' }
  const forms: [body: RequestInit['body'], type?: string][] = [
    [JSON.stringify(flat), 'application/json'],
    [JSON.stringify(nested), 'application/json; charset=utf-8'],
    [JSON.stringify({ ...nested, geoloc: { latitude: -17.5, longitude: 149 } }), 'application/json'],
    [new URLSearchParams(flat).toString(), 'application/x-www-form-urlencoded'],
    [new URLSearchParams(bracketed).toString(), 'application/x-www-form-urlencoded'],
    [formOf(flat)],
    [formOf({ ...rest, geoloc: '{"lat":-17.5,"lng":149}', metadata: flat.metadata })],
  ]
  for (const [body, type] of forms) {
    const made = await who.make()
    const answer = await who.api.update(made.id, body, type)
    expect([answer.status, answer.body]).toEqual([
      200,
      { ...item(made), title: 'Ä & b', description: 'd', geoloc: { lat: -17.5, lng: 149 } },
    ])
    const { media } = await who.graphql.query(`{ media(id: "${made.uuid}") { tags metadata expiresAt } }`)
    expect(media).toEqual({
      tags: ['x', 'y'],
      metadata: { a: { b: 1 } },
      expiresAt: '2099-01-01T00:00:00.000Z',
    })
  }
})

keeps('APIZEE-OURS-01', async () => {
  const user = await site.user()
  const made = await user.make({ tags: ['t'], groupIds: ['g'], sourceType: 's', conversationId: 'c' })
  await user.make({}, picture)
  const values = {
    document: ['media_type', 'type', 'mediaType'],
    t: ['tag', 'tag_id', 'tags', 'tag[]'],
    g: ['user_group_id', 'group_id', 'groupId', 'group'],
    s: ['source_type', 'sourceType'],
    c: ['conversation_id', 'conversationId', 'conversation'],
  }
  for (const [value, names] of Object.entries(values))
    for (const name of names)
      expect([name, ids((await user.api.list({ [name]: value })).body.data)]).toEqual([name, [made.id]])
  const admin = await site.token()
  for (const name of ['user_id', 'userId', 'user', 'user[]'])
    expect((await admin.api.list({ [name]: made.owner.id })).body.total).toBe(2)
  // A name that nobody knows is nobody's business.
  expect((await user.api.list({ utm_source: 'x', page: 7 })).body.total).toBe(2)
})

keeps('APIZEE-OURS-02', async () => {
  const user = await site.user()
  const empty = { total: 0, next_offset: null, data: [] }
  expect((await user.api.list()).body).toEqual(empty)
  await user.make()
  await user.make()
  expect((await user.api.list({ limit: 1 })).body.next_offset).toBe(1)
  for (const [offset, limit] of [
    [0, 2],
    [1, 1],
    [999_999_999_999, 10],
  ] as const)
    expect((await user.api.list({ offset, limit })).body.next_offset).toBeNull()
})

keeps('APIZEE-OURS-03', async () => {
  const wrong = {
    offset: ['x', '1.5', '-1'],
    limit: ['x', '1.5', '-1'],
    status: ['done', 'completed,done'],
    media_type: ['picture'],
    source_type: ['x'.repeat(65), '\0'],
    user_id: ['anna'],
    search: ['\0', 'x'.repeat(501)],
    tag: ['\0', Array.from({ length: 101 }, (_, n) => n).join(',')],
    conversation_id: ['\0'],
    user_group_id: ['\0'],
    since: ['2020-02-31', '2020-02-30T10:00:00+02:00'],
  }
  for (const [name, values] of Object.entries(wrong))
    for (const value of values) {
      const { status, body } = await who.api.list({ [name]: value })
      const message = expect.stringMatching(`^${name} (is|holds) `)
      const told = { code: expect.any(String), message, data: { status: 400 } }
      expect([name, value, status, body]).toEqual([name, value, 400, told])
    }
  // A word that is said a hundred times says what it says once.
  expect((await who.api.list({ status: 'completed,'.repeat(101) })).status).toBe(200)
})

keeps('APIZEE-OURS-04', async () => {
  const user = await site.user()
  const titles = ['100%', '100 percent', 'a_b', 'axb', 'c\\d', 'cd']
  for (const title of titles) await user.make({ title }, { bytes: Buffer.from(title), fileName: 'x' })
  for (const [search, title] of [
    ['0%', '100%'],
    ['a_b', 'a_b'],
    ['c\\', 'c\\d'],
  ] as const)
    expect((await user.api.list({ search })).body.data.map(each => each.title)).toEqual([title])
})

keeps('APIZEE-OURS-07', async () => {
  const { id, geoloc } = await who.make()
  expect(geoloc).toBeNull()
  const place = { geoloc: { lat: 0, lng: 0 } }
  for (const away of [{ geoloc: null }, { latitude: null }, { latitude: null, longitude: null }]) {
    expect((await who.api.updateJson(id, place)).body).toMatchObject(place)
    expect((await who.api.updateJson(id, away)).body.geoloc).toBeNull()
  }
})

keeps('APIZEE-OURS-09', async () => {
  const { id } = await who.make()
  const told = async (answer: Promise<{ status: number; body: unknown; headers: Headers }>) => {
    const { status, body, headers } = await answer
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(body).toEqual({
      code: expect.stringMatching(/^[a-z_]+$/),
      message: expect.any(String),
      data: { status },
    })
    expect(JSON.stringify(body)).not.toMatch(/relation|SELECT|\.ts|stack|node_modules/)
    return status
  }
  const statuses = [
    await told(who.api.list({ limit: 'x' })),
    await told(new ApizeeClient(site.gateway.url, null).list()),
    await told(who.api.list({ user_id: 'all' })),
    await told(who.api.get('x')),
  ]
  const limited = await site.gateway.beside({ RATE_LIMIT: 'key=1/h' })
  const hasty = new ApizeeClient(limited.url, who.authorization)
  await hasty.list()
  statuses.push(await told(hasty.list()))
  await limited.close()
  await site.sql('ALTER TABLE owner RENAME TO away')
  statuses.push(await told(who.api.get(id)))
  await site.sql('ALTER TABLE away RENAME TO owner')
  expect(statuses).toEqual([400, 401, 403, 404, 429, 500])
})

keeps('APIZEE-OURS-10', async () => {
  const stranger = await site.token({ account: await site.account() })
  const { id, hash } = await who.make({ public: true })
  const seen = async (number: number) => {
    const path = `/api/v3/medias/${number}`
    const answers = [
      await stranger.api.send('GET', path),
      await stranger.api.send('GET', `${path}/download`),
      await stranger.api.send('PUT', `${path}?title=x`),
      await stranger.api.send('DELETE', path),
      await stranger.api.send('GET', `/media/showVideo/${number}/hash/${hash.replace(/./g, '0')}`),
    ]
    return Promise.all(
      answers.map(async answer => {
        const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
        return [answer.status, headers, await answer.text()]
      }),
    )
  }
  const answers = await seen(id)
  expect(answers).toEqual(await seen(999_999_999))
  expect(answers.map(([status]) => status)).toEqual([404, 404, 404, 404, 404])
  expect((await stranger.api.list({ user_id: 'all' })).body.total).toBe(0)
  expect((await who.api.get(id)).status).toBe(200)
})

keeps('APIZEE-OURS-11', async () => {
  const { uuid } = await who.make()
  for (const id of [
    'abc',
    '1.5',
    '0',
    '-1',
    '01',
    '1e3',
    '2147483648',
    '9'.repeat(30),
    '%00',
    '%F0%9F%92%A9',
    uuid,
  ])
    for (const answer of [await who.api.get(id), await who.api.updateJson(id, {}), await who.api.delete(id)])
      expect([id, answer.status]).toEqual([id, 404])
})

keeps('APIZEE-OURS-12', async () => {
  const { id, uuid } = await who.make()
  await site.gateway.query(
    `mutation { applyLegalHold(input: { mediaId: "${uuid}", reason: "r" }) { userErrors { code } } }`,
  )
  expect(await who.api.delete(id)).toMatchObject({ status: 403, body: { code: 'legal_hold' } })
  expect(await (await who.api.download(id)).text()).toMatch(/^text /)
})

const sent = async (method: string, path: string, body: FormData | string) => {
  const headers = { authorization: ADMIN }
  const answer = await fetch(site.gateway.url + path, { method, headers, body })
  expect([path, answer.status]).toEqual([path, method === 'POST' ? 201 : 204])
}

const fileIn = (field: string, content: string) => {
  const form = new FormData()
  form.append(field, new Blob([content], { type: 'application/pdf' }), 'a.pdf')
  return form
}

/** How a file comes in elsewhere. */
const DOORS: Readonly<Record<string, (content: string) => Promise<unknown>>> = {
  GraphQL: content => site.gateway.upload({ bytes: Buffer.from(content), fileName: 'a.txt' }),
  async tus(content) {
    const tus = new TusByHand(`${site.gateway.url}/uploads`, ADMIN)
    const headers = { 'upload-metadata': metadata({ filename: 'a.txt' }) }
    const url = await tus.create(content.length, headers)
    const piece = { 'content-type': BYTES, 'upload-offset': '0' }
    await tus.send('PATCH', url, { headers: piece, body: content })
  },
  'Contentive CMS': content => sent('POST', '/api/media', fileIn('file', content)),
  Vonage: content => sent('POST', '/v3/media', fileIn('filedata', content)),
  Bandwidth: content => sent('PUT', '/api/v2/users/acme/media/a.pdf', content),
}

keeps('APIZEE-OURS-13', async () => {
  const admin = new ApizeeClient(site.gateway.url, ADMIN)
  const seen = new Set<string>()
  const doors = Object.entries(DOORS)
  for (const [name, bring] of doors) {
    const content = `%PDF-1.4 by ${name}\n%%EOF\n`
    await bring(content)
    const [media] = (await admin.list({ limit: 1, status: 'processing,completed' })).body.data
    expect([name, (await admin.get(media?.id ?? 0)).body]).toEqual([name, media])
    expect([name, await (await admin.download(media?.id ?? 0)).text()]).toEqual([name, content])
    expect(await (await fetch(media?.url ?? '')).text()).toBe(content)
    seen.add(`${media?.id} ${media?.hash}`)
  }
  expect(seen.size).toBe(doors.length)
})

keeps('APIZEE-OURS-14', async () => {
  const others = {
    name: `known elsewhere ${Math.random()}`,
    altText: 'alt',
    metadataPrimary: 'primary',
    metadataSecondary: 'secondary',
    public: true,
    cacheControl: 'max-age=60',
    maxDownloads: 7,
    groupIds: ['g'],
    conversationId: 'c',
    sourceType: 's',
  }
  const { id, uuid } = await who.make(others)
  const said = { title: 'new', description: 'new', latitude: 1, longitude: 2, tags: 'x', metadata: { a: 1 } }
  expect((await who.api.updateJson(id, said)).status).toBe(200)
  const { media } = await who.graphql.query(`{ media(id: "${uuid}") { ${Object.keys(others).join(' ')} } }`)
  expect(media).toEqual(others)
})

keeps('APIZEE-OURS-15', async () => {
  const answer = await fetch(`${site.gateway.url}/openapi/apizee.json`)
  const { paths, servers } = (await answer.json()) as { paths: Record<string, object>; servers: unknown }
  expect([answer.status, servers]).toEqual([200, [{ url: site.gateway.url }]])
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
  const served = (await routesOf(site.gateway.app)).filter(route =>
    / \/(api\/v3\/|media\/showVideo\/)/.test(route),
  )
  expect(documented.sort()).toEqual([...new Set(served.map(route => route.replace(/\/$/, '')))].sort())
})

const PATHS = [
  '/api/v3/medias',
  '/api/v3/medias/{id}',
  '/api/v3/medias/{id}/download',
  '/openapi/apizee.json',
]

keeps('APIZEE-OURS-16', async () => {
  const { id, url } = await who.make()
  const without = await site.gateway.beside({ FACADES: 'cms' })
  const paths = [...PATHS.map(path => path.replace('{id}', String(id))), new URL(url).pathname]
  for (const path of paths)
    expect([path, (await new ApizeeClient(without.url, ADMIN).send('GET', path)).status]).toEqual([path, 404])
  expect((await fetch(`${without.url}/api/media`, { headers: { authorization: ADMIN } })).status).toBe(200)
  await without.close()
})

/** As a client that reaches the gateway by this host name. */
async function asked(url: string, host?: string): Promise<{ status: number; body: string }> {
  const headers = { authorization: who.authorization, ...(host && { host }) }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject)
  })
  return { status: answer.statusCode ?? 0, body: await text(answer) }
}

keeps('APIZEE-OURS-17', async () => {
  const { id } = await who.make({}, picture)
  const path = `/api/v3/medias/${id}`
  const below = await site.gateway.beside({ FACADES: 'apizee/old' })
  const at = await site.gateway.beside({ FACADES: 'apizee@media.example.org' })
  const [moved, hosted] = [await asked(`${below.url}/old${path}`), await asked(below.url + path)]
  expect([moved.status, hosted.status]).toEqual([200, 404])
  const { url, thumbnail_url } = JSON.parse(moved.body)
  expect(url).toBe(`${below.url}/old/media/showVideo/${id}/hash/${url.split('/').at(-1)}`)
  for (const address of [url, thumbnail_url]) expect((await fetch(address)).status).toBe(200)
  expect((await fetch(url.replace('/old', ''))).status).toBe(404)

  const [here, elsewhere] = [await asked(at.url + path, 'media.example.org'), await asked(at.url + path)]
  expect([here.status, elsewhere.status]).toEqual([200, 404])
  const { url: address } = JSON.parse(here.body)
  expect(address).toMatch(/^http:\/\/media\.example\.org\/media\/showVideo\//)
  const shown = at.url + new URL(address).pathname
  expect((await asked(shown, 'media.example.org')).status).toBe(200)
  expect((await asked(shown)).status).toBe(404)
  await below.close()
  await at.close()
})

keeps('APIZEE-OURS-18', async () => {
  const page = await projectFile('docs/moving-from-apizee.md')
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual([
    'Base URL and credentials',
    'What is the same',
    'What is better',
    'What differs',
    'Files that you have',
    'On, off, elsewhere',
  ])
})
