import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { safeFileName } from '../../src/platform/lib/content-disposition.ts'
import { uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import { parseDisposition } from '../support/content-disposition.ts'
import { type DeliveryServer, signedIn, startDelivery } from '../support/delivery.ts'

const bytes = Buffer.from('0123456789')
const lastModified = 'Mon, 06 May 2024 07:08:09 GMT'

let server: DeliveryServer
beforeAll(async () => {
  server = await startDelivery()
})
afterAll(() => server.stop())

const urlOf = ({ mediaId }: { mediaId: string }) => `/media/${mediaId}/content`

describe('the content of a media', () => {
  it('is sent whole, with everything a client and a cache have to know', async () => {
    const media = await server.library.add(bytes)
    const { status, headers, body } = await server.ask('GET', urlOf(media))
    expect(body).toEqual(bytes)
    expect({ status, ...headers }).toMatchObject({
      status: 200,
      'content-type': 'image/png',
      'content-length': '10',
      'accept-ranges': 'bytes',
      etag: '"hash-1"',
      'last-modified': lastModified,
      'cache-control': 'private, no-cache',
      vary: 'Origin, Authorization',
      'content-disposition': 'inline; filename="photo.png"',
      'content-security-policy':
        "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'cross-origin',
    })
  })

  it('may be empty', async () => {
    const media = await server.library.add('')
    const { status, headers, body } = await server.ask('GET', urlOf(media))
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0])
  })

  it('is never compressed, so that its length, ranges and ETag hold', async () => {
    const media = await server.library.add('a'.repeat(5000), { mimeType: 'text/plain', public: true })
    const { headers } = await server.ask('GET', urlOf(media), { 'accept-encoding': 'gzip, br' })
    expect([headers['content-encoding'], headers['content-length']]).toEqual([undefined, '5000'])
  })

  it('is called UTF-8 where it is plain text', async () => {
    const text = await server.library.add('é', { mimeType: 'text/plain' })
    expect((await server.ask('GET', urlOf(text))).headers['content-type']).toBe('text/plain; charset=utf-8')
  })

  it('never turns a type into a header of its own', async () => {
    const media = await server.library.add(bytes, { mimeType: 'image/png\r\nSet-Cookie: a=b' })
    const { headers } = await server.ask('GET', urlOf(media))
    expect([headers['content-type'], headers['set-cookie']]).toEqual(['application/octet-stream', undefined])
  })

  it.each(['image/svg+xml', 'text/html', 'application/xml', 'multipart/related', 'application/x-unheard-of'])(
    'of the type %s is saved, not shown, in a sandbox without rights',
    async mimeType => {
      const media = await server.library.add('<script>alert(1)</script>', { mimeType, fileName: 'x' })
      const { headers } = await server.ask('GET', `${urlOf(media)}?download=0`, {
        ...signedIn,
        accept: 'text/html',
      })
      expect(headers).toMatchObject({
        'content-disposition': 'attachment; filename="x"',
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
      })
    },
  )

  it.each([
    ['?download=1', 'attachment'],
    ['?download=true', 'attachment'],
    ['?download', 'attachment'],
    ['?download=0', 'inline'],
    ['?download=false', 'inline'],
    ['', 'inline'],
  ])('with %j is marked %s', async (query, disposition) => {
    const media = await server.library.add(bytes)
    const { headers } = await server.ask('GET', `${urlOf(media)}${query}`)
    expect(headers['content-disposition']).toBe(`${disposition}; filename="photo.png"`)
  })
})

