import { Readable } from 'node:stream'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { BYTES, checksum, TusByHand } from '../support/tus.ts'

// tus 1.0.0: the core protocol, and Checksum.

const ORIGIN = 'https://app.example.org'
let gateway: TestApp
let tus: TusByHand
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: '1000', CORS_ORIGINS: ORIGIN })
  tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
})
afterAll(() => gateway.close())

const contentOf = (id: string | undefined) =>
  fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } }).then(answer =>
    answer.text(),
  )

const PREFLIGHT = {
  origin: ORIGIN,
  'access-control-request-method': 'PATCH',
  'access-control-request-headers': 'authorization,content-type,tus-resumable,upload-checksum,upload-offset',
}

describe('OPTIONS', () => {
  test.each([
    ['a client of tus', {}],
    ['a browser ahead of a request', PREFLIGHT],
  ])('tells %s the version, the extensions, the algorithms and the size', async (_, headers) => {
    for (const url of [tus.endpoint, `${tus.endpoint}/any`]) {
      const answer = await tus.send('OPTIONS', url, {
        headers: { 'tus-resumable': undefined, authorization: undefined, ...headers },
      })
      expect(answer.status).toBe(204)
      expect(answer.headers).toMatchObject({
        'tus-version': '1.0.0',
        'tus-max-size': '1000',
        'tus-extension':
          'creation,creation-with-upload,creation-defer-length,expiration,termination,checksum,concatenation',
        'tus-checksum-algorithm': expect.stringContaining('sha1'),
      })
    }
  })

  test('lets a browser of an allowed origin send and read what the protocol needs, and no other', async () => {
    const preflight = (origin: string) =>
      tus.send('OPTIONS', `${tus.endpoint}/any`, {
        headers: { ...PREFLIGHT, origin, authorization: undefined },
      })
    const { headers } = await preflight(ORIGIN)
    expect(headers['access-control-allow-origin']).toBe(ORIGIN)
    expect(headers['access-control-allow-methods']?.split(', ')).toEqual(
      expect.arrayContaining(['POST', 'HEAD', 'PATCH', 'DELETE']),
    )
    expect(headers['access-control-allow-headers']).toBe(PREFLIGHT['access-control-request-headers'])
    const created = await tus.send('POST', tus.endpoint, {
      headers: { origin: ORIGIN, 'upload-length': '5' },
    })
    const exposed = created.headers['access-control-expose-headers']?.toLowerCase().split(', ')
    expect(exposed).toEqual(
      expect.arrayContaining([
        'location',
        'tus-resumable',
        'upload-offset',
        'upload-length',
        'upload-expires',
      ]),
    )
    expect(
      (await preflight('https://other.example.org')).headers['access-control-allow-origin'],
    ).toBeUndefined()
  })
})

test.each([
  ['no version', undefined],
  ['an older version', '0.2.2'],
])('%s is answered 412 with the version that is spoken, and nothing is done', async (_, version) => {
  const url = await tus.create(5)
  for (const [method, target] of [
    ['POST', tus.endpoint],
    ['HEAD', url],
    ['PATCH', url],
    ['DELETE', url],
  ] as const) {
    const headers = {
      'tus-resumable': version,
      'upload-length': '5',
      'upload-offset': '0',
      'content-type': BYTES,
    }
    const answer = await tus.send(method, target, { headers })
    expect([method, answer.status, answer.headers['tus-version']]).toEqual([method, 412, '1.0.0'])
  }
  expect(await tus.offsetOf(url)).toBe(0)
})

test.each([
  ['without a credential', null, 401],
  ['with a wrong credential', 'Bearer mgw_root_wrong', 401],
])('whoever comes %s is refused, in the words of tus', async (_, authorization, status) => {
  const answer = await new TusByHand(tus.endpoint, authorization).send('POST', tus.endpoint, {
    headers: { 'upload-length': '5' },
  })
  expect([answer.status, answer.headers['tus-resumable']]).toEqual([status, '1.0.0'])
})

test('an upload of another credential is none', async () => {
  const url = await tus.create(5)
  const other = new TusByHand(tus.endpoint, FOREIGN)
  expect((await other.head(url)).status).toBe(404)
  expect((await other.end(url)).status).toBe(404)
  expect(await other.patch(url, 0, { body: 'hello' })).toMatchObject({ status: 404, code: 'NOT_FOUND' })
  expect(await tus.offsetOf(url)).toBe(0)
})

describe('HEAD', () => {
  test('tells the offset and the length, and is never kept by a cache', async () => {
    const url = await tus.create(5)
    const fresh = await tus.head(url)
    expect(fresh).toMatchObject({ status: 200, headers: { 'upload-offset': '0', 'upload-length': '5' } })
    expect(fresh.headers).toMatchObject({ 'cache-control': 'no-store', 'tus-resumable': '1.0.0' })
    await tus.patch(url, 0, { body: 'hel' })
    expect((await tus.head(url)).headers).toMatchObject({ 'upload-offset': '3', 'upload-length': '5' })
  })

  test.each(['00000000-0000-7000-8000-000000000000', 'no-id'])('of %s finds nothing', async id => {
    const { status, headers } = await tus.head(`${tus.endpoint}/${id}`)
    expect([status, headers['upload-offset']]).toEqual([404, undefined])
  })
})

