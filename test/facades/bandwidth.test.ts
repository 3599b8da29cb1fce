import { readFileSync } from 'node:fs'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { ACCESS_DENIED, bandwidthTools, LIST, NOT_THERE, told } from '../support/bandwidth.ts'
import { countOf } from '../support/counts.ts'
import { fixture } from '../support/fixtures.ts'
import { retentionTools } from '../support/retention.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ RETENTION_RULES: 'tag:keep=never', IMPORT_FROM_URL: '127.0.0.1/32' })
})
afterAll(() => gateway.close())

const { hold, sql } = retentionTools(() => gateway)
const { call, put, get, remove, list, itemOf, idOf, keyOf } = bandwidthTools(() => gateway)
const LARGEST = 3_932_160

test('a change in place is told and recorded: the content, and what is said of it where that changes', async () => {
  await put('told.txt', 'x', { headers: { 'cache-control': 'max-age=1' } })
  await put('told.txt', 'y', { headers: { 'cache-control': 'max-age=1' } })
  await put('told.txt', 'z')
  const rows = await sql<{ type: string; details: unknown }>(
    `SELECT action AS type, details FROM audit_event WHERE subject_id = $1 ORDER BY seq`,
    [await idOf('told.txt')],
  )
  expect(rows.map(({ type }) => type)).toEqual([
    'media.created',
    'media.replaced',
    'media.replaced',
    'media.updated',
  ])
  expect(rows.at(-1)?.details).toMatchObject({ fields: ['cacheControl'] })
})

test('a file without a type is octet-stream; an active one is given back as what nothing runs', async () => {
  const bytes = new Uint8Array(fixture('photo.png').bytes())
  await put('untyped', bytes)
  expect((await get('untyped')).headers.get('content-type')).toBe('application/octet-stream')
  await put('page', '<script>alert(1)</script>', { headers: { 'content-type': 'text/html' } })
  const page = await get('page')
  expect(page.headers.get('content-disposition')).toMatch(/^attachment/)
  expect(page.headers.get('content-security-policy')).toContain('sandbox')
  await put('image', '<script>alert(1)</script>', { headers: { 'content-type': 'image/png' } })
  expect((await get('image')).headers.get('x-content-type-options')).toBe('nosniff')
})

test.each([
  ['slashes', 'slashes/0/bw.png', ['slashes/0/bw.png', 'slashes%2F0%2Fbw.png', 'slashes%2f0/bw.png?x=1']],
  ['blanks', 'a blank + plus.txt', ['a%20blank%20+%20plus.txt', 'a%20blank%20%2B%20plus.txt']],
  ['all of Unicode', 'ümläut/日本 %25?#.bin', [encodeURIComponent('ümläut/日本 %25?#.bin')]],
  ['dots', 'a/../b/./c', [encodeURIComponent('a/../b/./c')]],
  ['empty segments', 'twice//slashed/', ['twice//slashed/', 'twice%2F%2Fslashed%2F']],
  ['512 characters', `n${'日'.repeat(511)}`, [encodeURIComponent(`n${'日'.repeat(511)}`)]],
])('a name with %s is one media, however its URL is written', async (_, name, spellings) => {
  for (const [i, spelling] of spellings.entries()) {
    expect(await put(spelling, `${i}`)).toBe(204)
    for (const other of spellings) expect(await (await get(other)).text()).toBe(`${i}`)
  }
  const [item, ...more] = await itemOf(name)
  expect(more).toEqual([])
  const fetched = await fetch(item?.content ?? '', { headers: { authorization: ADMIN } })
  expect(fetched.status).toBe(200)
  expect(await remove(spellings.at(-1) ?? '')).toBe(204)
  expect(await itemOf(name)).toEqual([])
})

