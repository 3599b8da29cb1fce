import { fixture } from '../../support/fixtures.ts'
import { process } from '../../support/processing.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { ids, type Made, Site, type Somebody } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
let who: Somebody
beforeAll(async () => {
  site = await Site.start()
  who = await site.user()
}, 60_000)
afterAll(() => site.close())

const picture = { bytes: fixture('photo.png').bytes(), fileName: 'photo.png' }
const film = { bytes: fixture('video.mp4').bytes(), fileName: 'video.mp4' }
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer())
const madeAt = ({ uuid }: Made, time: string) =>
  site.sql('UPDATE media SET created_at = $2 WHERE id = $1', [uuid, time])

keeps('APIZEE-USE-01', async () => {
  const conversationId = 'shown'
  for (const file of [picture, { ...film, isUnderstood: true }]) await who.make({ conversationId }, file)
  const { data } = (await who.api.list({ conversation_id: conversationId })).body
  const types: (string | null)[] = []
  for (const { thumbnail_url, url } of data)
    for (const address of [thumbnail_url ?? '', url]) {
      const answer = await fetch(address)
      expect(answer.status).toBe(200)
      types.push(answer.headers.get('content-type'))
      await answer.arrayBuffer()
    }
  expect(types).toEqual(['image/webp', 'video/mp4', 'image/webp', 'image/png'])
})

keeps('APIZEE-USE-02', async () => {
  const user = await site.user()
  const [old, recent, newest, recording] = [
    await user.make({}, picture),
    await user.make({}, picture),
    await user.make({}, picture),
    await user.make({}, film),
  ]
  await madeAt(old, '2020-01-01T00:00:00Z')
  for (const [made, day] of [
    [recent, 2],
    [newest, 3],
    [recording, 4],
  ] as const)
    await madeAt(made, `2021-01-0${day}T00:00:00Z`)
  const since = '2021-01-01T00:00:00Z'
  expect(ids((await user.api.list({ since, media_type: 'image' })).body.data)).toEqual(ids([newest, recent]))
  expect(ids((await user.api.list({ since, media_type: 'video' })).body.data)).toEqual([recording.id])
})

keeps('APIZEE-USE-03', async () => {
  const user = await site.user()
  const expected: string[] = []
  for (let i = 0; i < 5; i++) {
    await user.make({}, { bytes: Buffer.from(`file ${i}`) })
    expected.push(`file ${i}`)
  }
  const files: string[] = []
  for (;;) {
    const { data } = (await user.api.list({ limit: 2 })).body
    if (data.length === 0) break
    for (const { id } of data) {
      files.push(await (await user.api.download(id)).text())
      expect((await user.api.delete(id)).status).toBe(200)
    }
  }
  expect(files.sort()).toEqual(expected)
  expect((await user.api.list()).body).toEqual({ total: 0, next_offset: null, data: [] })
})

keeps('APIZEE-USE-04', async () => {
  const { media } = await who.graphql.upload(film, {}, 'id')
  const id = await site.numberOf(media.id)
  expect((await who.api.get(id)).body.status).toBe('processing')
  await process(site.gateway, media.id)
  expect((await who.api.get(id)).body.status).toBe('completed')
})

keeps('APIZEE-USE-05', async () => {
  const { id } = await who.make({}, picture)
  const { filesize, filename } = (await who.api.get(id)).body
  const answer = await who.api.download(id)
  expect((await bytesOf(answer)).length).toBe(filesize)
  expect(answer.headers.get('content-disposition')).toContain(filename)
})

keeps('APIZEE-USE-06', async () => {
  const { id } = await who.make({}, { ...picture, fileName: 'Schnappschuß 1.png' })
  const { headers } = await who.api.download(id)
  expect(headers.get('content-disposition')).toMatch(
    /^attachment; .*filename\*=UTF-8''Schnappschu%C3%9F%201\.png$/,
  )
})

keeps('APIZEE-USE-07', async () => {
  const { id } = await who.make({}, film)
  const broken = await who.api.download(id)
  const reader = (broken.body as ReadableStream<Uint8Array>).getReader()
  const { value: first = new Uint8Array() } = await reader.read()
  await reader.cancel()
  const rest = await who.api.download(id, {
    Range: `bytes=${first.length}-`,
    'If-Range': broken.headers.get('etag') ?? '',
  })
  expect(rest.status).toBe(206)
  expect(Buffer.concat([first, await bytesOf(rest)]).equals(film.bytes)).toBe(true)
})

