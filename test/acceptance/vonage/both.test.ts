import { forge, rs256, seconds, vonageClaims } from '../../support/jwt.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { openSite, type Site } from './site.ts'

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

const titled = (title: string) => new URLSearchParams({ title })
const titleAfter = async (line: string, body: BodyInit, headers = {}) => {
  const answer = await site.ask(line, { body, headers })
  return [answer.status, await answer.text(), (await site.info(id)).title]
}

keeps('VONAGE-BOTH-01', async () => {
  expect(await titleAfter(`PUT /v3/media/${id}/info`, titled('a'))).toEqual([204, '', 'a'])
  expect(await titleAfter(`PUT /v3/media/${id}`, titled('b'))).toEqual([204, '', 'b'])
})

keeps('VONAGE-BOTH-02', async () => {
  expect(await titleAfter(`PUT /v3/media/${id}/info`, titled('a'))).toEqual([204, '', 'a'])
  expect(await titleAfter(`POST /v3/media/${id}/info`, titled('b'))).toEqual([204, '', 'b'])
})

keeps('VONAGE-BOTH-03', async () => {
  const said = { title: 'T', public: 'true', max_downloads_allowed: '7', mime_type: 'audio/wav' }
  const form = new FormData()
  for (const [name, value] of Object.entries(said)) form.append(name, value)
  const typed = { ...said, public: true, max_downloads_allowed: 7 }
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(typed) }
  for (const how of [{ body: form }, { body: new URLSearchParams(said) }, json]) {
    const fresh = await site.upload()
    expect((await site.ask(`PUT /v3/media/${fresh}/info`, how)).status).toBe(204)
    expect(await site.info(fresh)).toMatchObject(typed)
  }
})

keeps('VONAGE-BOTH-04', async () => {
  for (const line of [`PUT /v3/media/${id}`, `PUT /v3/media/${id}/info`, `POST /v3/media/${id}/info`])
    for (const body of [titled('x'), new FormData(), undefined]) {
      const answer = await site.ask(line, { body })
      expect([answer.status, await answer.text()]).toEqual([204, ''])
    }
})

keeps('VONAGE-BOTH-05', async () => {
  const [bare, slashed] = [await site.json('GET /v3/media'), await site.json('GET /v3/media/')]
  expect(bare.count).toBeGreaterThan(0)
  expect(slashed).toEqual(bare)
})

keeps('VONAGE-BOTH-06', async () => {
  await site.upload()
  const { count } = await site.json('GET /v3/media')
  for (let index = 0; index < count; index++) {
    const { _links } = await site.json(`GET /v3/media?page_size=1&page_index=${index}`)
    expect([index, 'next' in _links, 'prev' in _links]).toEqual([index, index < count - 1, index > 0])
  }
  const behind = await site.json(`GET /v3/media?page_size=1&page_index=${count + 5}`)
  expect(behind._links.next).toBeUndefined()
  expect((await site.json(`GET ${behind._links.prev.href}`))._embedded.media).toHaveLength(1)
})

keeps('VONAGE-BOTH-07', async () => {
  for (const query of ['end_time=2001-01-01', 'page_index=1000', 'start_time=0000-01-01&end_time=0001-01-01'])
    expect((await site.json(`GET /v3/media?${query}`))._embedded).toEqual({ media: [] })
})

keeps('VONAGE-BOTH-08', async () => {
  const status = async (claims: object) => {
    const { applicationId, pair } = site.mine
    const payload = vonageClaims(applicationId, claims as never)
    const authorization = `Bearer ${forge({ typ: 'JWT', alg: 'RS256' }, payload, rs256(pair))}`
    return (await site.ask('GET /v3/media', { authorization })).status
  }
  const [minute, hour] = [60, 3600]
  expect(await status({ iat: seconds(-hour), exp: seconds(minute) })).toBe(200)
  expect(await status({ iat: seconds(-hour), exp: seconds(-5 * minute) })).toBe(401)
  expect(await status({ iat: seconds(-23 * hour), exp: seconds(hour / 2) })).toBe(200)
  expect(await status({ iat: seconds(-25 * hour), exp: seconds(hour) })).toBe(401)
  expect(await status({ iat: seconds(-13 * minute) })).toBe(200)
  expect(await status({ iat: seconds(-20 * minute) })).toBe(401)
})

keeps('VONAGE-BOTH-09', async () => {
  expect(await site.info(id)).toMatchObject({ metadata_primary: null, metadata_secondary: null })
  await site.change(id, { metadata_primary: 'a', metadata_secondary: 'b' })
  await site.change(id, { metadata_primary: null })
  expect(await site.info(id)).toMatchObject({ metadata_primary: null, metadata_secondary: 'b' })
})