test('a name in a target in absolute form is the same (RFC 9112, 3.2.2)', async () => {
  const { request } = await import('node:http')
  const { port } = new URL(gateway.url)
  const status = await new Promise((resolve, reject) => {
    const path = `http://media.example.org${LIST}/absolute%2Fform.txt?a=/b`
    request({ port, method: 'PUT', path, headers: { authorization: ADMIN } }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end('x')
  })
  expect(status).toBe(204)
  expect(await itemOf('absolute/form.txt')).toHaveLength(1)
  expect(await (await get('absolute/form.txt')).text()).toBe('x')
})

test('what has no name is shown and found by its id and the name of its file', async () => {
  const { media } = await gateway.upload({ bytes: Buffer.from('unnamed'), fileName: 'ä b.txt' })
  const name = `${media.id}/ä b.txt`
  const [item] = await itemOf(name)
  expect(await (await fetch(item?.content ?? '', { headers: { authorization: ADMIN } })).text()).toBe(
    'unnamed',
  )
  expect(await put(encodeURIComponent(name), 'replaced')).toBe(204)
  expect(await (await get(encodeURIComponent(name))).text()).toBe('replaced')
  expect(await told(get(`${media.id}/other.txt`))).toEqual(NOT_THERE)
  expect(await remove(encodeURIComponent(name))).toBe(204)
  const { media: gone } = await gateway.query(`{ media(id: "${media.id}") { id } }`)
  expect(gone).toBeNull()
})

test('of uploads of one new name at once each succeeds, and one media has the content of one of them', async () => {
  const bodies = Array.from({ length: 12 }, (_, i) => `body ${i}`)
  const statuses = await Promise.all(bodies.map(body => put('at-once', body)))
  expect(statuses).toEqual(bodies.map(() => 204))
  expect(await itemOf('at-once')).toHaveLength(1)
  expect(bodies).toContain(await (await get('at-once')).text())
  const id = await idOf('at-once')
  const [{ n } = { n: 0 }] = await sql<{ n: number }>(
    `SELECT content_version AS n FROM media WHERE id = $1`,
    [id],
  )
  expect(n).toBe(bodies.length)
})

test('uploads and deletions of one name at once end in one of the two, and never in an error', async () => {
  for (let round = 0; round < countOf({ daily: 5, thorough: 50 }); round++) {
    await put('now-and-then', 'there')
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? remove('now-and-then') : put('now-and-then', `${i}`))),
    )
    expect(new Set(statuses)).toEqual(new Set([204]))
    expect((await itemOf('now-and-then')).length).toBeLessThanOrEqual(1)
  }
})

test('a media that gets another name in the same moment keeps its content; the old name is a new one', async () => {
  await put('renamed', 'x')
  const id = await idOf('renamed')
  const client = await gateway.app.foundation.database.pool.connect()
  try {
    await client.query(`BEGIN`)
    await client.query(`UPDATE media SET name = 'other name' WHERE id = $1`, [id])
    const status = put('renamed', 'y')
    await lockWaiting()
    await client.query(`COMMIT`)
    expect(await status).toBe(204)
  } finally {
    client.release()
  }
  expect(await (await get('other%20name')).text()).toBe('x')
  expect(await (await get('renamed')).text()).toBe('y')
  expect(await idOf('renamed')).not.toBe(id)
})

const WAITING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

/** Resolves when some statement waits for the lock of another. */
async function lockWaiting(): Promise<void> {
  for (;;) {
    const waiting = await sql(WAITING)
    if (waiting.length > 0) return
  }
}

test('where no more media fit, what is there is still overwritten', async () => {
  const authorization = FOREIGN
  const place = '/api/v2/users/other/media'
  const putThere = async (name: string) =>
    (await call('PUT', `${place}/${name}`, { authorization, body: 'x' })).status
  expect(await putThere('fits')).toBe(204)
  await sql(`UPDATE account SET quota_items = used_items WHERE id = 'other'`)
  expect([await putThere('fits'), await putThere('does not')]).toEqual([204, 413])
  await sql(`UPDATE account SET quota_items = NULL WHERE id = 'other'`)
})

