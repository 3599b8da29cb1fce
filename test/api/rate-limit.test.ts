import { get, type IncomingHttpHeaders } from 'node:http'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'

const started: TestApp[] = []
async function gatewayWith(env: Record<string, string>): Promise<TestApp> {
  const gateway = await startApp(env)
  started.push(gateway)
  return gateway
}
afterEach(async () => {
  for (const gateway of started.splice(0)) await gateway.close()
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One GET on a connection of its own, with any header, Host too. */
const ask = (gateway: TestApp, path: string, headers: Record<string, string> = {}) =>
  new Promise<Answer>((resolve, reject) => {
    get(gateway.url + path, { headers, agent: false }, async response => {
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
    }).on('error', reject)
  })

const CONTENT = '/media/01234567-89ab-7def-8123-456789abcdef/content'
const QUERY = '/graphql?query=%7B__typename%7D'
const preflight = { 'apollo-require-preflight': '1' }
const key = { authorization: ADMIN }
const wrong = { authorization: 'Bearer mgw_root_wrong' }

describe('requests with a credential', () => {
  test('are limited by its name at all doors together, in the form of each', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'key=3/h' })
    const answers = []
    for (const path of [QUERY, CONTENT, QUERY, CONTENT, QUERY]) {
      answers.push(await ask(gateway, path, { ...key, ...preflight }))
    }
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 429, 429])
    expect(answers.map(({ headers }) => headers['ratelimit-policy'])).toEqual(
      Array(5).fill('"key";q=3;w=3600'),
    )
    expect(
      answers.map(({ headers }) => /^"key";r=(\d);t=\d{4}$/.exec(String(headers.ratelimit))?.[1]),
    ).toEqual(['2', '1', '0', '0', '0'])
    for (const { headers } of answers.slice(3)) {
      expect(Number(headers['retry-after'])).toBeGreaterThan(3_500)
      expect(headers['cache-control']).toBe('no-store')
    }
    expect(JSON.parse(answers[3]?.body ?? '')).toMatchObject({
      error: { code: 'RATE_LIMITED', message: expect.stringContaining('Try again'), details: { limit: 3 } },
    })
    expect(JSON.parse(answers[4]?.body ?? '')).toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED' } }],
    })
  })

  test('are counted apart from those of another credential and from those without one', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'key=1/h,address=1/h' })
    const foreign = { authorization: 'Bearer mgw_foreign_secretsecretsecret' }
    const statuses = []
    for (const headers of [key, foreign, {}, key, foreign, {}]) {
      statuses.push((await ask(gateway, CONTENT, headers)).status)
    }
    expect(statuses).toEqual([404, 404, 404, 429, 429, 429])
  })

  test('that are streamed say how many are left, too', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'key=9/h' })
    const { media } = await gateway.upload({ bytes: Buffer.from('x') })
    const { status, headers } = await ask(gateway, `/media/${media.id}/content`, key)
    expect([status, headers.ratelimit]).toEqual([200, expect.stringMatching(/^"key";r=7;t=\d+$/)])
  })
})

describe('requests without a credential', () => {
  test('are limited by their address, and those with a bad one with them', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'address=3/h' })
    const statuses = []
    for (const headers of [{}, wrong, {}, wrong, {}])
      statuses.push((await ask(gateway, CONTENT, headers)).status)
    expect(statuses).toEqual([404, 401, 404, 429, 429])
  })

  test('for health are never limited, and say nothing of limits', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'address=1/h' })
    for (let i = 0; i < 5; i++) {
      const { status, headers } = await ask(gateway, '/health/live')
      expect([status, headers.ratelimit, headers['ratelimit-policy']]).toEqual([200, undefined, undefined])
    }
  })

  test('cannot choose their address by a header', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'address=2/h' })
    const statuses = []
    for (const n of [1, 2, 3, 4]) {
      const spoofed = `198.51.100.${n}`
      const headers = {
        'x-forwarded-for': spoofed,
        forwarded: `for=${spoofed}`,
        'x-real-ip': spoofed,
        'x-forwarded-host': `evil${n}.example`,
        host: `evil${n}.example`,
      }
      statuses.push((await ask(gateway, CONTENT, headers)).status)
    }
    expect(statuses).toEqual([404, 404, 429, 429])
  })

  test('are told apart behind a configured proxy, by what it saw and not by what it was told', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'address=1/h', TRUST_PROXY: 'loopback' })
    const from = async (forwarded: string) =>
      (await ask(gateway, CONTENT, { 'x-forwarded-for': forwarded })).status
    expect(await from('198.51.100.1')).toBe(404)
    expect(await from('198.51.100.2')).toBe(404)
    expect(await from('198.51.100.1')).toBe(429)
    expect(await from('203.0.113.9, 198.51.100.1')).toBe(429)
    expect(await from('2001:db8:1:2::3')).toBe(404)
    expect(await from('2001:db8:1:2:ffff::4')).toBe(429)
    expect(await from('2001:db8:1:3::3')).toBe(404)
  })

  test('are not limited where limits are off', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'off' })
    const answers = await Promise.all(Array.from({ length: 150 }, () => ask(gateway, CONTENT, wrong)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    expect(answers[0]?.headers.ratelimit).toBeUndefined()
  })
})

describe('failed logins', () => {
  test('are ten a minute; then nothing is answered but 429 with Retry-After, the right secret neither', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: '' })
    const statuses = []
    for (let i = 0; i < 12; i++) statuses.push((await ask(gateway, CONTENT, wrong)).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429])
    const answer = await ask(gateway, QUERY, { ...key, ...preflight })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(50)
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
    expect((await ask(gateway, CONTENT)).status).toBe(404)
  })

  test('block the key at the address where they came from only', async () => {
    const gateway = await gatewayWith({ RATE_LIMIT: 'login=2/m', TRUST_PROXY: 'loopback' })
    const from = async (address: string, headers: Record<string, string>) =>
      (await ask(gateway, CONTENT, { ...headers, 'x-forwarded-for': address })).status
    for (let i = 0; i < 2; i++) await from('198.51.100.1', wrong)
    expect(await from('198.51.100.1', key)).toBe(429)
    expect(await from('198.51.100.2', key)).toBe(404)
  })
})

test('no header of a client gets into a URL that the gateway gives out', async () => {
  const gateway = await gatewayWith({})
  const { media } = await gateway.upload({ bytes: Buffer.from('x') })
  const spoofed = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
  for (const path of ['/', '/playground', `/media/${media.id}/content`, QUERY, '/nowhere']) {
    const { headers, body } = await ask(gateway, path, { ...key, ...preflight, ...spoofed })
    expect(JSON.stringify(headers) + body).not.toContain('evil.example')
  }
})
