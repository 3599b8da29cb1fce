import { isPurged } from '../../support/permanent-deletions.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { GONE, openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
let id: string
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())
beforeEach(async () => {
  id = await site.upload()
})

const SAID = {
  public: 'true',
  metadata_primary: 'foo,bar',
  metadata_secondary: '123',
  title: 'Very important recording',
  description: 'This is a very important recording. Do not delete.',
  mime_type: 'audio/vnd.wave',
  max_downloads_allowed: '100',
}
const SET = { ...SAID, public: true, max_downloads_allowed: 100 }

const form = (fields: Readonly<Record<string, string>>) => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return body
}
const put = (body: BodyInit, of = id) => site.ask(`PUT /v3/media/${of}/info`, { body })
const download = (authorization?: null) => site.ask(`GET /v3/media/${id}`, { authorization })

keeps('VONAGE-UPDATE-01', async () => {
  const other = await site.upload()
  const before = await site.info(other)
  expect((await put(form({ title: 'mine' }))).ok).toBe(true)
  expect((await site.info(id)).title).toBe('mine')
  expect(await site.info(other)).toEqual(before)
})

keeps('VONAGE-UPDATE-02', async () => {
  await put(form(SAID))
  expect(await site.info(id)).toMatchObject(SET)
})

keeps('VONAGE-UPDATE-03', async () => {
  await put(form({ public: 'true' }))
  const open = await download(null)
  expect([open.status, await open.text()]).toEqual([200, 'RIFF'])
  await put(form({ public: 'false' }))
  expect((await download(null)).status).toBe(401)
})

keeps('VONAGE-UPDATE-04', async () => {
  await put(form({ metadata_primary: 'foo,bar' }))
  expect((await site.info(id)).metadata_primary).toBe('foo,bar')
})

keeps('VONAGE-UPDATE-05', async () => {
  for (const value of ['123', 123]) {
    await site.change(id, { metadata_secondary: value })
    expect((await site.info(id)).metadata_secondary).toBe('123')
  }
})

keeps('VONAGE-UPDATE-06', async () => {
  await put(form({ title: SAID.title }))
  expect((await site.info(id)).title).toBe(SAID.title)
})

keeps('VONAGE-UPDATE-07', async () => {
  await put(form({ description: SAID.description }))
  expect((await site.info(id)).description).toBe(SAID.description)
})

keeps('VONAGE-UPDATE-08', async () => {
  await put(form({ mime_type: 'audio/x-special' }))
  expect((await site.info(id)).mime_type).toBe('audio/x-special')
  expect((await download()).headers.get('content-type')).toBe('audio/x-special')
})

keeps('VONAGE-UPDATE-09', async () => {
  await put(form({ max_downloads_allowed: '100' }))
  expect((await site.info(id)).max_downloads_allowed).toBe(100)
})

keeps('VONAGE-UPDATE-10', async () => {
  for (let n = 0; n < 3; n++) expect((await download()).status).toBe(200)
  await put(form({ title: 'x' }))
  expect((await download()).status).toBe(200)
  expect((await site.info(id)).max_downloads_allowed).toBe(0)
})

keeps('VONAGE-UPDATE-11', async () => {
  const body =
    'public=true&metadata_primary=foo,bar&metadata_secondary=123&title=Very+important+recording&description=This+is+a+very+important+recording.+Do+not+delete.&mime_type=audio/vnd.wave&max_downloads_allowed=100'
  // Its Content-Length of 204 is that of this body.
  expect(body).toHaveLength(204)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await site.ask(`POST /v3/media/${id}/info`, { headers, body })).status).toBe(204)
  expect(await site.info(id)).toMatchObject(SET)
})

keeps('VONAGE-UPDATE-12', async () => {
  for (const title of ['one', 'two', 'three']) {
    expect((await put(form({ title }))).status).toBe(204)
    expect((await site.info(id)).title).toBe(title)
  }
})

/** Each of these values, in each encoding, changes nothing, nor does what is right beside it. */
async function refusesAll(field: string, values: readonly unknown[]): Promise<void> {
  const before = await site.info(id)
  for (const value of values) {
    expect([value, await site.change(id, { title: 'no', [field]: value })]).toEqual([value, 400])
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    expect((await put(form({ title: 'no', [field]: text }))).status).toBe(400)
    expect((await put(new URLSearchParams({ title: 'no', [field]: text }))).status).toBe(400)
  }
  expect(await site.info(id)).toEqual(before)
}

keeps('VONAGE-UPDATE-13', () => refusesAll('public', ['yes', 2, {}, 'TRUE?', [], [true]]))

keeps('VONAGE-UPDATE-14', () => refusesAll('max_downloads_allowed', ['many', 1.5, -1, {}, [1], 2 ** 31]))

test('a list, and an empty text of what is no text, is of the wrong type in JSON', async () => {
  const before = await site.info(id)
  for (const fields of [{ title: ['a'] }, { title: [] }, { public: '' }, { max_downloads_allowed: '' }])
    expect([fields, await site.change(id, { description: 'no', ...fields })]).toEqual([fields, 400])
  expect(await site.info(id)).toEqual(before)
  // A form has no other way to leave a field open.
  expect((await put(form({ public: '', title: 'yes' }))).status).toBe(204)
  expect(await site.info(id)).toMatchObject({ public: false, title: 'yes' })
})

keeps('VONAGE-UPDATE-15', async () => {
  await put(form(SAID))
  await put(form({ title: 'Another' }))
  expect(await site.info(id)).toMatchObject({ ...SET, title: 'Another' })
})

keeps('VONAGE-UPDATE-16', async () => {
  for (const none of [GONE, 'none', '..%2f..%2fetc'])
    expect((await put(form({ title: 'x' }), none)).status).toBe(404)
})

const remove = (of = id) => site.ask(`DELETE /v3/media/${of}`)

keeps('VONAGE-DELETE-01', async () => {
  const answer = await remove()
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  await isPurged(site.gateway, id)
})

keeps('VONAGE-DELETE-02', async () => {
  const { count } = await site.json('GET /v3/media')
  await remove()
  expect((await site.ask(`GET /v3/media/${id}/info`)).status).toBe(404)
  expect((await download()).status).toBe(404)
  const after = await site.json('GET /v3/media?page_size=1000')
  expect(after.count).toBe(count - 1)
  expect(JSON.stringify(after)).not.toContain(id)
})

keeps('VONAGE-DELETE-03', async () => {
  await remove()
  for (const none of [id, GONE, 'none']) expect((await remove(none)).status).toBe(404)
})

keeps('VONAGE-DOWNLOAD-01', async () => {
  const answer = await download()
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'audio/vnd.wave',
    'RIFF',
  ])
})

keeps('VONAGE-DOWNLOAD-02', async () => {
  await site.change(id, { public: true })
  const answer = await download(null)
  expect([answer.status, await answer.text()]).toEqual([200, 'RIFF'])
})

keeps('VONAGE-DOWNLOAD-03', async () => {
  const none = await site.ask(`GET /v3/media/${GONE}`, { authorization: null })
  const kept = await download(null)
  expect([kept.status, none.status]).toEqual([401, 401])
  expect(await kept.text()).toBe(await none.text())
})

keeps('VONAGE-DOWNLOAD-04', async () => {
  await site.change(id, { max_downloads_allowed: 2 })
  const statuses: number[] = []
  for (let n = 0; n < 3; n++) statuses.push((await download()).status)
  expect(statuses).toEqual([200, 200, expect.any(Number)])
  expect(Math.floor((statuses[2] ?? 0) / 100)).toBe(4)
  expect((await site.info(id)).times_downloaded).toBe(2)
})
