import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'

let now = Date.now()
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ LOG_LEVEL: 'trace' }, { clock: { now: () => new Date(now) } })
})
afterAll(() => gateway.close())

const URLS = `query U($id: ID!, $seconds: Int = 3600) { media(id: $id) {
  url(expiresIn: $seconds) save: url(expiresIn: $seconds, disposition: ATTACHMENT) } }`

async function upload(text: string, input: Record<string, unknown> = {}): Promise<string> {
  return (await gateway.upload({ bytes: Buffer.from(text), fileName: 'note.txt' }, input)).media.id
}

async function urlsOf(id: string, seconds?: number): Promise<{ url: string; save: string }> {
  return (await gateway.query(URLS, { id, seconds })).media
}

async function fetched(url: string | URL, init?: RequestInit): Promise<[number, string]> {
  const answer = await fetch(url, init)
  return [answer.status, await answer.text()]
}

const codeOf = ([status, body]: [number, string]) => [status, JSON.parse(body).error.code]
const INVALID = [403, 'SIGNATURE_INVALID']

function changed(url: string, change: Record<string, string | null>): URL {
  const copy = new URL(url)
  for (const [name, value] of Object.entries(change)) {
    if (value === null) copy.searchParams.delete(name)
    else copy.searchParams.set(name, value)
  }
  return copy
}

test('a signed URL gives the content to whoever has it', async () => {
  const { url, save } = await urlsOf(await upload('secret'))
  const whole = await fetch(url)
  expect([whole.status, await whole.text()]).toEqual([200, 'secret'])
  expect(whole.headers.get('cache-control')).toMatch(/^private, max-age=3\d{3}, immutable$/)
  expect(whole.headers.get('referrer-policy')).toBe('no-referrer')
  expect(whole.headers.get('content-disposition')).toMatch(/^inline/)
  const head = await fetch(url, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '6'])
  expect(await fetched(url, { headers: { range: 'bytes=2-3' } })).toEqual([206, 'cr'])
  const saved = await fetch(save)
  expect([saved.status, saved.headers.get('content-disposition'), await saved.text()]).toEqual([
    200,
    expect.stringMatching(/^attachment/),
    'secret',
  ])
})

test('a public media has a plain URL that names its version', async () => {
  const id = await upload('open', { public: true })
  const { url, save } = await urlsOf(id)
  expect([url, save]).toEqual([
    `${gateway.url}/media/${id}/content?v=1`,
    `${gateway.url}/media/${id}/content?v=1&download=1`,
  ])
  const answer = await fetch(url)
  expect([answer.headers.get('cache-control'), await answer.text()]).toEqual([
    'public, max-age=31536000, immutable',
    'open',
  ])
})

test('a signed URL opens nothing but what was signed', async () => {
  const [mine, another] = [await upload('mine'), await upload('another')]
  const { url, save } = await urlsOf(mine)
  const { database } = gateway.app.foundation
  await database.query(
    `INSERT INTO media_version (media_id, n, blob_id, sha256, size, mime_type, original_file_name)
     SELECT media_id, 2, blob_id, sha256, size, mime_type, original_file_name FROM media_version WHERE media_id = $1`,
    [mine],
  )
  const exp = new URL(url).searchParams.get('exp')
  const refused = [
    url.replace(mine, another),
    changed(url, { v: '2' }),
    changed(url, { v: null }),
    changed(url, { download: '1' }),
    changed(save, { download: null }),
    changed(url, { exp: String(Number(exp) + 60) }),
    changed(url, { kid: 'other' }),
    changed(url, { sig: 'x' }),
    changed(url, { sig: null }),
    changed(url, { sig: null, kid: null }),
    `${url}&exp=${exp}`,
  ]
  for (const other of refused) expect(codeOf(await fetched(other))).toEqual(INVALID)
  for (const method of ['PUT', 'POST', 'DELETE', 'PATCH'])
    expect((await fetched(url, { method }))[0]).toBe(404)
  // A credential that could have read it changes nothing.
  const headers = { authorization: ADMIN }
  expect(codeOf(await fetched(changed(url, { sig: 'x' }), { headers }))).toEqual(INVALID)
  await database.query('DELETE FROM media_version WHERE media_id = $1 AND n = 2', [mine])
})

