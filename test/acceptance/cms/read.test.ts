import { startApp, type TestApp } from '../../support/app.ts'
import { fixture } from '../../support/fixtures.ts'
import { processed, startPipeline } from '../../support/processing.ts'
import { seedMedia } from '../../support/seed.ts'
import { closeDocumented } from '../documented.ts'
import { promises } from '../harness.ts'
import { CmsClient, clientOf } from './client.ts'
import { PROMISES } from './promises.ts'

const keeps = promises(PROMISES)

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
/** Which media a library of every type has. */
const FILES = {
  image: ['photo.png', 'animated.gif', 'photo-orientation-6.jpg'],
  video: ['video.mp4'],
  audio: ['audio.mp3'],
  file: ['document-13-pages.pdf', 'document.docx'],
} as const

let gateway: TestApp
/** Of an account with one media of each type; of one with 105 of no type. */
let library: CmsClient
let many: CmsClient
// biome-ignore lint/suspicious/noExplicitAny: what was answered, by file.
const items: Record<string, any> = {}

beforeAll(async () => {
  gateway = await startApp()
  library = await clientOf(gateway, { accountId: 'library', owner: 'anna' })
  many = await clientOf(gateway, { accountId: 'many' })
  const pipeline = await startPipeline(gateway)
  for (const file of Object.values(FILES).flat()) items[file] = await library.uploaded(file)
  await seedMedia(gateway.app.foundation.database, { count: 105, accountId: 'many' })
  await processed(gateway)
  await pipeline.stop()
}, 120_000)
afterAll(() => closeDocumented(gateway, 'cms'))

const read = async (file: string) => (await library.get(items[file].id)).body
const namesOf = (answer: { body: { data: { name: string }[] } }) =>
  answer.body.data.map(({ name }) => name).sort()
const sorted = (names: readonly string[]) => [...names].sort()

keeps('CMS-AUTH-01', async () => {
  const nobody = new CmsClient(gateway.url, null)
  const { id } = items['photo.png']
  const answers = await Promise.all([
    nobody.list(),
    nobody.get(id),
    nobody.upload({ bytes: fixture('photo.png').bytes() }),
    nobody.delete(id),
  ])
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401])
})

keeps('CMS-AUTH-02', async () => {
  const client = await clientOf(gateway, { accountId: 'opened' })
  const made = await client.uploaded('photo.png')
  expect(client.authorization).toMatch(/^Bearer /)
  expect((await client.list()).body.meta.total).toBe(1)
  expect((await client.get(made.id)).status).toBe(200)
  expect((await client.delete(made.id)).status).toBe(204)
})

keeps('CMS-AUTH-03', async () => {
  const whole = await clientOf(gateway, { accountId: 'scoped' })
  const outcomes: Record<string, number[]> = {}
  for (const scope of ['media:read', 'media:create', 'media:delete']) {
    const one = await clientOf(gateway, { accountId: 'scoped', scopes: [scope] })
    const { id } = await whole.uploaded('photo.png')
    const answers = [
      await one.list(),
      await one.get(id),
      await one.upload({ bytes: fixture('photo.png').bytes() }),
      await one.delete(id),
    ]
    outcomes[scope] = answers.map(({ status }) => status)
  }
  expect(outcomes).toEqual({
    'media:read': [200, 200, 403, 403],
    'media:create': [403, 403, 201, 403],
    'media:delete': [403, 403, 403, 204],
  })
})

keeps('CMS-LIST-01', async () => {
  const { status, headers, body } = await library.list()
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(Object.keys(body)).toEqual(['data', 'meta'])
})

keeps('CMS-LIST-02', async () => {
  const ids = await many.all('', 20)
  expect(ids).toHaveLength(105)
  expect(new Set(ids).size).toBe(105)
})

keeps('CMS-LIST-03', async () => {
  const writer = await clientOf(gateway, { accountId: 'library', scopes: ['media:create', 'media:delete'] })
  expect((await writer.list()).status).toBe(403)
})