describe('HEAD', () => {
  it.each(['', '?download=1', '?v=1'])('has the headers of GET and no body, with %j', async query => {
    const media = await server.library.add(bytes)
    const get = await server.ask('GET', urlOf(media) + query)
    const opened = server.library.streams.length
    const head = await server.ask('HEAD', urlOf(media) + query)
    expect([head.status, head.body.length]).toEqual([get.status, 0])
    expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' })
    expect(server.library.streams).toHaveLength(opened)
  })

  it('ignores Range, which is defined for GET alone', async () => {
    const media = await server.library.add(bytes)
    const { status, headers } = await server.ask('HEAD', urlOf(media), { ...signedIn, range: 'bytes=2-3' })
    expect([status, headers['content-length'], headers['content-range']]).toEqual([200, '10', undefined])
  })

  it('says 304 and 412 as GET does', async () => {
    const media = await server.library.add(bytes)
    const notModified = await server.ask('HEAD', urlOf(media), { ...signedIn, 'if-none-match': '"hash-1"' })
    const failed = await server.ask('HEAD', urlOf(media), { ...signedIn, 'if-match': '"other"' })
    expect([notModified.status, failed.status]).toEqual([304, 412])
  })
})

describe('a range', () => {
  it.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=9-', '9', 'bytes 9-9/10'],
    ['bytes=0-', '0123456789', 'bytes 0-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-11', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('%s gives %j', async (range, expected, contentRange) => {
    const media = await server.library.add(bytes)
    const { status, headers, body } = await server.ask('GET', urlOf(media), { ...signedIn, range })
    expect([status, body.toString()]).toEqual([206, expected])
    expect(headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(expected.length),
      etag: '"hash-1"',
    })
  })

  it.each(['bytes=10-', 'bytes=-0', 'bytes=99-100'])('%s is refused with the size', async range => {
    const media = await server.library.add(bytes)
    const opened = server.library.streams.length
    const { status, headers, body } = await server.ask('GET', urlOf(media), { ...signedIn, range })
    expect([status, headers['content-range'], body.length]).toEqual([416, 'bytes */10', 0])
    expect(headers['cache-control']).toBe('no-store')
    expect(server.library.streams).toHaveLength(opened)
  })

  it('of ten thousand pieces gives the whole content once', async () => {
    const media = await server.library.add(bytes)
    const many = `bytes=${Array.from({ length: 2_500 }, () => '0-0').join()}`
    const { status, body } = await server.ask('GET', urlOf(media), { ...signedIn, range: many })
    expect([status, body]).toEqual([200, bytes])
    const tooLong = `bytes=${Array.from({ length: 10_000 }, () => '0-0').join()}`
    expect((await server.ask('GET', urlOf(media), { ...signedIn, range: tooLong })).status).toBe(431)
  })

  it.each([
    ['"hash-1"', 206],
    ['"hash-0"', 200],
    ['W/"hash-1"', 200],
    [lastModified, 206],
    ['Mon, 06 May 2024 07:08:08 GMT', 200],
  ])('with If-Range %s is answered with %i', async (ifRange, expected) => {
    const media = await server.library.add(bytes)
    const headers = { ...signedIn, range: 'bytes=5-', 'if-range': ifRange }
    const { status, body } = await server.ask('GET', urlOf(media), headers)
    expect([status, body.toString()]).toEqual([expected, expected === 206 ? '56789' : '0123456789'])
  })

  it('is not continued by date after a replacement, which may have come in the same second', async () => {
    const first = await server.library.add(bytes)
    await server.library.add('abcdefghij', { mediaId: first.mediaId })
    const headers = { ...signedIn, range: 'bytes=5-', 'if-range': lastModified }
    expect((await server.ask('GET', urlOf(first), headers)).status).toBe(200)
    expect((await server.ask('GET', `${urlOf(first)}?v=1`, headers)).body.toString()).toBe('56789')
  })
})