test('a bad signature is one answer, whether or not there is such a media', async () => {
  const id = await upload('here')
  const bad = (which: string) => `${gateway.url}/media/${which}/content?v=1&exp=99999999999&kid=test&sig=x`
  const [there, nowhere, odd] = await Promise.all(
    [id, '01234567-89ab-7def-8123-456789abcdef', 'odd'].map(async which => {
      const [status, body] = await fetched(bad(which))
      return [status, body.replace(/"requestId":"[^"]*"/, '')]
    }),
  )
  expect([there, odd]).toEqual([nowhere, nowhere])
  expect(there?.[0]).toBe(403)
})

test('a signed URL ends when it says, and with the media', async () => {
  const id = await upload('brief')
  const { url } = await urlsOf(id, 60)
  now += 58_000
  expect((await fetched(url))[0]).toBe(200)
  now += 2_000
  expect(codeOf(await fetched(url))).toEqual(INVALID)
  const longer = (await urlsOf(id)).url
  await gateway.query('mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }', { id })
  expect(codeOf(await fetched(longer))).toEqual([404, 'NOT_FOUND'])
})

test.each([0, -1, 604_801])('a lifetime of %i seconds is refused with what is allowed', async seconds => {
  const id = await upload('x')
  const { data, errors } = await gateway.send(URLS, { id, seconds })
  expect(data).toEqual({ media: { url: null, save: null } })
  expect(errors?.[0]).toMatchObject({
    message: expect.stringContaining('1 to 604800'),
    extensions: { code: 'BAD_REQUEST' },
  })
})

test('there is no URL for who may not see the media, nor for one without content', async () => {
  const id = await upload('mine alone')
  expect(await gateway.as(FOREIGN).query(URLS, { id })).toEqual({ media: null })
  const { database } = gateway.app.foundation
  const [pending] = await database.query<{ id: string }>(
    `INSERT INTO media (id, hash, account_id, original_file_name, kind, mime_type, status, store_id)
     VALUES (gen_random_uuid(), gen_random_uuid(), 'acme', 'x', 'FILE', 'text/plain', 'PENDING', 'default') RETURNING id`,
  )
  expect(await urlsOf(pending?.id ?? '')).toEqual({ url: null, save: null })
})

test('no log line has a signature', async () => {
  const { url } = await urlsOf(await upload('unseen'))
  const sig = new URL(url).searchParams.get('sig') as string
  await fetched(url)
  await fetched(changed(url, { v: '7' }))
  await fetched(url, { method: 'PUT' })
  const log = JSON.stringify(gateway.log)
  expect(log).toContain('"route":"/media/:id/content"')
  expect(log).not.toContain(sig)
})

test('PUBLIC_URL is where URLs lead, and a retired key ends them', async () => {
  const first = await startApp({
    PUBLIC_URL: 'https://cdn.example/m',
    SIGNING_KEYS: 'old:an-old-signing-key',
  })
  try {
    const { media } = await first.upload({ bytes: Buffer.from('far') })
    const { url } = (await first.query(URLS, { id: media.id })).media
    expect(url).toContain(`https://cdn.example/m/media/${media.id}/content?v=1&exp=`)
    const here = url.replace('https://cdn.example/m', first.url)
    expect(await fetched(here)).toEqual([200, 'far'])
    const rotated = await first.beside({ SIGNING_KEYS: 'new:a-new-signing-key,old:an-old-signing-key' })
    expect(await fetched(here.replace(first.url, rotated.url))).toEqual([200, 'far'])
    await rotated.close()
    const retired = await first.beside({ SIGNING_KEYS: 'new:a-new-signing-key' })
    expect(codeOf(await fetched(here.replace(first.url, retired.url)))).toEqual(INVALID)
    await retired.close()
  } finally {
    await first.close()
  }
})
