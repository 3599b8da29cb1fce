import { once } from 'node:events'
import { type Client, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { followBySse, followByWebSocket, TRANSPORTS } from '../support/subscribe.ts'

const FROM_THE_START = Buffer.from('events:1').toString('base64url')
const ALLOWED = 'https://app.example.org'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ CORS_ORIGINS: ALLOWED, MAX_SUBSCRIPTIONS: '60' })
  await gateway.upload({ bytes: Buffer.from('something to tell of') })
})
afterAll(() => gateway.close())

const address = (url = gateway.url) => `${url.replace('http', 'ws')}/graphql`

/** Connects without any client library; gives the status of a refusal, or null. */
async function upgrade(headers: Record<string, string>, url = address()): Promise<number | null> {
  const socket = new WebSocket(url, 'graphql-transport-ws', { headers })
  const refused = once(socket, 'unexpected-response').then(([request, response]) => {
    request.destroy()
    return response.statusCode as number
  })
  const opened = once(socket, 'open').then(() => null)
  for (const outcome of [refused, opened]) outcome.catch(() => undefined)
  const status = await Promise.race([refused, opened])
  socket.on('error', () => undefined)
  socket.terminate()
  return status
}

/** What the first result of this request is. */
async function errorsOf(follow: typeof followBySse, options: Parameters<typeof followBySse>[1]) {
  await using following = follow(gateway.url, { authorization: ADMIN, ...options })
  const answer = await following.result().catch(error => error)
  return (answer as { errors?: { extensions: { code: string }; message: string }[] } | null)?.errors ?? answer
}

describe('who connects', () => {
  test.each([
    ['nobody', null],
    ['somebody unknown', 'Bearer mgw_nobody_nothing'],
    ['somebody with half a header', 'Bearer'],
  ])('%s is told at the start, over both transports', async (_, authorization) => {
    await using socket = followByWebSocket(gateway.url, { authorization })
    expect(await socket.failed).toMatchObject({ code: 4401 })
    await using stream = followBySse(gateway.url, { authorization })
    expect(await stream.failed).toMatchObject({ response: { status: 401 } })
  })

  test('the Authorization header of the upgrade will do; a bad one is refused before', async () => {
    await using following = followByWebSocket(gateway.url, {
      headers: { authorization: ADMIN },
      after: FROM_THE_START,
    })
    expect((await following.next()).type).toBe('CREATED')
    expect(await upgrade({ authorization: 'Bearer mgw_nobody_nothing' })).toBe(401)
  })

  test('pages of other origins are refused, those of CORS_ORIGINS and our own are not', async () => {
    expect(await upgrade({ origin: 'https://evil.example.org' })).toBe(403)
    expect(await upgrade({ origin: 'null' })).toBe(403)
    expect(await upgrade({ origin: ALLOWED })).toBeNull()
    expect(await upgrade({ origin: gateway.url })).toBeNull()
  })

  test('other paths and other upgrades are plain requests', async () => {
    expect(await upgrade({}, `${gateway.url.replace('http', 'ws')}/elsewhere`)).toBe(404)
    expect(await upgrade({}, `${gateway.url.replace('http', 'ws')}/health/live`)).toBe(200)
  })

  test('another protocol, and a message that is none, close the connection', async () => {
    // The one of an older library: a server that chooses none is left by the client.
    const other = new WebSocket(address(), 'graphql-ws')
    expect(await new Promise(resolve => other.once('error', resolve))).toMatchObject({
      message: 'Server sent no subprotocol',
    })
    const socket = new WebSocket(address(), 'graphql-transport-ws')
    await once(socket, 'open')
    socket.send('{')
    expect((await once(socket, 'close'))[0]).toBe(4400)
    const large = new WebSocket(address(), 'graphql-transport-ws')
    await once(large, 'open')
    large.send('x'.repeat(70_000))
    expect((await once(large, 'close'))[0]).toBe(1009)
    const early = new WebSocket(address(), 'graphql-transport-ws')
    await once(early, 'open')
    early.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ a }' } }))
    expect((await once(early, 'close'))[0]).toBe(4401)
  })

  test('who says nothing is closed', async () => {
    const silent = new WebSocket(address(), 'graphql-transport-ws')
    expect((await once(silent, 'close'))[0]).toBe(4408)
  }, 60_000)

  test('an event stream is read by browsers of CORS_ORIGINS, and takes JSON alone', async () => {
    const post = (headers: Record<string, string>, body: string) =>
      fetch(`${gateway.url}/graphql/stream`, {
        method: 'POST',
        headers: { authorization: ADMIN, ...headers },
        body,
      })
    const query = JSON.stringify({ query: '{ viewer { account } }' })
    const allowed = await post({ origin: ALLOWED, 'content-type': 'application/json' }, query)
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, ALLOWED])
    expect(allowed.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(allowed.headers.get('content-encoding')).toBeNull()
    expect(await allowed.text()).toMatch(
      /^:\n\nevent: next\ndata: \{"errors".*\n\nevent: complete\ndata: \n\n$/,
    )
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])
      expect((await post({ 'content-type': type }, query)).status).toBe(415)
    expect((await post({ 'content-type': 'application/json' }, '{')).status).toBe(400)
    expect((await post({ 'content-type': 'application/json' }, 'null')).status).toBe(200)
  })
})