describe('PATCH', () => {
  test('adds bytes, and the last ones make the media', async () => {
    const url = await tus.create(11)
    const first = await tus.patch(url, 0, { body: 'hello' })
    expect(first).toMatchObject({ status: 204, headers: { 'upload-offset': '5', 'tus-resumable': '1.0.0' } })
    expect(Date.parse(first.headers['upload-expires'] ?? '')).toBeGreaterThan(Date.now())
    const last = await tus.patch(url, 5, { body: Readable.from([' ', 'world']) })
    expect(last).toMatchObject({ status: 204, headers: { 'upload-offset': '11' } })
    expect(await contentOf(last.headers['media-id'])).toBe('hello world')
    expect((await tus.head(url)).headers).toMatchObject({
      'media-id': last.headers['media-id'],
      'upload-offset': '11',
    })
    expect(await tus.patch(url, 11, {})).toMatchObject({ status: 403, code: 'UPLOAD_FINISHED' })
  })

  test.each([
    ['another content type', { 'content-type': 'application/octet-stream' }, 415],
    ['no content type', { 'content-type': undefined }, 415],
    ['no offset', { 'upload-offset': undefined }, 400],
    ['an offset below 0', { 'upload-offset': '-1' }, 400],
    ['an offset that lies ahead', { 'upload-offset': '4' }, 409],
    ['an offset that lies behind', { 'upload-offset': '2' }, 409],
  ])('with %s is refused, and changes nothing', async (_, headers, status) => {
    const url = await tus.create(5)
    await tus.patch(url, 0, { body: 'hel' })
    for (const body of ['lo', ''])
      expect(await tus.patch(url, 3, { body, headers })).toMatchObject({ status })
    expect(await tus.offsetOf(url)).toBe(3)
    expect((await tus.patch(url, 3, { body: 'lo' })).status).toBe(204)
  })

  test.each([
    ['at once', 'hello!'],
    ['as it comes', Readable.from(['hel', 'lo!'])],
  ])('with more bytes than the length is refused %s, and the upload goes on', async (_, body) => {
    const url = await tus.create(5)
    expect(await tus.patch(url, 0, { body })).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' })
    const at = await tus.offsetOf(url)
    expect(at).toBeLessThanOrEqual(3)
    expect((await tus.patch(url, at, { body: 'hello'.slice(at) })).status).toBe(204)
  })

  test('and DELETE may be sent as POST by those who cannot otherwise', async () => {
    const url = await tus.create(5)
    const post = (method: string, body = '') =>
      tus.send('POST', url, {
        headers: { 'x-http-method-override': method, 'upload-offset': '0', 'content-type': BYTES },
        body,
      })
    expect(await post('PATCH', 'hel')).toMatchObject({ status: 204, headers: { 'upload-offset': '3' } })
    expect(await post('PUT')).toMatchObject({ status: 400 })
    expect((await post('DELETE')).status).toBe(204)
    expect((await tus.head(url)).status).toBe(410)
  })
})

const TEXT = 'hello world'
const pieces = () => Readable.from([...TEXT])

describe('Upload-Checksum', () => {
  test.each(['sha1', 'sha256', 'sha512', 'md5'])('by %s is compared', async algorithm => {
    const url = await tus.create(22)
    const right = { 'upload-checksum': checksum(algorithm, TEXT) }
    const wrong = { 'upload-checksum': checksum(algorithm, 'hello worle') }
    expect(await tus.patch(url, 0, { body: TEXT, headers: wrong })).toMatchObject({
      status: 460,
      code: 'CHECKSUM_MISMATCH',
    })
    expect(await tus.offsetOf(url)).toBe(0)
    expect(await tus.patch(url, 0, { body: TEXT, headers: right })).toMatchObject({ status: 204 })
    expect(await tus.patch(url, 11, { body: pieces(), headers: wrong })).toMatchObject({ status: 460 })
    expect(await tus.offsetOf(url)).toBe(11)
    const last = await tus.patch(url, 11, { body: pieces(), headers: right })
    expect(await contentOf(last.headers['media-id'])).toBe(TEXT + TEXT)
  })

  test('of the first bytes of a creation is compared, too', async () => {
    const create = (sum: string) =>
      tus.send('POST', tus.endpoint, {
        headers: { 'upload-length': '11', 'content-type': BYTES, 'upload-checksum': sum },
        body: TEXT,
      })
    expect(await create(checksum('sha1', 'x'))).toMatchObject({ status: 460 })
    expect(await create(checksum('sha1', TEXT))).toMatchObject({
      status: 201,
      headers: { 'upload-offset': '11' },
    })
  })

  test.each(['crc32 AAAAAA==', 'sha1', 'sha1 ', 'sha256 AAAA', 'sha1 not/base64!', ''])(
    '%j is refused',
    async sum => {
      const url = await tus.create(11)
      const answer = await tus.patch(url, 0, { body: TEXT, headers: { 'upload-checksum': sum } })
      expect(answer).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
      expect(await tus.offsetOf(url)).toBe(0)
    },
  )

  test('makes a piece count that breaks off not at all', async () => {
    const url = await tus.create(11)
    const headers = { 'content-type': BYTES, 'upload-offset': '0', 'upload-checksum': checksum('sha1', TEXT) }
    const outgoing = tus.begin('PATCH', url, { ...headers, 'content-length': '11' })
    outgoing.on('error', () => undefined)
    await new Promise(sent => outgoing.write('hello', sent))
    outgoing.destroy()
    expect(await tus.offsetOf(url)).toBe(0)
  })
})