test('another account is refused alike at every request, however its name is written', async () => {
  await put('ours', 'x')
  for (const method of ['GET', 'PUT', 'DELETE']) {
    for (const account of ['other', 'nobody', 'ACME', '%61cme%2F..']) {
      const path = `/api/v2/users/${account}/media/ours`
      expect([account, ...(await told(call(method, path)))]).toEqual([account, ...ACCESS_DENIED])
    }
    expect((await call(method, `${LIST}/ours`, { authorization: FOREIGN })).status).toBe(403)
  }
  const answer = await get('ours', { authorization: null })
  expect(answer.headers.get('www-authenticate')).toContain('Basic')
})

test('owners of one account: a name that is somebody else’s is taken, and not there for any other purpose', async () => {
  const scopes = ['media:read', 'media:create', 'media:update', 'media:delete']
  const anna = await keyOf(scopes, { owner: { id: 'anna' } })
  const berta = await keyOf(scopes, { owner: { id: 'berta' } })
  expect(await put('annas', 'hers', { authorization: anna })).toBe(204)
  expect(await told(call('PUT', `${LIST}/annas`, { authorization: berta, body: 'x' }))).toEqual([
    409,
    { type: 'conflict', description: expect.stringMatching(/name/) },
  ])
  expect(await told(get('annas', { authorization: berta }))).toEqual(NOT_THERE)
  expect(await remove('annas', { authorization: berta })).toBe(204)
  expect(await put('bertas', 'hers', { authorization: berta })).toBe(204)
  expect((await list({ authorization: berta })).map(({ mediaName }) => mediaName)).toEqual(['bertas'])
  expect(await (await get('annas', { authorization: anna })).text()).toBe('hers')
})

test.each([
  ['media:create', { new: 204, old: 403 }],
  ['media:update', { new: 403, old: 204 }],
  ['media:read', { new: 403, old: 403 }],
  ['media:delete', { new: 403, old: 403 }],
])('with %s alone a new name and one that is there come to %o', async (scope, comesTo) => {
  const authorization = await keyOf([scope])
  await put('there', 'x')
  const old = await put('there', 'y', { authorization })
  expect({ new: await put(`new ${scope}`, 'x', { authorization }), old }).toEqual(comesTo)
  expect(await remove('there', { authorization })).toBe(scope === 'media:delete' ? 204 : 403)
  expect((await get('nothing', { authorization })).status).toBe(scope === 'media:read' ? 404 : 403)
})

test('what is held stays as it is', async () => {
  await put('held', 'evidence')
  await hold(await idOf('held'))
  expect(await told(call('PUT', `${LIST}/held`, { body: 'x' }))).toEqual(ACCESS_DENIED)
  expect(await told(call('DELETE', `${LIST}/held`))).toEqual(ACCESS_DENIED)
  expect(await (await get('held')).text()).toBe('evidence')
})

test('another size is the operator’s to say, and other doors have their own', async () => {
  const { userErrors } = await gateway.upload({ bytes: new Uint8Array(LARGEST + 1) })
  expect(userErrors).toEqual([])
  const beside = await gateway.beside({ TYPE_RULES: 'door:bandwidth=max:4MB' })
  const putThere = async (size: number) => {
    const init = { method: 'PUT', body: new Uint8Array(size), headers: { authorization: ADMIN } }
    return (await fetch(`${beside.url}${LIST}/larger`, init)).status
  }
  expect([await putThere(4_000_000), await putThere(4_200_000)]).toEqual([204, 413])
  await beside.close()
})

test('what is too much is refused before any of it has come', async () => {
  const { request } = await import('node:http')
  const status = await new Promise((resolve, reject) => {
    const { port } = new URL(gateway.url)
    const headers = { authorization: ADMIN, 'content-length': LARGEST + 1 }
    const asked = request({ port, method: 'PUT', path: `${LIST}/announced`, headers }, answer => {
      resolve(answer.statusCode)
      asked.destroy()
    })
    asked.on('error', reject).flushHeaders()
  })
  expect(status).toBe(413)
})

