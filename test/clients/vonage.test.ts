import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Auth } from '@vonage/auth'
import { Media, type MediaItem } from '@vonage/media'
import { startApp, type TestApp } from '../support/app.ts'
import { type Origin, startOrigin } from '../support/origin.ts'
import {
  idIn,
  importNow,
  type VonageCredentials,
  vonageCredentials,
  withBrokenLibrary,
} from '../support/vonage.ts'
import { newClient, type OldError, oldClient } from '../support/vonage-clients.ts'

// The clients of the Vonage Media API as their users have them: the base URL and the credentials are the gateway's, nothing else is.

const LARGEST = 10_000

let gateway: TestApp
let hasty: Awaited<ReturnType<TestApp['beside']>>
let mine: VonageCredentials
let readOnly: VonageCredentials
let theirs: VonageCredentials
let origin: Origin
let folder: string
beforeAll(async () => {
  gateway = await startApp({ IMPORT_FROM_URL: '127.0.0.0/8', MAX_UPLOAD_BYTES: String(LARGEST) })
  hasty = await gateway.beside({ RATE_LIMIT: 'key=1/h' })
  mine = await vonageCredentials(gateway)
  readOnly = await vonageCredentials(gateway, { scopes: ['media:read'] })
  theirs = await vonageCredentials(gateway, { accountId: 'other' })
  origin = await startOrigin()
  folder = await mkdtemp(join(tmpdir(), 'vonage-'))
}, 60_000)
afterAll(async () => {
  origin.close()
  await hasty.close()
  await gateway.close()
  await rm(folder, { recursive: true })
})

const GONE = '00000000-0000-4000-8000-000000000000'
const BYTES = Buffer.from('RIFF of sorts\n')

async function uploaded(content = BYTES, { basic } = mine): Promise<string> {
  const form = new FormData()
  form.append('filedata', new Blob([content], { type: 'audio/vnd.wave' }), 'test.wav')
  const { headers } = await fetch(`${gateway.url}/v3/media`, {
    method: 'POST',
    headers: { authorization: basic },
    body: form,
  })
  return idIn(headers.get('location'))
}

const statusOf = (work: Promise<unknown>): Promise<number> =>
  work.then(
    () => 0,
    error => error.response.status,
  )

describe.each(['jwt', 'basic'] as const)('@vonage/media with %s', authType => {
  const clientOf = (credentials: VonageCredentials, apiHost = gateway.url) =>
    newClient(credentials, apiHost, authType)
  let media: Media
  beforeAll(() => {
    media = clientOf(mine)
  })

  test('lists page by page until there is no next one', async () => {
    const ids = [await uploaded(), await uploaded(), await uploaded()]
    const listed: string[] = []
    for await (const { id } of media.listAllMediaItems({ pageSize: 2, order: 'ascending' })) listed.push(id)
    expect(listed.slice(-3)).toEqual(ids)
    expect(new Set(listed).size).toBe(listed.length)
    const page = await media.getMediaPage()
    expect(page).toMatchObject({ count: listed.length, page_index: 0, page_size: 20 })
    expect(page._embedded.media[0]?.id).toBe(ids[2])
  })

  test('lists nothing where there is nothing', async () => {
    const items: unknown[] = []
    for await (const item of media.listAllMediaItems({ endTime: '2001-01-01T00:00:00Z' })) items.push(item)
    expect(items).toEqual([])
  })

  test('reads an item, changes it and sends it back', async () => {
    const id = await uploaded()
    const item = await media.getMediaItem(id)
    expect(item).toMatchObject({
      id,
      originalFileName: 'test.wav',
      mimeType: 'audio/vnd.wave',
      accountId: 'acme',
      mediaSize: BYTES.length,
      maxDownloadsAllowed: 0,
      timesDownloaded: 0,
      public: false,
    })
    await media.updateMediaItem(item)
    expect({ ...(await media.getMediaItem(id)), timeLastUpdated: '' }).toEqual({
      ...item,
      timeLastUpdated: '',
    })
    const changes = { title: 'Very important', public: true, maxDownloadsAllowed: 7, metadataPrimary: 'a,b' }
    await media.updateMediaItem({ ...item, ...changes })
    expect(await media.getMediaItem(id)).toMatchObject(changes)
    const publicIds: string[] = []
    for await (const each of media.listAllMediaItems({ public: true } as never)) publicIds.push(each.id)
    expect(publicIds).toContain(id)
  })

  test('deletes an item', async () => {
    const id = await uploaded()
    await media.deleteMediaItem(id)
    expect(await statusOf(media.getMediaItem(id))).toBe(404)
  })

  const item = { id: GONE } as MediaItem
  test.each([
    [400, 'a wrong value', () => media.getMediaPage({ order: 'sideways' as never })],
    [
      401,
      'a wrong secret',
      () => clientOf({ ...mine, ...{ applicationId: GONE, apiSecret: 'wrong' } }).getMediaPage(),
    ],
    [404, 'an item that there is not', () => media.getMediaItem(GONE)],
    [404, 'an update of none', () => media.updateMediaItem(item)],
    [404, 'a deletion of none', () => media.deleteMediaItem(GONE)],
    [500, 'a failure', () => withBrokenLibrary(gateway, () => media.getMediaPage())],
  ])('is told %i of %s', async (status, _, work) => {
    expect(await statusOf(work())).toBe(status)
  })

  test('is told 404 of what is somebody else’s, 403 of what its key may not, 429 of haste', async () => {
    const foreign = await uploaded(BYTES, theirs)
    expect(await statusOf(media.getMediaItem(foreign))).toBe(404)
    expect(await statusOf(media.deleteMediaItem(foreign))).toBe(404)
    const weak = authType === 'jwt' ? withAcl(mine) : clientOf(readOnly)
    expect(await statusOf(weak.deleteMediaItem(await uploaded()))).toBe(403)
    const fast = clientOf(mine, hasty.url)
    await fast.getMediaPage().catch(() => undefined)
    expect(await statusOf(fast.getMediaPage())).toBe(429)
  })

  /** With a token that may read alone. */
  function withAcl({ applicationId, privateKey }: VonageCredentials): Media {
    const acl = { paths: { '/*/media/**': { methods: ['GET'] } } }
    const auth = new Auth({ applicationId, privateKey, jwtOptions: { acl } } as never)
    return new Media(auth, { apiHost: gateway.url } as never)
  }
})

