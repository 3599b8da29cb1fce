import { request } from 'node:http'
import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { startApp, type TestApp } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'
import { projectFile } from '../../support/project-file.ts'
import { HOUR, retentionTools } from '../../support/retention.ts'
import { routesOf } from '../../support/routes.ts'
import { metadata, TusByHand } from '../../support/tus.ts'
import { closeDocumented } from '../documented.ts'
import { promises } from '../harness.ts'
import { BandwidthClient, clientOf, LARGEST, tokenOf } from './client.ts'
import { PROMISES } from './promises.ts'

const keeps = promises(PROMISES)

let gateway: TestApp
let client: BandwidthClient
beforeAll(async () => {
  gateway = await startApp()
  client = await clientOf(gateway, '12345')
})
afterAll(() => closeDocumented(gateway, 'bandwidth'))

const { sql } = retentionTools(() => gateway)
const graphql = () => gateway.as(tokenOf(client))
const mediaOf = async (name: string, selection: string) =>
  (await graphql().query(`query($n: String!) { mediaByName(name: $n) { ${selection} } }`, { n: name }))
    .mediaByName

keeps('BANDWIDTH-OURS-01', async () => {
  await client.put('gone', 'x')
  const names = ['gone', 'gone', 'never was']
  const statuses: number[] = []
  for (const name of names) statuses.push((await client.delete(name)).status)
  expect(statuses).toEqual([204, 204, 204])
})

keeps('BANDWIDTH-OURS-02', async () => {
  await client.put('again', 'old')
  await client.delete('again')
  expect((await client.put('again', 'new')).status).toBe(204)
  expect((await client.get('again')).bytes.toString()).toBe('new')
})

keeps('BANDWIDTH-OURS-03', async () => {
  await client.put('same', 'old')
  const before = [(await client.get('same')).headers.get('etag'), await mediaOf('same', 'id')] as const
  await client.put('same', 'new')
  expect((await client.get('same')).headers.get('etag')).not.toBe(before[0])
  expect(await mediaOf('same', 'id')).toEqual(before[1])
})

keeps('BANDWIDTH-OURS-04', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const active = [
    ['text/html', '<!doctype html><script>alert(1)</script>'],
    ['image/svg+xml', svg],
    ['application/xhtml+xml', svg],
    ['text/javascript', 'alert(1)'],
    ['text/html', 'no page at all'],
  ] as const
  for (const [type, body] of active) {
    await client.put('active', body, { 'content-type': type })
    const { status, headers } = await client.get('active', { accept: 'text/html' })
    expect([status, headers.get('x-content-type-options')]).toEqual([200, 'nosniff'])
    const isShown = /^inline/.test(headers.get('content-disposition') ?? '')
    // What is shown in place is of a type that nothing runs; all else is saved, without any rights.
    if (isShown) expect(headers.get('content-type')).toMatch(/^text\/plain/)
    else expect(headers.get('content-security-policy')).toMatch(/^sandbox;/)
  }
})

keeps('BANDWIDTH-OURS-05', async () => {
  let sent = 0
  function* endless() {
    for (; ; sent += 65_536) yield Buffer.alloc(65_536)
  }
  const { port } = new URL(gateway.url)
  const headers = { authorization: client.authorization ?? '' }
  const told = await new Promise((resolve, reject) => {
    const outgoing = request(
      { port, method: 'PUT', path: client.urlOf('endless'), headers },
      async answer => {
        resolve([answer.statusCode, await json(answer)])
        outgoing.destroy()
      },
    )
    // Once it is answered nobody minds how the rest ends.
    pipeline(Readable.from(endless()), outgoing).catch(reject)
  })
  expect(told).toEqual([413, { type: 'payload-too-large', description: expect.any(String) }])
  expect(sent).toBeGreaterThan(LARGEST)
  expect(await client.names()).not.toContain('endless')
})