test.each([
  ['content-range', 'bytes 0-0/1', 'request-validation', 400],
  ['content-encoding', 'gzip', 'request-validation', 400],
  ['cache-control', 'max age of one day', 'request-validation', 400],
  ['cache-control', 'a="b', 'request-validation', 400],
])('a %s of %s is refused as %s', async (header, value, type, status) => {
  const answer = call('PUT', `${LIST}/odd`, { headers: { [header]: value }, body: 'x' })
  expect(await told(answer)).toEqual([status, { type, description: expect.any(String) }])
  expect(await itemOf('odd')).toEqual([])
})

test.each([
  ['max-age=3600,', 'private, max-age=3600'],
  [',, max-age=1 ,,no-transform', 'private, max-age=1, no-transform'],
  ['x.y=1, max-age=1', 'private, x.y=1, max-age=1'],
  [String.raw`community="UC\"I, \\", max-age=1`, String.raw`private, community="UC\"I, \\", max-age=1`],
  ['public="ü\t", max-age=1', 'private, max-age=1'],
  [',', 'private, no-cache'],
])('a Cache-Control of %j comes back as %j', async (given, told) => {
  expect(await put('cached', 'x', { headers: { 'cache-control': given } })).toBe(204)
  const { headers } = await get('cached')
  // Nothing stays fresh beyond the end of the file, which is far.
  expect(headers.get('cache-control')).toBe(told)
})

test.each(['foo', 'false', 'no type', '/', 'text/', ';charset=utf-8', 'undefined'])(
  'a Content-Type of %j, which is none, loses no file',
  async type => {
    expect(await put('typeless', 'x', { headers: { 'content-type': type } })).toBe(204)
    const answer = await get('typeless')
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'application/octet-stream',
      'x',
    ])
  },
)

test('conditions and ranges hold as at every content', async () => {
  await put('ranged', '0123456789')
  const part = await get('ranged', { headers: { range: 'bytes=2-3' } })
  expect([part.status, await part.text()]).toEqual([206, '23'])
  const etag = part.headers.get('etag') ?? ''
  expect((await get('ranged', { headers: { 'if-none-match': etag } })).status).toBe(304)
})

test('nothing but the content, its type and Cache-Control is written, whatever else a request says', async () => {
  await put('masses', 'x', {
    headers: {
      'x-media-id': 'y',
      'if-match': '"z"',
      etag: '"e"',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
    },
  })
  const { mediaByName } = await gateway.query(
    `{ mediaByName(name: "masses") { title tags public maxDownloads timesDownloaded etag } }`,
  )
  expect(mediaByName).toMatchObject({
    title: null,
    tags: [],
    public: false,
    maxDownloads: 0,
    timesDownloaded: 0,
  })
  expect(mediaByName.etag).not.toBe('e')
})

const NAUGHTY: readonly string[] = JSON.parse(
  readFileSync(new URL('../fixtures/naughty-strings.json', import.meta.url), 'utf8'),
)

test('no text in any place comes to an error of ours, and a name comes back as it was given', async () => {
  const texts = NAUGHTY.filter(text => text.isWellFormed() && text !== '')
  const count = countOf({ daily: 60, thorough: texts.length })
  const step = Math.ceil(texts.length / count)
  const seen = new Set<number>()
  for (const text of texts.filter((_, i) => i % step === 0)) {
    const encoded = encodeURIComponent(text)
    const header = encodeURIComponent(text).slice(0, 1_000)
    const answers = [
      await call('PUT', `${LIST}/${encoded}`, { body: 'x' }),
      await call('GET', `${LIST}/${encoded}`),
      await call('PUT', `${LIST}/naughty?${encoded}=${encoded}`, {
        body: 'x',
        headers: { 'cache-control': header, 'content-type': header },
      }),
      await call('GET', LIST, { headers: { 'continuation-token': header } }),
      await call('GET', `/api/v2/users/${encoded}/media`),
      await call('DELETE', `${LIST}/${encoded}`),
    ]
    for (const { status } of answers) seen.add(status)
    if (answers[0]?.status === 204)
      expect([text, answers[1]?.status, answers[5]?.status]).toEqual([text, 200, 204])
    await Promise.all(answers.map(answer => answer.arrayBuffer()))
  }
  expect([...seen].filter(status => status >= 500)).toEqual([])
}, 120_000)
