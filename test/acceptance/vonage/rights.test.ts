import { forge, hs256, rs256, rsaPair, type Signer, seconds, vonageClaims } from '../../support/jwt.ts'
import { withBrokenLibrary } from '../../support/vonage.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { type Ask, GONE, openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

const LARGEST = 1000

let site: Site
let id: string
beforeAll(async () => {
  site = await openSite({ MAX_UPLOAD_BYTES: String(LARGEST) })
  id = await site.upload()
}, 60_000)
afterAll(() => site.close())

keeps('VONAGE-OURS-01', async () => {
  const open = await site.upload({ info: { public: true } })
  const listed = async (query: string) =>
    (await site.json(`GET /v3/media?${query}`))._embedded.media.map((item: { id: string }) => item.id)
  expect(await listed('public=true')).toEqual([open])
  expect(await listed('public=false')).toEqual([id])
  expect(await listed('sort=up&account_id=other&filter[a]=1&__proto__=x')).toEqual([open, id])
  expect((await site.ask('GET /v3/media?public=maybe')).status).toBe(400)
  await site.ask(`DELETE /v3/media/${open}`)
})

interface Token {
  readonly claims?: object
  readonly header?: object
  readonly signer?: Signer
}

function token({ claims = {}, header = { alg: 'RS256' }, signer }: Token): string {
  const { applicationId, pair } = site.mine
  const payload = vonageClaims(applicationId, claims as never)
  return `Bearer ${forge({ typ: 'JWT', ...header }, payload, signer ?? rs256(pair))}`
}

keeps('VONAGE-OURS-11', async () => {
  expect((await site.ask('GET /v3/media', { authorization: token({}) })).status).toBe(200)
  const wrong: readonly Token[] = [
    { header: { alg: 'none' }, signer: () => Buffer.alloc(0) },
    { header: { alg: 'HS256' }, signer: hs256(site.mine.pair.pem) },
    { claims: { application_id: GONE } },
    { claims: { application_id: undefined } },
    { signer: rs256(rsaPair()) },
    { claims: { exp: seconds(-120) } },
    { claims: { nbf: seconds(3600) } },
  ]
  for (const each of wrong)
    expect((await site.ask('GET /v3/media', { authorization: token(each) })).status).toBe(401)
})

keeps('VONAGE-OURS-12', async () => {
  const lines = ['GET /v3/media', `GET /v3/media/${id}`, `GET /v3/media/${id}/info`]
  const by = async (paths: object | undefined) => {
    const authorization = token({ claims: { acl: paths && { paths } } })
    return Promise.all(lines.map(async line => (await site.ask(line, { authorization })).status))
  }
  expect(await by({ '/*/media/**': {} })).toEqual([200, 200, 200])
  expect(await by(undefined)).toEqual([200, 200, 200])
  expect(await by({ '/*/media/*': {} })).toEqual([403, 200, 403])
  expect(await by({ '/v3/media': {} })).toEqual([200, 403, 403])
  expect(await by({ '/v3/media/*/info': {} })).toEqual([403, 403, 200])
})

keeps('VONAGE-OURS-13', async () => {
  const hasty = await site.gateway.beside({ RATE_LIMIT: 'key=1/h' })
  const headers = { authorization: site.mine.basic }
  await fetch(`${hasty.url}/v3/media`, { headers })
  const large = new FormData()
  large.append('filedata', new Blob([Buffer.alloc(LARGEST + 1)]), 'x')
  const authorization = token({ claims: { acl: { paths: {} } } })
  const answers = [
    await site.ask('GET /v3/media?page_size=x'),
    await site.ask('GET /v3/media', { authorization: null }),
    await site.ask('GET /v3/media', { authorization }),
    await site.ask(`GET /v3/media/${GONE}/info`),
    await site.ask('POST /v3/media', { body: large }),
    await site.ask('POST /v3/media', { body: 'text' }),
    await fetch(`${hasty.url}/v3/media`, { headers }),
    await withBrokenLibrary(site.gateway, () => site.ask('GET /v3/media')),
  ]
  await hasty.close()
  expect(answers.map(({ status }) => status)).toEqual([400, 401, 403, 404, 413, 415, 429, 500])
  for (const answer of answers) {
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/)
    const { type, title, status, detail } = await answer.json()
    expect([type, title, status]).toEqual(['about:blank', expect.any(String), answer.status])
    expect(detail).toMatch(/\.$/)
  }
  // A field is called what its API calls it.
  const body = new URLSearchParams({ max_downloads_allowed: '-1' })
  const { detail } = await (await site.ask(`PUT /v3/media/${id}`, { body })).json()
  expect(detail).toBe('max_downloads_allowed is a number from 0 to 2147483647; 0 means any number.')
})

keeps('VONAGE-OURS-14', async () => {
  const hasty = await site.gateway.beside({ RATE_LIMIT: 'key=1/m' })
  const headers = { authorization: site.mine.basic }
  await fetch(`${hasty.url}/v3/media`, { headers })
  const answer = await fetch(`${hasty.url}/v3/media`, { headers })
  await hasty.close()
  expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true])
})

keeps('VONAGE-OURS-15', async () => {
  const foreign = await site.upload({ authorization: site.theirs.basic })
  const titled = (): Ask => ({ body: new URLSearchParams({ title: 'x' }) })
  const asks: readonly [(of: string) => string, () => Ask][] = [
    [of => `GET /v3/media/${of}`, () => ({})],
    [of => `HEAD /v3/media/${of}`, () => ({})],
    [of => `GET /v3/media/${of}/info`, () => ({})],
    [of => `PUT /v3/media/${of}`, titled],
    [of => `PUT /v3/media/${of}/info`, titled],
    [of => `POST /v3/media/${of}/info`, titled],
    [of => `DELETE /v3/media/${of}`, () => ({})],
  ]
  for (const [line, how] of asks) {
    const [kept, none] = [await site.ask(line(foreign), how()), await site.ask(line(GONE), how())]
    expect([line(''), kept.status, await kept.text()]).toEqual([line(''), 404, await none.text()])
    expect([...kept.headers.keys()]).toEqual([...none.headers.keys()])
  }
  expect(JSON.stringify(await site.json('GET /v3/media?page_size=1000'))).not.toContain(foreign)
  expect(
    (await site.json(`GET /v3/media/${foreign}/info`, { authorization: site.theirs.basic })).title,
  ).toBeNull()
})