keeps('APIZEE-USE-08', async () => {
  const { id, filesize } = await who.make({}, picture)
  const { headers } = await who.api.download(id)
  expect(headers.get('content-length')).toBe(String(filesize))
  const etag = headers.get('etag') ?? ''
  expect(etag).toMatch(/^".+"$/)
  expect((await who.api.download(id, { 'If-None-Match': etag })).status).toBe(304)
  expect((await who.api.download(id, { 'If-None-Match': '"another"' })).status).toBe(200)
})

keeps('APIZEE-USE-09', async () => {
  for (const made of [await who.make(), await who.make()])
    await who.api.updateJson(made.id, { tags: ['counted case'] })
  const { tags } = await who.graphql.query(`{ tags(prefix: "counted") { nodes { name mediaCount } } }`)
  expect(tags.nodes).toEqual([{ name: 'counted case', mediaCount: 2 }])
})

keeps('APIZEE-USE-10', async () => {
  const { id, uuid } = await who.make()
  const ends = async () => (await who.graphql.query(`{ media(id: "${uuid}") { expiresAt } }`)).media.expiresAt
  for (const [name, year] of [
    ['retention_date', 2090],
    ['retentionDate', 2095],
    ['expires_at', 2085],
  ] as const) {
    expect((await who.api.updateJson(id, { [name]: `${year}-01-01` })).status).toBe(200)
    expect(await ends()).toBe(`${year}-01-01T00:00:00.000Z`)
  }
  // To let it end sooner is to delete it then: who may not delete may not.
  const updater = await site.token({ scopes: ['media:read', 'media:update'] })
  expect((await updater.api.updateJson(id, { retention_date: '2080-01-01' })).status).toBe(403)
  expect((await updater.api.updateJson(id, { retention_date: '2099-01-01' })).status).toBe(200)
  expect((await who.api.updateJson(id, { retention_date: null })).status).toBe(200)
  expect(await ends()).toBeNull()
})

keeps('APIZEE-USE-11', async () => {
  const [one, two, other] = [await who.make(), await who.make(), await who.make()]
  for (const { id } of [one, two]) await who.api.updateJson(id, { labels: ['fraud'] })
  await who.api.updateJson(other.id, { labels: ['frau'] })
  expect(ids((await who.api.list({ tag: 'fraud' })).body.data)).toEqual([two.id, one.id])
})

keeps('APIZEE-USE-12', async () => {
  const admin = await site.token({ account: await site.account() })
  const used = async () =>
    (await admin.graphql.query('{ viewer { usage { bytes { used } } } }')).viewer.usage.bytes.used
  await admin.make()
  const before = await used()
  const { id, filesize } = await admin.make({}, picture)
  expect(await used()).toBe(before + filesize)
  await admin.api.delete(id)
  expect(await used()).toBe(before)
})

keeps('APIZEE-USE-13', async () => {
  const user = await site.user({ account: await site.account() })
  const before = new Set(await site.gateway.storedNames())
  const left = async () => (await site.gateway.storedNames()).filter(name => !before.has(name))
  const { id, thumbnail_url } = await user.make({}, { ...film, isUnderstood: true })
  expect((await fetch(thumbnail_url ?? '')).status).toBe(200)
  await site.gateway.app.pictures.variants.settled()
  // The film, its poster and the thumbnail.
  expect(await left()).toHaveLength(3)
  await user.api.delete(id)
  await site.gateway.app.pictures.cleaning.removeOrphans()
  await site.gateway.app.reaper.run()
  expect(await left()).toEqual([])
})

keeps('APIZEE-USE-14', async () => {
  const conversationId = '1538745137'
  for (const file of [picture, film]) {
    const { id } = await who.make({ conversationId, sourceType: 'snapshot' }, file)
    const listed = (await who.api.list({ conversation_id: conversationId })).body.data
    expect(ids(listed)).toEqual([id])
    expect((await who.api.get(id)).body).toEqual(listed[0])
    expect((await who.api.updateJson(id, { title: 'Evidence' })).body.title).toBe('Evidence')
    expect((await bytesOf(await who.api.download(id))).equals(file.bytes)).toBe(true)
    expect((await who.api.delete(id)).text).toBe('[]')
  }
  expect((await who.api.list({ conversation_id: conversationId })).body.total).toBe(0)
})