describe.each(TRANSPORTS)('what is asked, over %s', (_, follow) => {
  const deep = `subscription { mediaEvents { media ${'{ owner '.repeat(20)} { id } ${'}'.repeat(20)} } }`
  const aliases = `subscription { mediaEvents { ${Array.from({ length: 51 }, (_, i) => `a${i}: id`).join(' ')} } }`
  test.each([
    ['a query', '{ viewer { account } }', 'BAD_REQUEST'],
    ['a mutation', 'mutation { deleteMedia(input: { id: "x" }) { deletedMediaId } }', 'BAD_REQUEST'],
    [
      'two operations without a name',
      'subscription A { mediaEvents { id } } subscription B { mediaEvents { id } }',
      'BAD_REQUEST',
    ],
    ['no GraphQL', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['too many tokens', `subscription { mediaEvents { ${'id '.repeat(2_001)} } }`, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', 'subscription { mediaEvents { nothing } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two root fields',
      'subscription { mediaEvents { id } b: mediaEvents { id } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['introspection', 'subscription { __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
    ['too many aliases', aliases, 'OPERATION_TOO_LARGE'],
    ['too deep', deep, 'OPERATION_TOO_LARGE'],
    [
      'a filter of the wrong type',
      'subscription($after: String, $filter: MediaFilter) { mediaEvents(after: $after, filter: $filter) { id } }',
      'BAD_USER_INPUT',
    ],
    [
      'a filter that is no text',
      'subscription { mediaEvents(filter: { search: "\\u0000" }) { id } }',
      'INVALID_INPUT',
    ],
  ])('%s is refused with its reason', async (name, query, code) => {
    const filter = name.startsWith('a filter of') ? { search: 1 } : undefined
    const errors = await errorsOf(follow, { query, filter })
    expect(errors.map((error: { extensions: object }) => error.extensions)).toContainEqual(
      expect.objectContaining({ code, requestId: expect.any(String) }),
    )
  })

  test('so many connections and no more, and again when one has ended', async () => {
    const all = Array.from({ length: 60 }, () =>
      follow(gateway.url, { authorization: ADMIN, after: FROM_THE_START }),
    )
    await Promise.all(all.map(each => each.next()))
    await using refused = follow(gateway.url, { authorization: ADMIN })
    const why = (await refused.failed) as { code?: number; response?: { status: number } }
    expect([1013, 429]).toContain(why.code ?? why.response?.status)
    await Promise.all(all.map(each => each.stop()))
    // The gateway learns of it when the connections have closed.
    for (;;) {
      await using following = follow(gateway.url, { authorization: ADMIN, after: FROM_THE_START })
      const result = await following.result().catch(() => null)
      if (result?.data?.mediaEvents) break
    }
  })
})

test('so many subscriptions of one connection, and of one credential, and no more', async () => {
  const connect = () =>
    createClient({
      url: address(),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: ADMIN },
      retryAttempts: 0,
    })
  const query = 'subscription($after: String) { mediaEvents(after: $after) { id } }'
  /** The first event, or what came instead. */
  const first = (client: Client): Promise<unknown> =>
    new Promise(resolve => {
      client.subscribe(
        { query, variables: { after: FROM_THE_START } },
        { next: resolve, error: resolve, complete: () => undefined },
      )
    })
  const [one, two] = [connect(), connect()]
  const answers = await Promise.all(Array.from({ length: 51 }, () => first(one)))
  const refusals = answers.filter(answer => Array.isArray(answer))
  expect(refusals).toMatchObject([
    [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', details: { limit: 50 } } }],
  ])
  const others = await Promise.all(Array.from({ length: 11 }, () => first(two)))
  expect(others.filter(answer => Array.isArray(answer))).toMatchObject([
    [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', details: { limit: 60 } } }],
  ])
  await Promise.all([one.dispose(), two.dispose()])
})

test('a subscription that is sent to /graphql over plain HTTP is told where to go', async () => {
  const { status, errors } = await gateway.send('subscription { mediaEvents { id } }')
  expect([status, errors?.[0]?.extensions.code]).toEqual([400, 'BAD_REQUEST'])
  expect(errors?.[0]?.message).toContain('/graphql/stream')
})

test('subscriptions count as requests', async () => {
  const hasty = await startApp({ RATE_LIMIT: 'key=2/m,address=off,login=off' })
  await using first = followByWebSocket(hasty.url, { authorization: ADMIN, query: '{ a }' })
  // The connection was one, the message is another.
  expect(await first.failed).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
  await using second = followByWebSocket(hasty.url, { authorization: ADMIN })
  expect(await second.failed).toMatchObject({ code: 1013 })
  await using third = followBySse(hasty.url, { authorization: ADMIN })
  expect(await third.failed).toMatchObject({ response: { status: 429 } })
  await hasty.close()
})

test('a gateway that goes away says so to everybody, and does not wait for them', async () => {
  const one = await startApp()
  const two = await one.beside()
  await one.upload({ bytes: Buffer.from('x') })
  const options = { authorization: ADMIN, after: FROM_THE_START }
  await using socket = followByWebSocket(two.url, options)
  await using stream = followBySse(two.url, options)
  const idle = new WebSocket(address(two.url), 'graphql-transport-ws')
  await Promise.all([socket.next(), stream.next(), once(idle, 'open')])
  const idleClosed = once(idle, 'close')
  await two.close()
  expect(await socket.failed).toMatchObject({ code: 1001 })
  expect(await stream.result()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] })
  expect(await stream.result()).toBeNull()
  expect((await idleClosed)[0]).toBe(1001)
  await one.close()
})

test('the database hears of subscribers while there are any; a lost connection is made anew', async () => {
  const { database } = gateway.app.foundation
  const listening = () =>
    database.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query = 'LISTEN outbox'`,
    )
  const until = async (count: number) => {
    for (;;) {
      const found = await listening()
      if (found.length === count) return found.map(({ pid }) => pid)
    }
  }
  await until(0)
  await using following = followByWebSocket(gateway.url, { authorization: ADMIN, after: FROM_THE_START })
  await following.next()
  const [pid] = await until(1)
  await database.query('SELECT pg_terminate_backend($1)', [pid])
  const { media } = await gateway.upload({ bytes: Buffer.from('while nobody listens') })
  for (;;) if ((await following.next()).mediaId === media.id) break
  expect(await until(1)).not.toEqual([pid])
  await following.stop()
  await until(0)
})