describe('a condition', () => {
  it.each([
    [{ 'if-none-match': '"hash-1"' }, 304],
    [{ 'if-none-match': 'W/"hash-1"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"hash-2"', 'if-modified-since': lastModified }, 200],
    [{ 'if-modified-since': lastModified }, 304],
    [{ 'if-modified-since': 'Mon, 06 May 2024 07:08:08 GMT' }, 200],
    [{ 'if-match': '"hash-1"' }, 200],
    [{ 'if-match': '"hash-2"' }, 412],
    [{ 'if-unmodified-since': lastModified }, 200],
    [{ 'if-unmodified-since': 'Mon, 06 May 2024 07:08:08 GMT' }, 412],
    [{ 'if-none-match': '"hash-1"', range: 'bytes=0-1' }, 304],
    [{ 'if-match': '"hash-2"', range: 'bytes=99-' }, 412],
  ])('%j is answered with %i', async (conditions, expected) => {
    const media = await server.library.add(bytes)
    const { status, body } = await server.ask('GET', urlOf(media), { ...signedIn, ...conditions })
    expect([status, body.length]).toEqual([expected, expected === 200 ? 10 : 0])
  })

  it('that holds is answered with what a cache has to refresh, and with nothing about a body', async () => {
    const media = await server.library.add('<svg/>', { mimeType: 'image/svg+xml' })
    const whole = await server.ask('GET', urlOf(media))
    const { headers } = await server.ask('GET', urlOf(media), { ...signedIn, 'if-none-match': '"hash-1"' })
    const {
      date,
      'content-type': _,
      'content-length': __,
      'content-disposition': ___,
      'accept-ranges': ____,
      ...kept
    } = whole.headers
    expect({ ...headers, date }).toEqual({ ...kept, date })
    expect(kept['content-security-policy']).toBe("sandbox; default-src 'none'")
  })

  it('that fails is answered with nothing that a cache might keep', async () => {
    const media = await server.library.add(bytes)
    const { headers } = await server.ask('GET', `${urlOf(media)}?v=1`, { ...signedIn, 'if-match': '"x"' })
    expect([headers['cache-control'], headers.etag]).toEqual(['no-store', undefined])
  })
})

