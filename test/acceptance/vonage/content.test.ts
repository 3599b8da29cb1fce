import { type Origin, startOrigin } from '../../support/origin.ts'
import { idIn, importNow } from '../../support/vonage.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { GONE, openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
let origin: Origin
let id: string
beforeAll(async () => {
  site = await openSite({ IMPORT_FROM_URL: '127.0.0.0/8' })
  origin = await startOrigin()
  origin.answer((_, response) => void response.end('from afar'))
}, 60_000)
afterAll(async () => {
  origin.close()
  await site.close()
})
beforeEach(async () => {
  id = await site.upload({ content: '0123456789' })
})

const download = (headers: Record<string, string> = {}, method = 'GET') =>
  site.ask(`${method} /v3/media/${id}`, { headers })
const times = async () => (await site.info(id)).times_downloaded

keeps('VONAGE-OURS-02', async () => {
  const { headers } = await download()
  const etag = headers.get('etag') ?? ''
  const modified = headers.get('last-modified') ?? ''
  for (const conditions of [{ 'if-none-match': etag }, { 'if-modified-since': modified }]) {
    const answer = await download(conditions as never)
    expect([answer.status, await answer.text()]).toEqual([304, ''])
  }
  expect((await download({ 'if-none-match': '"another"' })).status).toBe(200)
  expect((await download({ 'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' })).status).toBe(200)
})

keeps('VONAGE-OURS-03', async () => {
  const part = await download({ range: 'bytes=2-4' })
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 2-4/10',
    '234',
  ])
  expect((await download({ range: 'bytes=10-' })).status).toBe(416)
})

keeps('VONAGE-OURS-04', async () => {
  const { headers } = await download({}, 'HEAD')
  await download({ 'if-none-match': headers.get('etag') ?? '' })
  await download({ range: 'bytes=10-' })
  await site.ask(`GET /v3/media/${id}`, { authorization: null })
  await site.info(id)
  expect(await times()).toBe(0)
  await download()
  expect(await times()).toBe(1)
})

keeps('VONAGE-OURS-05', async () => {
  await site.change(id, { max_downloads_allowed: 3 })
  const answers = await Promise.all(Array.from({ length: 12 }, () => download()))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
  expect(await times()).toBe(3)
})

const post = (parts: Readonly<Record<string, string | Blob>>) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(parts))
    if (typeof value === 'string') body.append(name, value)
    else body.append(name, value, 'x.wav')
  return site.ask('POST /v3/media', { body })
}
const file = () => new Blob(['RIFF'], { type: 'audio/vnd.wave' })

keeps('VONAGE-OURS-06', async () => {
  const answer = await post({ filedata: file() })
  const location = answer.headers.get('location') ?? ''
  expect(answer.status).toBe(201)
  expect(location).toMatch(/^http.*\/v3\/media\/[\da-f-]{36}\/info$/)
  const path = new URL(location).pathname
  expect(await site.json(`GET ${path}`)).toMatchObject({ original_file_name: 'x.wav', media_size: 4 })
  const named = await post({ filedata: file(), filename: 'behind.wav' })
  expect((await site.info(idIn(named.headers.get('location')))).original_file_name).toBe('behind.wav')
})

keeps('VONAGE-OURS-07', async () => {
  const said = { public: true, title: 'T', mime_type: 'audio/x-mine', max_downloads_allowed: 4 }
  const info = JSON.stringify({ ...said, metadata_primary: 'a', ours: { deep: [1] } })
  // A field may stand ahead of the file or behind it.
  for (const parts of [
    { info, filedata: file() },
    { filedata: file(), info },
  ]) {
    const made = idIn((await post(parts)).headers.get('location'))
    expect(await site.info(made)).toMatchObject({ ...said, metadata_primary: 'a' })
    const { media } = await site.gateway.query(`{ media(id: "${made}") { metadata } }`)
    expect(media.metadata).toEqual({ ours: { deep: [1] } })
  }
  const { count } = await site.json('GET /v3/media')
  for (const wrong of ['{', '[1]', '"text"', '1', 'null', '{"public":"maybe"}', '{"title":"\\u0000"}']) {
    expect((await post({ info: wrong, filedata: file() })).status).toBe(400)
    expect((await post({ filedata: file(), info: wrong })).status).toBe(400)
  }
  expect((await site.json('GET /v3/media')).count).toBe(count)
})