describe('@vonage/server-sdk 2', () => {
  const clientOf = (credentials: VonageCredentials, url = gateway.url) => oldClient(credentials, url)
  let call: ReturnType<typeof clientOf>
  beforeAll(() => {
    call = clientOf(mine)
  })

  async function uploadedByIt(content: Uint8Array = BYTES, more: object = {}): Promise<string> {
    const file = join(folder, 'recording.wav')
    await writeFile(file, content)
    const location = (await call('upload', { file, filename: 'recording.wav', ...more })) as string
    expect(location.startsWith(`${gateway.url}/v3/media/`)).toBe(true)
    return idIn(location)
  }

  test('uploads a file with metadata and reads it', async () => {
    const info = { title: 'A recording', public: true, caller: '4415550' }
    const id = await uploadedByIt(BYTES, { info })
    expect(await call('get', id)).toMatchObject({
      original_file_name: 'recording.wav',
      title: 'A recording',
      public: true,
      media_size: BYTES.length,
    })
    const { media } = await gateway.query(`{ media(id: "${id}") { metadata } }`)
    expect(media.metadata).toEqual({ caller: '4415550' })
  })

  test('uploads from a URL', async () => {
    origin.answer((_, response) => void response.setHeader('content-type', 'audio/mpeg').end(BYTES))
    const location = (await call('upload', { url: `${origin.url}/far.mp3` })) as string
    const id = idIn(location)
    expect(await call('get', id)).toMatchObject({ original_file_name: 'far.mp3', media_size: 0, etag: '' })
    await importNow(gateway, id)
    expect(await call('get', id)).toMatchObject({ media_size: BYTES.length, mime_type: 'audio/mpeg' })
  })

  test('searches', async () => {
    const id = await uploadedByIt()
    const page = (await call('search', { page_size: 1 })) as {
      count: number
      _embedded: { media: { id: string }[] }
    }
    expect(page._embedded.media).toMatchObject([{ id }])
    expect(page.count).toBeGreaterThan(1)
    expect(await call('search', {})).toMatchObject({ page_size: 20 })
  })

  test('updates', async () => {
    const id = await uploadedByIt()
    expect(await call('update', id, { public_item: true, max_downloads_allowed: 3 })).toBeNull()
    expect(await call('get', id)).toMatchObject({ public: true, max_downloads_allowed: 3 })
  })

  test('deletes, and hears of it', async () => {
    const id = await uploadedByIt()
    await call('delete', id)
    await expect(call('get', id)).rejects.toMatchObject({ statusCode: 404 })
  })

  test('downloads: octets as they are, all else as the text that it takes it for, nothing that it has', async () => {
    const octets = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a])
    const id = await uploadedByIt(octets)
    await call('update', id, { mime_type: 'application/octet-stream' })
    expect(await call('download', id)).toEqual(octets)
    const text = await uploadedByIt(Buffer.from('grüße'))
    expect(await call('download', text)).toBe('grüße')
    expect(await call('get', text)).toMatchObject({ times_downloaded: 1 })
    const { etag } = (await call('get', text)) as { etag: string }
    expect(await call('download', text, { 'If-None-Match': `"${etag}"` })).toBe('')
    expect(await call('get', text)).toMatchObject({ times_downloaded: 1 })
  })

  test.each<[number, string, () => Promise<unknown>]>([
    [400, 'a wrong value', () => call('search', { order: 'sideways' })],
    [401, 'an application that there is not', () => clientOf({ ...mine, applicationId: GONE })('get', GONE)],
    [403, 'what it may not', async () => clientOf(readOnly)('delete', await uploaded())],
    [404, 'an item that there is not', () => call('get', GONE)],
    [404, 'what is somebody else’s', async () => call('get', await uploaded(BYTES, theirs))],
    [404, 'an update of none', () => call('update', GONE, { title: 'x' })],
    [404, 'a download of none', () => call('download', GONE)],
  ])('is told %i of %s, in JSON', async (status, _, work) => {
    const error = (await work().catch(each => each)) as OldError
    expect(error).toMatchObject({ statusCode: status, body: { title: http.STATUS_CODES[status] } })
    expect(error.body?.detail).toMatch(/\.$/)
  })

  test('is told of a failure, of haste, of a file that is too large and of URLs that are not fetched', async () => {
    const { count } = (await call('search', { page_size: 1 })) as { count: number }
    await expect(withBrokenLibrary(gateway, () => call('search', {}))).rejects.toMatchObject({
      statusCode: 500,
      message: 'Server Error',
    })
    const fast = clientOf(mine, hasty.url)
    await fast('search', {}).catch(() => undefined)
    await expect(fast('search', {})).rejects.toMatchObject({ statusCode: 429 })
    // Of an upload it gives the place on and nothing else: a refused one has none.
    await writeFile(join(folder, 'large.wav'), Buffer.alloc(LARGEST + 1))
    expect(await call('upload', { file: join(folder, 'large.wav') })).toBeUndefined()
    expect(await call('upload', { url: 'http://10.0.0.1/x' })).toBeUndefined()
    expect(await call('search', { page_size: 1 })).toMatchObject({ count })
  })
})
