import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { naughtyStrings } from '../support/fixtures.ts'
import { BYTES, metadata, TusByHand } from '../support/tus.ts'

// tus 1.0.0: Creation, Creation With Upload, Creation Defer Length.

let gateway: TestApp
let tus: TusByHand
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: '1000' })
  tus = new TusByHand(`${gateway.url}/uploads`, ADMIN)
})
afterAll(() => gateway.close())

const MEDIA = `query M($id: ID!) { media(id: $id) { size title description tags metadata originalFileName mimeType
  geolocation { latitude longitude } maxDownloads } }`
const mediaOf = async (id: string | undefined) => (await gateway.query(MEDIA, { id })).media

describe('a creation', () => {
  test('is answered with the URL of the upload and when it ends', async () => {
    const answer = await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '5' } })
    expect(answer).toMatchObject({ status: 201, headers: { 'tus-resumable': '1.0.0' } })
    expect(answer.headers.location).toMatch(new RegExp(`^${gateway.url}/uploads/[0-9a-f-]{36}$`))
    expect(Date.parse(answer.headers['upload-expires'] ?? '')).toBeGreaterThan(Date.now())
  })

  test.each([
    ['no length', {}, 400, 'BAD_REQUEST'],
    ['a negative length', { 'upload-length': '-1' }, 400, 'BAD_REQUEST'],
    ['a length that is no number', { 'upload-length': '1e3' }, 400, 'BAD_REQUEST'],
    ['a length beyond all numbers', { 'upload-length': '9'.repeat(20) }, 400, 'BAD_REQUEST'],
    ['more than is taken', { 'upload-length': '1001' }, 413, 'FILE_TOO_LARGE'],
    [
      'a length that is given and deferred',
      { 'upload-length': '1', 'upload-defer-length': '1' },
      400,
      'BAD_REQUEST',
    ],
    ['a length that is deferred otherwise', { 'upload-defer-length': '0' }, 400, 'BAD_REQUEST'],
    [
      'a value that is no Base64',
      { 'upload-length': '1', 'upload-metadata': 'filename ä!' },
      400,
      'BAD_REQUEST',
    ],
    [
      'a value that is no UTF-8',
      { 'upload-length': '1', 'upload-metadata': 'filename //79' },
      400,
      'BAD_REQUEST',
    ],
    ['a key twice', { 'upload-length': '1', 'upload-metadata': 'a YQ==,a YQ==' }, 400, 'BAD_REQUEST'],
    ['three words in a pair', { 'upload-length': '1', 'upload-metadata': 'a YQ== YQ==' }, 400, 'BAD_REQUEST'],
    [
      'a field that cannot be',
      { 'upload-length': '1', 'upload-metadata': metadata({ maxDownloads: 'many' }) },
      422,
      'INVALID_INPUT',
    ],
    [
      'a policy that is none',
      { 'upload-length': '1', 'upload-metadata': metadata({ onDuplicate: 'X' }) },
      422,
      'INVALID_INPUT',
    ],
  ])('with %s is refused', async (_, headers, status, code) => {
    expect(await tus.send('POST', tus.endpoint, { headers })).toMatchObject({ status, code })
  })

  test('says all about the media that there is to say, in every script', async () => {
    const said = {
      filename: 'Überblick 概要 🦊.txt',
      filetype: 'text/plain',
      title: 'العنوان',
      description: 'ligne\nà la ligne',
      tags: '["a,b","ü"]',
      metadata: '{"k":{"ö":[1,null]}}',
      geolocation: '{"latitude":47.5,"longitude":8.25}',
      maxDownloads: '7',
      'x-own': 'of the client',
      empty: '',
    }
    const { headers } = await tus.send('POST', tus.endpoint, {
      headers: { 'upload-length': '5', 'upload-metadata': metadata(said), 'content-type': BYTES },
      body: 'hello',
    })
    expect(await mediaOf(headers['media-id'])).toMatchObject({
      size: 5,
      title: said.title,
      description: said.description,
      tags: ['a,b', 'ü'],
      metadata: { k: { ö: [1, null] } },
      originalFileName: said.filename,
      mimeType: 'text/plain',
      geolocation: { latitude: 47.5, longitude: 8.25 },
      maxDownloads: 7,
    })
  })

  test('takes any text, and HEAD gives it back as it came', async () => {
    const texts = naughtyStrings.filter(text => Buffer.from(text).toString() === text)
    for (let at = 0; at < texts.length; at += 50) {
      const pairs = texts.slice(at, at + 50).map((text, i) => [i === 0 ? 'filename' : `key-${i}`, text])
      const sent = metadata(Object.fromEntries(pairs))
      const url = await tus.create(1, { 'upload-metadata': sent })
      expect((await tus.head(url)).headers['upload-metadata']).toBe(sent)
    }
  })

  test('of no bytes is a media at once', async () => {
    const { status, headers } = await tus.send('POST', tus.endpoint, { headers: { 'upload-length': '0' } })
    expect([status, headers['upload-offset']]).toEqual([201, '0'])
    expect((await mediaOf(headers['media-id'])).size).toBe(0)
  })

  test('that brings its first bytes says how far it has come', async () => {
    const { status, headers } = await tus.send('POST', tus.endpoint, {
      headers: { 'upload-length': '5', 'content-type': BYTES },
      body: 'hel',
    })
    expect([status, headers['upload-offset'], headers['media-id']]).toEqual([201, '3', undefined])
    const done = await tus.patch(headers.location ?? '', 3, { body: 'lo' })
    expect((await mediaOf(done.headers['media-id'])).size).toBe(5)
  })
})

describe('a deferred length', () => {
  test('is told with any later bytes, and HEAD says so until then', async () => {
    const url = await tus.create(null)
    expect((await tus.head(url)).headers).toMatchObject({ 'upload-defer-length': '1', 'upload-offset': '0' })
    await tus.patch(url, 0, { body: 'hel' })
    const done = await tus.patch(url, 3, { body: 'lo', headers: { 'upload-length': '5' } })
    expect((await mediaOf(done.headers['media-id'])).size).toBe(5)
    const { headers } = await tus.head(url)
    expect([headers['upload-length'], headers['upload-defer-length']]).toEqual(['5', undefined])
  })

  test('is told without bytes, too, when all of them have come', async () => {
    const url = await tus.create(null)
    await tus.patch(url, 0, { body: 'hello' })
    const done = await tus.patch(url, 5, { headers: { 'upload-length': '5' } })
    expect((await mediaOf(done.headers['media-id'])).size).toBe(5)
  })

  test('cannot be told twice, nor be less than has come, nor more than is taken', async () => {
    const url = await tus.create(null)
    await tus.patch(url, 0, { body: 'hel' })
    const tell = (length: string) => tus.patch(url, 3, { headers: { 'upload-length': length } })
    expect(await tell('2')).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await tell('1001')).toMatchObject({ status: 413, code: 'FILE_TOO_LARGE' })
    expect(await tell('4')).toMatchObject({ status: 204 })
    expect(await tell('5')).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
    expect(await tus.patch(url, 3, { body: 'l' })).toMatchObject({ status: 204 })
  })

  test('is held to the most that is taken', async () => {
    const url = await tus.create(null)
    expect(await tus.patch(url, 0, { body: 'x'.repeat(1001) })).toMatchObject({ status: 413 })
  })
})
