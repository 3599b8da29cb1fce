import { once } from 'node:events'
import http from 'node:http'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'

// What a browser asks and looks at before it lets a client of another origin see anything.

const ORIGIN = 'https://app.example.org'
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ CORS_ORIGINS: ORIGIN })
})
afterAll(() => gateway.close())

const SENT = ['authorization', 'apollo-require-preflight', 'content-type']

test.each(['/graphql', '/graphql/stream'])('%s takes the headers that the clients send', async path => {
  const { status, headers } = await fetch(gateway.url + path, {
    method: 'OPTIONS',
    headers: {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': SENT.join(),
    },
  })
  expect(status).toBe(204)
  expect(headers.get('access-control-allow-origin')).toBe(ORIGIN)
  const allowed = headers.get('access-control-allow-headers')?.toLowerCase().split(/, */)
  expect(allowed).toEqual(expect.arrayContaining(SENT))
})

test('answers, refusals and event streams may be seen by the origin that is allowed', async () => {
  const ask = async (path: string, headers: Record<string, string>, query: string) => {
    const request = http.request(gateway.url + path, {
      method: 'POST',
      headers: { origin: ORIGIN, 'content-type': 'application/json', ...headers },
    })
    request.end(JSON.stringify({ query }))
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    request.destroy()
    return [response.statusCode, response.headers['access-control-allow-origin']]
  }
  const events = 'subscription { mediaEvents { id } }'
  const stream = { accept: 'text/event-stream' }
  expect(await ask('/graphql', { authorization: ADMIN }, '{ viewer { account } }')).toEqual([200, ORIGIN])
  expect(await ask('/graphql', {}, '{ viewer { account } }')).toEqual([401, ORIGIN])
  expect(await ask('/graphql/stream', { ...stream, authorization: ADMIN }, events)).toEqual([200, ORIGIN])
  expect(await ask('/graphql/stream', stream, events)).toEqual([401, ORIGIN])
})