keeps('CMS-LIST-04', async () => {
  const first = (await many.list('?page=1&page_size=20')).body.data
  const both = (await many.list('?page_size=40')).body.data
  const second = (await many.list('?page=2&page_size=20')).body.data
  expect([...first, ...second]).toEqual(both)
})

keeps('CMS-LIST-05', async () => {
  const unsaid = await many.list()
  expect(unsaid.body).toEqual((await many.list('?page=1')).body)
  expect(unsaid.body.meta.page).toBe(1)
})

keeps('CMS-LIST-06', async () => {
  const { body } = await many.list('?page_size=3')
  expect([body.data.length, body.meta.page_size]).toEqual([3, 3])
})

keeps('CMS-LIST-07', async () => {
  const { body } = await many.list()
  expect([body.data.length, body.meta.page_size]).toEqual([10, 10])
})

keeps('CMS-LIST-08', async () => {
  const { status, body } = await many.list('?page_size=500')
  expect([status, body.data.length, body.meta.page_size]).toEqual([200, 100, 100])
})

keeps('CMS-LIST-09', async () => {
  expect(namesOf(await library.list('?type=image'))).toEqual(sorted(FILES.image))
})

keeps('CMS-LIST-10', async () => {
  expect(namesOf(await library.list('?type=video'))).toEqual(sorted(FILES.video))
})

keeps('CMS-LIST-11', async () => {
  expect(namesOf(await library.list('?type=audio'))).toEqual(sorted(FILES.audio))
})

keeps('CMS-LIST-12', async () => {
  expect(namesOf(await library.list('?type=file'))).toEqual(sorted(FILES.file))
})

keeps('CMS-LIST-13', async () => {
  for (const search of ['photo', 'PHOTO', 'hoto']) {
    expect(namesOf(await library.list(`?search=${search}`))).toEqual(['photo-orientation-6.jpg', 'photo.png'])
  }
})

keeps('CMS-LIST-14', async () => {
  const found = await library.list('?type=file&search=document')
  expect(namesOf(found)).toEqual(['document-13-pages.pdf', 'document.docx'])
  expect(found.body.meta.total).toBe(2)
  expect((await library.list('?type=image&search=document')).body).toEqual({
    data: [],
    meta: { total: 0, page: 1, page_size: 10 },
  })
})

keeps('CMS-LIST-15', async () => {
  expect((await many.list('?page=2&page_size=20')).body.meta.total).toBe(105)
  expect((await library.list('?type=image&page_size=1')).body.meta.total).toBe(3)
})

keeps('CMS-LIST-16', async () => {
  expect((await many.list('?page=3&page_size=7')).body.meta).toEqual({ total: 105, page: 3, page_size: 7 })
})

keeps('CMS-LIST-17', async () => {
  const { body } = await library.list()
  expect(Object.keys(body.meta).sort()).toEqual(['page', 'page_size', 'total'])
  for (const item of body.data) {
    expect(item).toEqual({
      id: expect.any(String),
      name: expect.any(String),
      type: expect.any(String),
      mime_type: expect.any(String),
      size: expect.any(Number),
      path: expect.any(String),
      url: expect.any(String),
      width: item.type === 'image' || item.type === 'video' ? expect.any(Number) : null,
      height: item.type === 'image' || item.type === 'video' ? expect.any(Number) : null,
      duration: item.type === 'audio' || item.type === 'video' ? expect.any(Number) : null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      created_by: expect.any(String),
    })
  }
})

keeps('CMS-ITEM-01', async () => {
  const client = await clientOf(gateway, { accountId: 'ids' })
  const { id } = await client.uploaded('photo.png')
  expect(id).toMatch(UUID)
  expect((await client.get(id)).body.id).toBe(id)
  expect((await client.delete(id)).status).toBe(204)
})

keeps('CMS-ITEM-02', async () => {
  const client = await clientOf(gateway, { accountId: 'names' })
  const name = 'Größe 東京 – «fin» 🖼.png'
  const { body } = await client.upload({ bytes: fixture('photo.png').bytes(), name })
  expect(body.name).toBe(name)
  expect((await client.get(body.id)).body.name).toBe(name)
})