keeps('BANDWIDTH-OURS-06', async () => {
  const hours = async (accountId: string, name: string) => {
    const [media] = await sql<{ uploaded: Date; hours: number | null }>(
      `SELECT content_updated_at AS uploaded, (extract(epoch FROM expires_at - content_updated_at) / 3600)::float8 AS hours
       FROM media WHERE account_id = $1 AND name = $2 AND deleted_at IS NULL`,
      [accountId, name],
    )
    return media
  }
  await client.put('renewed', 'x')
  await sql(
    `UPDATE media SET content_updated_at = content_updated_at - interval '1 hour', expires_at = expires_at - interval '1 hour' WHERE name = 'renewed'`,
  )
  const before = await hours(client.accountId, 'renewed')
  await client.put('renewed', 'y')
  const after = await hours(client.accountId, 'renewed')
  expect([before?.hours, after?.hours]).toEqual([48, 48])
  expect(after?.uploaded.getTime()).toBeGreaterThanOrEqual((before?.uploaded.getTime() ?? 0) + HOUR)

  const RETENTION_RULES = 'account:elsewhere+door:bandwidth=never door:bandwidth=PT2H,after:upload'
  const beside = await gateway.beside({ RETENTION_RULES })
  for (const [accountId, kept] of [
    ['elsewhere', null],
    ['12345', 2],
  ] as const) {
    const { authorization } = await clientOf(gateway, accountId)
    await new BandwidthClient(beside.url, accountId, authorization).put('configured', 'x')
    expect((await hours(accountId, 'configured'))?.hours).toBe(kept)
  }
  await beside.close()
})

keeps('BANDWIDTH-OURS-07', async () => {
  const beside = await gateway.beside({ RATE_LIMIT: 'key=1/h', TYPE_RULES: 'type:text/html=refuse' })
  const hasty = new BandwidthClient(beside.url, client.accountId, client.authorization)
  const untaken = await hasty.put('x', '<!doctype html><p>')
  const stranger = new BandwidthClient(gateway.url, 'nobody', client.authorization)
  const nobody = new BandwidthClient(gateway.url, client.accountId, null)
  const refused = [
    [await client.list('no token'), 400, 'request-validation'],
    [await nobody.list(), 401, 'unauthorized'],
    [await stranger.list(), 403, 'forbidden'],
    [await client.get('never was'), 404, 'not-found'],
    [await client.put('large', new Uint8Array(LARGEST + 1)), 413, 'payload-too-large'],
    [untaken, 415, 'unsupported-content-type'],
    [await hasty.list(), 429, 'too-many-requests'],
  ] as const
  await beside.close()
  for (const [{ status, body, headers }, expected, type] of refused) {
    expect({ status, body }).toEqual({ status: expected, body: { type, description: expect.any(String) } })
    expect(headers.get('content-type')).toMatch(/^application\/json/)
  }
  await sql(`ALTER TABLE media RENAME COLUMN original_file_name TO missing`)
  const failed = await client.list()
  await sql(`ALTER TABLE media RENAME COLUMN missing TO original_file_name`)
  const description = expect.not.stringContaining('original_file_name')
  expect([failed.status, failed.body]).toEqual([500, { type: 'internal-server-error', description }])
})

keeps('BANDWIDTH-OURS-08', async () => {
  const bearer = new BandwidthClient(gateway.url, client.accountId, tokenOf(client))
  await client.put('either', 'x')
  expect((await bearer.each('either')).map(({ status }) => status)).toEqual([200, 200, 204, 204])
})

keeps('BANDWIDTH-OURS-09', async () => {
  const { media } = await graphql().upload({ bytes: Buffer.from('x') }, { name: 'public', public: true })
  expect((await fetch(`${gateway.url}/media/${media.id}/content`)).status).toBe(200)
  const nobody = new BandwidthClient(gateway.url, client.accountId, null)
  expect((await nobody.get('public')).status).toBe(401)
})

keeps('BANDWIDTH-OURS-13', async () => {
  expect((await client.get('never was')).status).toBe(404)
})

/** The id of a picture that comes by a form of another API. */
async function byForm(path: string, field: string, name: string): Promise<string> {
  const form = new FormData()
  form.append(field, new Blob([new Uint8Array(fixture('photo.png').bytes())], { type: 'image/png' }), name)
  const headers = { authorization: tokenOf(client) }
  const answer = await fetch(gateway.url + path, { method: 'POST', body: form, headers })
  return ((await answer.json()) as { id: string }).id
}

keeps('BANDWIDTH-OURS-14', async () => {
  const authorization = tokenOf(client)
  const tus = new TusByHand(`${gateway.url}/uploads`, authorization)
  const brought: Record<string, string> = {
    cms: await byForm('/api/media', 'file', 'by cms.png'),
    vonage: await byForm('/v3/media', 'filedata', 'by vonage.png'),
    graphql: (await graphql().upload({ bytes: Buffer.from('x'), fileName: 'by graphql.txt' })).media.id,
  }
  const url = await tus.create(1, { 'upload-metadata': metadata({ filename: 'by tus.txt' }) })
  const { headers } = await tus.patch(url, 0, { body: Buffer.from('x') })
  brought.tus = headers['media-id'] ?? ''
  for (const [door, file] of [
    ['cms', 'by cms.png'],
    ['vonage', 'by vonage.png'],
    ['graphql', 'by graphql.txt'],
    ['tus', 'by tus.txt'],
  ] as const) {
    const name = `${brought[door]}/${file}`
    expect(await client.names()).toContain(name)
    expect([door, (await client.get(name)).status]).toEqual([door, 200])
    expect((await client.delete(name)).status).toBe(204)
    expect(await client.names()).not.toContain(name)
    expect((await graphql().query(`{ media(id: "${brought[door]}") { id } }`)).media).toBeNull()
  }
})