keeps('VONAGE-OURS-08', async () => {
  const answer = await post({ url: `${origin.url}/far.mp3` })
  expect(answer.status).toBe(201)
  id = idIn(answer.headers.get('location'))
  expect(await site.info(id)).toMatchObject({ media_size: 0, etag: '' })
  const early = await download()
  expect(early.status).toBe(409)
  await importNow(site.gateway, id)
  expect(await (await download()).text()).toBe('from afar')
  expect(await site.info(id)).toMatchObject({ media_size: 9, original_file_name: 'far.mp3' })

  const info = JSON.stringify({ title: 'T', mime_type: 'audio/x-mine' })
  const said = await post({ url: `${origin.url}/far.mp3`, filename: 'near.mp3', info })
  id = idIn(said.headers.get('location'))
  await importNow(site.gateway, id)
  // What was said ahead of its content is said of it.
  expect(await site.info(id)).toMatchObject({
    media_size: 9,
    original_file_name: 'near.mp3',
    title: 'T',
    mime_type: 'audio/x-mine',
  })
})

keeps('VONAGE-OURS-09', async () => {
  const off = await site.gateway.beside({ IMPORT_FROM_URL: 'off' })
  const body = new FormData()
  body.append('url', `${origin.url}/far.mp3`)
  const headers = { authorization: site.mine.basic }
  const answer = await fetch(`${off.url}/v3/media`, { method: 'POST', headers, body })
  expect(answer.status).toBe(409)
  expect((await answer.json()).detail).toMatch(/does not import from URLs/)
  await off.close()
})

keeps('VONAGE-OURS-10', async () => {
  const { count } = await site.json('GET /v3/media')
  const stored = await site.gateway.storedNames()
  const url = `${origin.url}/x`
  const forms: readonly Record<string, string | Blob>[] = [
    {},
    { info: '{}' },
    { url: '' },
    { filedata: file(), url },
    { url, filedata: file() },
  ]
  const details = new Set<string>()
  for (const parts of forms) {
    const answer = await post(parts)
    expect(answer.status).toBe(400)
    details.add((await answer.json()).detail)
  }
  expect([...details]).toEqual([
    'The form carries neither a file in its field filedata nor a url.',
    'Send filedata or url, not both.',
  ])
  const other = await post({ other: file() })
  expect([other.status, (await other.json()).detail]).toEqual([
    400,
    'The form carries no file in its field filedata.',
  ])
  expect((await site.json('GET /v3/media')).count).toBe(count)
  expect(await site.gateway.storedNames()).toEqual(stored)
})

keeps('VONAGE-OURS-16', async () => {
  const before = await site.info(id)
  const { id: _, title, description, public: isPublic, ...fixed } = before
  const { metadata_primary, metadata_secondary, mime_type, max_downloads_allowed, ...core } = fixed
  const others = Object.fromEntries(Object.keys(core).map(name => [name, '2001-01-01T00:00:00.000Z']))
  const foreign = {
    ...others,
    id: GONE,
    ownerId: 'x',
    storageKey: 'x',
    hash: GONE,
    media_size: 1,
    tenantId: 'x',
  }
  expect(await site.change(id, { ...foreign, ...{ account_id: 'other', times_downloaded: 99 } })).toBe(204)
  expect({ ...(await site.info(id)), time_last_updated: '' }).toEqual({ ...before, time_last_updated: '' })
})

keeps('VONAGE-OURS-17', async () => {
  await site.change(id, { public_item: true })
  expect((await site.info(id)).public).toBe(true)
})

keeps('VONAGE-OURS-20', async () => {
  id = await site.upload({ content: '<script>alert(1)</script>', name: 'x.html', type: 'text/html' })
  await site.change(id, { mime_type: 'text/html' })
  for (const mime_type of ['text/html', 'image/svg+xml', 'application/xhtml+xml']) {
    await site.change(id, { mime_type })
    const { headers } = await download()
    expect(headers.get('content-disposition')).toMatch(/^attachment/)
    expect(headers.get('content-security-policy')).toMatch(/sandbox/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  }
  const plain = await site.upload()
  await site.change(plain, { mime_type: 'text/html' })
  expect((await site.ask(`GET /v3/media/${plain}`)).headers.get('content-type')).not.toMatch(/html/)
  for (const none of ['html', 'text/html\r\nx: y', '*', 'a/b/c'])
    expect([none, await site.change(plain, { mime_type: none })]).toEqual([none, 400])
})
