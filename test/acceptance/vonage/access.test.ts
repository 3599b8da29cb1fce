import { forge, rs256, vonageClaims } from '../../support/jwt.ts'
import { routesOf } from '../../support/routes.ts'
import { basicHeader } from '../../support/vonage.ts'
import { promises } from '../harness.ts'
import { PROMISES } from './promises.ts'
import { type Ask, openSite, type Site } from './site.ts'

const keeps = promises(PROMISES)

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site.close())

const token = (claims: object = {}) => {
  const { applicationId, pair } = site.mine
  return `Bearer ${forge({ typ: 'JWT', alg: 'RS256' }, vonageClaims(applicationId, claims as never), rs256(pair))}`
}

/** What list, info, update and delete answer, of an item that is there. */
async function statuses({ authorization }: Ask): Promise<number[]> {
  const id = await site.upload()
  const lines = [
    'GET /v3/media',
    `GET /v3/media/${id}/info`,
    `PUT /v3/media/${id}/info`,
    `DELETE /v3/media/${id}`,
  ]
  const answers: number[] = []
  for (const line of lines) {
    const body = line.startsWith('PUT') ? new URLSearchParams({ title: 'x' }) : undefined
    const { status } = await site.ask(line, { authorization, body })
    answers.push(status)
  }
  return answers
}
const ALL = [200, 200, 204, 204]
const NONE = [401, 401, 401, 401]

keeps('VONAGE-AUTH-01', async () => expect(await statuses({ authorization: token() })).toEqual(ALL))

keeps('VONAGE-AUTH-02', async () => expect(await statuses({ authorization: site.mine.basic })).toEqual(ALL))

keeps('VONAGE-AUTH-03', async () => {
  await site.gateway.app.keys.ensure({ accountId: 'alone', keyId: 'alone', secret: 'secretsecretsecret' })
  const authorization = basicHeader('alone', 'secretsecretsecret')
  expect((await site.json('GET /v3/media', { authorization })).count).toBe(0)
})

keeps('VONAGE-AUTH-04', async () => {
  const acl = { paths: { '/*/media/**': { methods: ['GET'] } } }
  expect(await statuses({ authorization: token({ acl }) })).toEqual([200, 200, 403, 403])
  const id = await site.upload()
  const before = await site.info(id)
  const authorization = token({ acl: { paths: { '/*/calls/**': {} } } })
  expect(await statuses({ authorization })).toEqual([403, 403, 403, 403])
  expect((await site.ask(`GET /v3/media/${id}`, { authorization })).status).toBe(403)
  expect(await site.info(id)).toEqual(before)
})

keeps('VONAGE-AUTH-05', async () => {
  // Whatever brought them: each is reached.
  const byToken = await site.upload({ authorization: token() })
  const byKey = await site.upload()
  for (const id of [byToken, byKey]) {
    expect((await site.info(id)).id).toBe(id)
    expect((await site.ask(`GET /v3/media/${id}`)).status).toBe(200)
    expect(await site.change(id, { title: 'x' })).toBe(204)
    expect((await site.ask(`DELETE /v3/media/${id}`)).status).toBe(204)
  }
})

keeps('VONAGE-AUTH-06', async () => {
  const both = [token(), site.mine.basic]
  for (const two of [both, [...both].reverse()]) {
    const headers = new Headers()
    for (const each of two) headers.append('authorization', each)
    const answer = await fetch(`${site.gateway.url}/v3/media`, { headers })
    expect(answer.status).toBe(401)
    expect(await statusOfTwo(two)).toBe(401)
  }
})

/** The two in lines of their own, of which HTTP servers often see the first alone. */
async function statusOfTwo(values: readonly string[]): Promise<number | undefined> {
  const { request } = await import('node:http')
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  const rawHeaders = ['host', 'x', ...values.flatMap(value => ['authorization', value])]
  request(`${site.gateway.url}/v3/media`, { headers: rawHeaders }, answer => {
    resolve(answer.statusCode)
    answer.resume()
  })
    .on('error', reject)
    .end()
  return promise
}

keeps('VONAGE-AUTH-07', async () => expect(await statuses({ authorization: null })).toEqual(NONE))

keeps('VONAGE-AUTH-08', async () => {
  const { apiKey, apiSecret } = site.mine
  const wrong = [
    basicHeader(apiKey, `${apiSecret}x`),
    basicHeader('nobody', apiSecret),
    `Basic ${apiKey}:${apiSecret}`,
    `Basic ${Buffer.from(apiKey).toString('base64')}`,
    'Basic',
  ]
  for (const authorization of wrong) expect(await statuses({ authorization })).toEqual(NONE)
})

keeps('VONAGE-OPENAPI-01', async () => {
  const { paths } = await site.json('GET /openapi/vonage.json', { authorization: null })
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map(method => `${method.toUpperCase()} ${path}`),
  )
  const routes = (await routesOf(site.gateway.app)).filter(route => route.includes(' /v3/media'))
  const served = routes.map(route => route.replace(/:(\w+)/g, '{$1}').replace(/\/$/, ''))
  expect(described.sort()).toEqual([...new Set(served)].sort())
})