keeps('BANDWIDTH-OURS-15', async () => {
  const said = {
    title: 'Harbour',
    description: 'At night',
    tags: ['t'],
    metadataPrimary: 'm',
    geolocation: { latitude: 53.5, longitude: 10 },
  }
  await graphql().upload({ bytes: Buffer.from('old') }, { name: 'said', ...said })
  expect((await client.put('said', 'new')).status).toBe(204)
  const selection = 'title description tags metadataPrimary geolocation { latitude longitude }'
  expect(await mediaOf('said', selection)).toEqual(said)
})

keeps('BANDWIDTH-OURS-16', async () => {
  const answer = await fetch(`${gateway.url}/openapi/bandwidth.json`)
  const { openapi, servers, paths } = (await answer.json()) as {
    readonly openapi: string
    readonly servers: object
    readonly paths: Record<string, Record<string, unknown>>
  }
  expect([openapi, servers]).toEqual(['3.1.1', [{ url: gateway.url }]])
  const described = Object.entries(paths).flatMap(([path, { parameters: _, ...methods }]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
  )
  const served = (await routesOf(gateway.app))
    .filter(route => / \/api\/v2\/users\//.test(route))
    // A name may hold slashes, of which a route knows only as whatever follows; a slash at the end of the list says nothing.
    .map(route => route.replace(':accountId', '{accountId}').replace('/*', '/{mediaId}').replace(/\/$/, ''))
  expect(described.sort()).toEqual([...new Set(served)].sort())
})

keeps('BANDWIDTH-OURS-17', async () => {
  const beside = await gateway.beside({ FACADES: 'cms' })
  const off = new BandwidthClient(beside.url, client.accountId, client.authorization)
  expect((await off.each('x')).map(({ status }) => status)).toEqual([404, 404, 404, 404])
  expect((await off.ask('GET', '/api/media')).status).toBe(200)
  await beside.close()
})

/** A request to a host name that leads nowhere. */
const at = (host: string, url: string, method = 'GET'): Promise<{ status?: number; body: unknown }> =>
  new Promise((resolve, reject) => {
    const headers = { host, authorization: client.authorization ?? '' }
    request(url, { method, headers }, async answer => {
      const chunks = await answer.toArray()
      resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString() })
    })
      .on('error', reject)
      .end()
  })

keeps('BANDWIDTH-OURS-18', async () => {
  await client.put('mounted/here', 'x')
  const below = await gateway.beside({ FACADES: 'bandwidth/old/bw' })
  const moved = new BandwidthClient(below.url, client.accountId, client.authorization)
  expect((await moved.list()).status).toBe(404)
  const { body } = await moved.ask('GET', `/old/bw${client.place}`)
  const { content } = body.find(({ mediaName }: { mediaName: string }) => mediaName === 'mounted/here')
  expect(content).toBe(`${below.url}/old/bw${client.place}/mounted/here`)
  expect((await moved.ask('GET', content)).bytes.toString()).toBe('x')
  const encoded = `/old/bw${client.urlOf('mounted/here')}`
  expect((await moved.ask('PUT', encoded, { body: 'y' })).status).toBe(204)
  expect((await client.get('mounted/here')).bytes.toString()).toBe('y')
  await below.close()

  const hosted = await gateway.beside({ FACADES: 'bandwidth@media.example.org' })
  const list = hosted.url + client.place
  expect((await at(new URL(hosted.url).host, list)).status).toBe(404)
  const listed = JSON.parse(String((await at('media.example.org', list)).body))
  const there = listed.find(({ mediaName }: { mediaName: string }) => mediaName === 'mounted/here')
  const url = new URL(there.content)
  expect(url.host).toBe('media.example.org')
  expect(await at('media.example.org', hosted.url + url.pathname)).toEqual({ status: 200, body: 'y' })
  await hosted.close()
})

keeps('BANDWIDTH-OURS-19', async () => {
  const page = await projectFile('docs/moving-from-bandwidth.md')
  for (const heading of ['Base URL and credentials', 'What is the same', 'What is better', 'What differs'])
    expect(page).toContain(`\n## ${heading}\n`)
})