keeps('CMS-ITEM-03', async () => {
  for (const [type, files] of Object.entries(FILES))
    for (const file of files) expect([file, items[file].type]).toEqual([file, type])
})

keeps('CMS-ITEM-04', async () => {
  for (const file of Object.values(FILES).flat())
    expect([file, items[file].mime_type]).toEqual([file, fixture(file).mimeType])
})

keeps('CMS-ITEM-05', async () => {
  for (const file of Object.values(FILES).flat())
    expect([file, items[file].size]).toEqual([file, fixture(file).size])
})

keeps('CMS-ITEM-06', async () => {
  const { path, url } = await read('photo.png')
  expect(`${gateway.url}/${path}`).toBe(url)
})

keeps('CMS-ITEM-07', async () => {
  for (const file of ['photo.png', 'video.mp4']) {
    const answer = await fetch(items[file].url)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, fixture(file).mimeType])
    expect(Buffer.from(await answer.arrayBuffer()).equals(fixture(file).bytes())).toBe(true)
  }
})

keeps('CMS-ITEM-08', async () => {
  for (const file of ['photo.png', 'photo-orientation-6.jpg', 'video.mp4']) {
    const { displayWidth, width, displayHeight, height } = fixture(file)
    const item = await read(file)
    expect([file, item.width, item.height]).toEqual([file, displayWidth ?? width, displayHeight ?? height])
  }
  for (const file of ['audio.mp3', 'document-13-pages.pdf'])
    expect(await read(file)).toMatchObject({ width: null, height: null })
})

keeps('CMS-ITEM-09', async () => {
  expect((await read('photo.png')).duration).toBeNull()
})

keeps('CMS-ITEM-10', async () => {
  const before = Date.now()
  const client = await clientOf(gateway, { accountId: 'times' })
  const { created_at: created } = await client.uploaded('photo.png')
  expect(created).toMatch(TIME)
  // The database's clock is the one that counts.
  expect(Math.abs(Date.parse(created) - before)).toBeLessThan(60_000)
})

keeps('CMS-ITEM-11', async () => {
  const client = await clientOf(gateway, { accountId: 'times' })
  const made = await client.uploaded('photo.png')
  expect(made.updated_at).toMatch(TIME)
  expect(Date.parse(made.updated_at)).toBeGreaterThanOrEqual(Date.parse(made.created_at))
  await gateway.app.changes.update(principalOf('times'), { id: made.id, fields: { title: 'changed' } })
  const { updated_at: later } = (await client.get(made.id)).body
  expect(Date.parse(later)).toBeGreaterThan(Date.parse(made.updated_at))
})

/** Somebody of an account who may do everything. */
const principalOf = (accountId: string) => ({
  kind: 'principal' as const,
  accountId,
  name: 'key:test',
  scopes: new Set(['*']),
  ownerId: null,
  groupIds: [],
  applicationId: null,
  acl: null,
})

keeps('CMS-ITEM-12', async () => {
  const [anna, again, berta] = await Promise.all(
    ['anna', 'anna', 'berta'].map(owner => clientOf(gateway, { accountId: 'users', owner })),
  )
  const by = async (client: CmsClient | undefined) => (await client?.uploaded('photo.png'))?.created_by
  const ids = [await by(anna), await by(again), await by(berta)]
  expect(ids[0]).toMatch(UUID)
  expect(ids[1]).toBe(ids[0])
  expect(ids[2]).toMatch(UUID)
  expect(ids[2]).not.toBe(ids[0])
})

keeps('CMS-GET-01', async () => {
  const { data } = (await library.list()).body
  for (const item of data) expect((await library.get(item.id)).body).toEqual(item)
})

keeps('CMS-GET-02', async () => {
  const writer = await clientOf(gateway, { accountId: 'library', scopes: ['media:create', 'media:delete'] })
  const there = await writer.get(items['photo.png'].id)
  const absent = await writer.get('01890000-0000-7000-8000-000000000000')
  expect([there.status, there.text]).toEqual([403, absent.text])
  expect(absent.status).toBe(403)
})
