import { ADMIN } from '../../support/app.ts'
import { replaceContent } from '../../support/replace.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

const CONTENT = 'RIFF of sorts'

let site: Site
let id: string
beforeAll(async () => {
  site = await openSite()
  id = await site.upload({ content: CONTENT })
}, 60_000)
afterAll(() => site.close())

const download = (of = id) => site.ask(`GET /v3/media/${of}`)

keeps('VONAGE-INFO-01', async () => expect((await site.info(id)).id).toBe(id))

keeps('VONAGE-INFO-02', async () => {
  const { headers } = await site.ask(`GET /v3/media/${id}/info`)
  expect(headers.get('content-type')).toMatch(/^application\/json\b/)
})

keeps('VONAGE-INFO-03', async () => {
  const whole = await site.upload({ info: { metadata_primary: 'a', metadata_secondary: 'b' } })
  const item = await site.info(whole)
  const texts = ['id', 'original_file_name', 'mime_type', 'account_id', 'store_id', 'etag']
  const more = ['time_created', 'time_last_updated', 'metadata_primary', 'metadata_secondary']
  for (const name of [...texts, ...more]) expect([name, typeof item[name]]).toEqual([name, 'string'])
  for (const name of ['max_downloads_allowed', 'times_downloaded', 'media_size'])
    expect(Number.isInteger(item[name])).toBe(true)
  expect(item.public).toBe(false)
})

keeps('VONAGE-ITEM-01', async () => {
  expect((await site.info(id)).id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
  expect((await download()).status).toBe(200)
})

keeps('VONAGE-ITEM-02', async () => {
  const name = 'Grüße 音楽 🎧.wav'
  expect((await site.info(await site.upload({ name }))).original_file_name).toBe(name)
})

keeps('VONAGE-ITEM-03', async () => expect((await site.info(id)).mime_type).toBe('audio/vnd.wave'))

keeps('VONAGE-ITEM-04', async () => {
  // A key may have any name; whoever gives it that of its account has what Vonage has.
  await site.gateway.app.keys.ensure({
    accountId: 'abcd1234',
    keyId: 'abcd1234',
    secret: 'secretsecretsecret',
  })
  const authorization = `Basic ${Buffer.from('abcd1234:secretsecretsecret').toString('base64')}`
  await site.upload({ authorization })
  const { _embedded } = await site.json('GET /v3/media', { authorization })
  expect(_embedded.media[0].account_id).toBe('abcd1234')
})

keeps('VONAGE-ITEM-05', async () => expect((await site.info(id)).store_id).toMatch(/^[a-z][\w-]*$/))

keeps('VONAGE-ITEM-06', async () => {
  const limited = await site.upload({ info: { max_downloads_allowed: 5 } })
  expect((await site.info(limited)).max_downloads_allowed).toBe(5)
})

keeps('VONAGE-ITEM-07', async () => {
  const { status } = await download()
  const { max_downloads_allowed, times_downloaded } = await site.info(id)
  expect([status, max_downloads_allowed]).toEqual([200, 0])
  expect(times_downloaded).toBeGreaterThan(0)
  expect((await download()).status).toBe(200)
})

keeps('VONAGE-ITEM-08', async () => {
  const fresh = await site.upload()
  for (const times of [0, 1, 2]) {
    expect((await site.info(fresh)).times_downloaded).toBe(times)
    await (await download(fresh)).text()
  }
})

keeps('VONAGE-ITEM-09', async () => {
  const { etag } = await site.info(id)
  expect(etag).toMatch(/^[\da-f]{32,}$/)
  expect((await site.info(await site.upload({ content: CONTENT }))).etag).toBe(etag)
})

keeps('VONAGE-ITEM-10', async () => {
  const replaced = await site.upload({ content: CONTENT })
  const { etag } = await site.info(replaced)
  const door = { url: site.gateway.url, authorization: ADMIN }
  await replaceContent(door, { bytes: Buffer.from('another one') }, { id: replaced })
  expect((await site.info(replaced)).etag).not.toBe(etag)
})

keeps('VONAGE-ITEM-11', async () => {
  const { etag } = await site.info(id)
  await site.change(id, { title: 'Another', mime_type: 'audio/wav' })
  expect(await site.info(id)).toMatchObject({ etag, title: 'Another' })
  await site.change(id, { title: null, mime_type: 'audio/vnd.wave' })
})

keeps('VONAGE-ITEM-12', async () => {
  expect((await download()).headers.get('etag')).toBe(`"${(await site.info(id)).etag}"`)
})

keeps('VONAGE-ITEM-13', async () => expect((await site.info(id)).media_size).toBe(CONTENT.length))

const FORM = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

keeps('VONAGE-ITEM-14', async () => {
  const { time_created } = await site.info(id)
  expect(time_created).toMatch(FORM)
  expect(Math.abs(Date.now() - Date.parse(time_created))).toBeLessThan(600_000)
  await site.change(id, { title: 'x' })
  expect((await site.info(id)).time_created).toBe(time_created)
})

keeps('VONAGE-ITEM-15', async () => {
  const before = (await site.info(id)).time_last_updated
  expect(before).toMatch(FORM)
  await site.change(id, { title: 'y' })
  expect(Date.parse((await site.info(id)).time_last_updated)).toBeGreaterThan(Date.parse(before))
})

keeps('VONAGE-ITEM-16', async () => expect((await site.info(id)).public).toBe(false))

const TEXT = ' "quoted", ünï, 123\n'

keeps('VONAGE-ITEM-17', async () => {
  await site.change(id, { metadata_primary: TEXT })
  expect((await site.info(id)).metadata_primary).toBe(TEXT)
})

keeps('VONAGE-ITEM-18', async () => {
  await site.change(id, { metadata_primary: 'one', metadata_secondary: TEXT })
  expect(await site.info(id)).toMatchObject({ metadata_primary: 'one', metadata_secondary: TEXT })
})