describe('a version', () => {
  it('that the URL names is immutable; the stable URL revalidates', async () => {
    const first = await server.library.add('old', { public: true })
    await server.library.add('new', { mediaId: first.mediaId, public: true })
    const old = await server.ask('GET', `${urlOf(first)}?v=1`, {})
    const current = await server.ask('GET', `${urlOf(first)}?v=2`, {})
    const stable = await server.ask('GET', urlOf(first), {})
    expect([old, current, stable].map(({ body }) => body.toString())).toEqual(['old', 'new', 'new'])
    expect(old.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(stable.headers['cache-control']).toBe('public, no-cache')
    expect(stable.headers.vary).toBe('Origin')
    expect(old.headers.etag).not.toBe(stable.headers.etag)
  })

  it.each([
    'v=x',
    'v=',
    'v=1.5',
    'v=-1',
    'v=1&v=2',
    'v=0x1',
    'v=%00',
    'download=yes',
    'download=1&download=1',
    'download=constructor',
  ])('or flag that is written wrong (%s) is a bad request', async query => {
    const media = await server.library.add(bytes)
    const { status, body } = await server.ask('GET', `${urlOf(media)}?${query}`)
    expect([status, JSON.parse(body.toString()).code]).toEqual([400, 'BAD_REQUEST'])
  })

  it.each(['0', '2', '99999999999999999999'])('that is not there (%s) is not found', async v => {
    const media = await server.library.add(bytes)
    expect((await server.ask('GET', `${urlOf(media)}?v=${v}`)).status).toBe(404)
  })
})

describe('what cannot be had', () => {
  it('is one and the same 404, whether it is missing, hidden or no id at all', async () => {
    const hidden = await server.library.add(bytes)
    const answers = await Promise.all(
      [
        hidden.mediaId,
        uuid7Maker()(),
        'x',
        '..%2f..%2fetc%2fpasswd',
        '%00',
        '%F0%9F%98%80',
        "'--",
        hidden.mediaId.toUpperCase(),
      ].map(id => server.ask('GET', `/media/${id}/content`, {})),
    )
    for (const { status, body, headers } of answers) {
      expect([status, body.toString(), headers['content-type']]).toEqual([
        404,
        answers[0]?.body.toString(),
        'application/json; charset=utf-8',
      ])
    }
  })

  it('is not given to a stranger after somebody with a right has had it', async () => {
    const media = await server.library.add(bytes)
    const allowed = await server.ask('GET', urlOf(media))
    expect([allowed.status, allowed.headers['cache-control']]).toEqual([200, 'private, no-cache'])
    expect((await server.ask('GET', urlOf(media), { 'if-none-match': '*' })).status).toBe(404)
  })

  it.each(['GET', 'HEAD'])('is 409 while pending and 502 when lost (%s)', async method => {
    const pending = await server.ask(method, `/media/${server.library.addWithout('pending')}/content`)
    const lost = await server.ask(method, `/media/${server.library.addWithout('lost')}/content`)
    expect([pending.status, lost.status]).toEqual([409, 502])
  })

  it('is 502 without any header of the content when the object is found missing only now', async () => {
    const media = await server.library.add(bytes)
    await rm(server.library.path(media.key))
    const { status, headers, body } = await server.ask('GET', `${urlOf(media)}?v=1`)
    expect([status, JSON.parse(body.toString()).code]).toEqual([502, 'CONTENT_LOST'])
    expect(headers.etag ?? headers['cache-control'] ?? headers['content-disposition']).toBeUndefined()
  })
})

describe('a download budget', () => {
  const cases: ReadonlyArray<
    readonly [method: string, headers: Record<string, string>, limited: number, unlimited: number]
  > = [
    ['GET', {}, 1, 1],
    ['GET', { range: 'bytes=0-1' }, 1, 1],
    ['GET', { range: 'bytes=5-' }, 1, 0],
    ['GET', { range: 'bytes=5-', 'if-range': '"x"' }, 1, 1],
    ['GET', { range: 'bytes=10-' }, 0, 0],
    ['GET', { 'if-none-match': '*' }, 0, 0],
    ['GET', { 'if-match': '"x"' }, 0, 0],
    ['HEAD', {}, 0, 0],
  ]
  it.each(cases)(
    'counts %s %j as %i of a limited and %i of an unlimited media',
    async (method, headers, ...expected) => {
      const counted = async (maxDownloads: number) => {
        const media = await server.library.add(bytes, { maxDownloads })
        await server.ask(method, urlOf(media), { ...signedIn, ...headers })
        return server.library.downloadsOf(media)
      }
      expect([await counted(9), await counted(0)]).toEqual(expected)
    },
  )

  it('that is used up refuses also the parts that begin later', async () => {
    const media = await server.library.add(bytes, { maxDownloads: 1 })
    expect((await server.ask('GET', urlOf(media))).status).toBe(200)
    for (const range of ['bytes=0-', 'bytes=1-', 'bytes=-1']) {
      const { status, body } = await server.ask('GET', urlOf(media), { ...signedIn, range })
      expect([status, JSON.parse(body.toString()).code]).toEqual([403, 'DOWNLOAD_LIMIT_REACHED'])
    }
    expect((await server.ask('HEAD', urlOf(media))).status).toBe(200)
  })
})

it('every naughty file name gives one Content-Disposition and no other header', async () => {
  const names: string[] = JSON.parse(
    readFileSync(new URL('../fixtures/naughty-strings.json', import.meta.url), 'utf8'),
  )
  const plain = await server.library.add(bytes)
  const headerNames = ({ rawHeaders }: { rawHeaders: readonly string[] }) =>
    rawHeaders
      .filter((_, i) => i % 2 === 0)
      .map(name => name.toLowerCase())
      .sort()
  const expected = headerNames(await server.ask('GET', urlOf(plain)))
  for (const fileName of [
    ...names,
    'a\r\nSet-Cookie: b=c',
    '";x="',
    '\u202egpj.exe',
    '😀'.repeat(2_000),
    'a'.repeat(5_000),
  ]) {
    const media = await server.library.add(bytes, { fileName })
    const answer = await server.ask('GET', urlOf(media))
    expect(headerNames(answer)).toEqual(expected)
    expect(parseDisposition(answer.headers['content-disposition'] ?? '').fileName).toBe(
      safeFileName(fileName),
    )
  }
})
