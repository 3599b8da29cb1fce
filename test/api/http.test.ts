import { get, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { PublicUrl } from '../../src/platform/public-url.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { multipart } from '../support/gql.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ CORS_ORIGINS: 'https://app.example.org' })
})
afterAll(() => gateway.close())

const json = { authorization: ADMIN, 'content-type': 'application/json' }
const post = (body: unknown, headers: Record<string, string> = json) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

test('a path that cannot be read is refused in the form of every error', async () => {
  const answer = await new Promise<[number?, string?, unknown?]>(resolve => {
    const { hostname, port } = new URL(gateway.url)
    get({ hostname, port, path: '/media/%zz/content' }, async answer => {
      const body = Buffer.concat(await answer.toArray()).toString()
      resolve([answer.statusCode, body, answer.headers['x-content-type-options']])
    })
  })
  expect(answer).toEqual([400, expect.stringContaining('{"error":{"code":"BAD_REQUEST"'), 'nosniff'])
})

describe('cross-site requests', () => {
  test('a multipart request that a form could send is refused with the header to add, before a byte is parsed', async () => {
    const body = multipart(
      'mutation U($f: Upload!) { uploadMedia(input: { file: $f }) { media { id } } }',
      { f: null },
      {
        'variables.f': { bytes: Buffer.from('x') },
      },
    )
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: ADMIN },
      body,
    })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('Apollo-Require-Preflight')
    expect((await gateway.query('{ mediaItems { totalCount } }')).mediaItems.totalCount).toBe(0)
  })

  test('a query by GET without a preflight header is refused', async () => {
    const url = `${gateway.url}/graphql?query=${encodeURIComponent('{ __typename }')}`
    expect((await fetch(url, { headers: { authorization: ADMIN } })).status).toBe(400)
    expect((await fetch(url, { headers: { ...json, 'apollo-require-preflight': '1' } })).status).toBe(200)
  })

  test('a mutation by GET is refused', async () => {
    const query = encodeURIComponent('mutation { deleteMedia(input: { id: "x" }) { deletedMediaId } }')
    const answer = await fetch(`${gateway.url}/graphql?query=${query}`, {
      headers: { ...json, 'apollo-require-preflight': '1' },
    })
    expect(answer.status).toBe(405)
  })

  test('only the configured origins are answered', async () => {
    const preflight = (origin: string) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      })
    expect((await preflight('https://app.example.org')).headers.get('access-control-allow-origin')).toBe(
      'https://app.example.org',
    )
    expect(
      (await preflight('https://evil.example.org')).headers.get('access-control-allow-origin'),
    ).toBeNull()
  })
})

describe('an operation beyond the limits', () => {
  const deep = (n: number) => `{ ${'a { '.repeat(n)} b ${'} '.repeat(n)} }`
  const nested = (name: string) => `query ${name} { mediaItems { ${'edges { node { '.repeat(1)} id } } } }`
  test.each([
    ['depth', deep(20)],
    ['aliases', `{ ${Array.from({ length: 51 }, (_, i) => `a${i}: viewer { account }`).join(' ')} }`],
    [
      'aliases',
      `query __schema { ${Array.from({ length: 51 }, (_, i) => `a${i}: viewer { account }`).join(' ')} }`,
    ],
    ['rootFields', `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    [
      'fields',
      `query { ...a } fragment a on Query { ${'...b '.repeat(12)} } fragment b on Query { ${'...c '.repeat(12)} } fragment c on Query { ${'viewer { account } '.repeat(5)} }`,
    ],
    [
      'fields',
      `query { ...__schema } fragment __schema on Query { ${'...b '.repeat(12)} } fragment b on Query { ${'...c '.repeat(12)} } fragment c on Query { ${'viewer { account } '.repeat(5)} }`,
    ],
  ])('in %s is refused', async (limit, query) => {
    const answer = await post({ query })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain(`The operation has ${limit}`)
  })

  test('in tokens is refused while it is parsed', async () => {
    const answer = await post({ query: `{ ${'__typename '.repeat(3_000)} }` })
    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('GRAPHQL_PARSE_FAILED')
  })

  test('in fragments that spread each other in a circle is refused', async () => {
    const answer = await post({ query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }' })
    expect(answer.status).toBe(400)
  })

  test('a usual one is not', async () => {
    expect((await post({ query: nested('Usual') })).status).toBe(200)
  })

  test('neither is the introspection that tools send', async () => {
    const { getIntrospectionQuery } = await import('graphql')
    expect(
      (
        await post({
          query: getIntrospectionQuery({ inputValueDeprecation: true, directiveIsRepeatable: true }),
        })
      ).status,
    ).toBe(200)
  })

  test('a batch is refused', async () => {
    expect((await post([{ query: '{ __typename }' }, { query: '{ __typename }' }])).status).toBe(400)
  })

  test('a body larger than a mebibyte is refused', async () => {
    const answer = await post({ query: `{ __typename } # ${'x'.repeat(1 << 20)}` })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({
      errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE', requestId: expect.any(String) } }],
    })
  })
})

describe('a malformed request', () => {
  test.each([
    ['no JSON', '{', 400],
    ['JSON without a query', '{}', 400],
    ['a query that is no text', '{"query":1}', 400],
    ['a syntax error', '{"query":"{"}', 400],
    ['an unknown field', '{"query":"{ nothing }"}', 400],
    [
      'a wrong variable',
      '{"query":"query Q($n: Int!) { mediaItems(first: $n) { totalCount } }","variables":{"n":"x"}}',
      400,
    ],
    [
      'a time that is none',
      '{"query":"{ mediaItems(filter: { createdAt: { gt: \\"yesterday\\" } }) { totalCount } }"}',
      400,
    ],
  ])('with %s is a client error with code and request id', async (_, body, status) => {
    const answer = await post(body)
    expect(answer.status).toBe(status)
    const { errors } = (await answer.json()) as { errors: { extensions: Record<string, unknown> }[] }
    expect(errors[0]?.extensions).toMatchObject({ code: expect.any(String), requestId: expect.any(String) })
    expect(errors[0]?.extensions.code).not.toMatch(/INTERNAL/)
  })

  test.each([
    [
      'null for an argument that has a default and takes none',
      200,
      {
        query: 'query($top: Int = 3) { mediaFacets(top: $top) { isComplete } }',
        variables: { top: null },
      },
    ],
    [
      'more wrong values than are looked at',
      400,
      {
        query: 'query($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount } }',
        variables: { filter: { tag: Array(60).fill(1) } },
      },
    ],
  ])('with %s is wrong input', async (_, status, body) => {
    const answer = await post(body)
    expect(answer.status).toBe(status)
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] }
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['BAD_USER_INPUT']))
  })

  test.each(['text/plain', 'application/json; charset=utf-7', 'application/xml'])(
    'of type %s is refused',
    async type => {
      const answer = await post('{"query":"{ __typename }"}', { ...json, 'content-type': type })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
    },
  )

  test('that is no HTTP gets 400 and the connection is closed', async () => {
    const { port } = new URL(gateway.url)
    const answer = await new Promise<string>(resolve => {
      let text = ''
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'),
      )
      socket.on('data', data => {
        text += data
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toContain('400 Bad Request')
  })
})

describe('a target in absolute form is its path (RFC 9112, 3.2.2)', () => {
  const ask = (method: string, path: string, headers = {}) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { hostname, port } = new URL(gateway.url)
      request({ hostname, port, method, path, headers: { authorization: ADMIN, ...headers } }, answer => {
        answer.resume()
        resolve(answer)
      })
        .on('upgrade', answer => {
          answer.destroy()
          resolve(answer)
        })
        .on('error', reject)
        .end()
    })

  test('in the URL of an upload', async () => {
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': '5' }
    const { statusCode, headers: answered } = await ask('POST', 'http://x/uploads?a=b', headers)
    expect([statusCode, answered.location]).toEqual([
      201,
      expect.stringMatching(new RegExp(`^${gateway.url}/uploads/[0-9a-f-]{36}$`)),
    ])
  })

  test('for the recipe of a picture', async () => {
    const { media } = await gateway.upload({ bytes: fixture('photo.png').bytes(), fileName: 'photo.png' })
    const { image } = (
      await gateway.query(`{ media(id: "${media.id}") { image(transform: { width: 8 }) { url } } }`)
    ).media
    expect((await ask('GET', image.url.replace(gateway.url, 'HTTP://x'))).statusCode).toBe(200)
  })

  test('for a WebSocket', async () => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': 'graphql-transport-ws',
    }
    expect((await ask('GET', 'http://x/graphql', headers)).statusCode).toBe(101)
  })

  test.each([
    ['http://x', 302],
    ['http://x?a=/b', 302],
    ['http://x/health/live?a=/b', 200],
    ['http://user@x/health/live', 200],
    ['http://x/health/live#a', 400],
    ['http:///health/live', 400],
    ['ftp://x/health/live', 404],
  ])('%s comes to %i', async (path, status) => {
    expect((await ask('GET', path)).statusCode).toBe(status)
  })
})

describe('every answer', () => {
  test('carries the request id, taken from the client when it is one', async () => {
    const given = await fetch(`${gateway.url}/health/live`, { headers: { 'x-request-id': 'my-id.1' } })
    expect(given.headers.get('x-request-id')).toBe('my-id.1')
    const odd = await fetch(`${gateway.url}/health/live`, { headers: { 'x-request-id': 'a b"<' } })
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('of JSON is compressed on request, content never', async () => {
    const big = { query: '{ __schema { types { name description fields { name description } } } }' }
    const answer = await post(big, { ...json, 'accept-encoding': 'gzip' })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    const { media } = await gateway.upload({ bytes: Buffer.from('word '.repeat(10_000)), fileName: 'w.txt' })
    const content = await new Promise<Record<string, unknown>>(resolve =>
      get(
        `${gateway.url}/media/${media.id}/content`,
        { headers: { authorization: ADMIN, 'accept-encoding': 'gzip, br' } },
        response => resolve(response.resume().headers),
      ),
    )
    expect(content['content-encoding']).toBeUndefined()
    expect(content['content-length']).toBe('50000')
  })

  test.each(['/playground', '/graphql', '/health/live', '/nowhere'])(
    'of %s forbids framing and sniffing',
    async path => {
      const { headers } = await fetch(gateway.url + path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    },
  )
})

test('behind a path prefix the playground knows it', async () => {
  const behind = await gateway.beside({ PUBLIC_URL: 'https://media.example.org/gw' })
  const root = await fetch(behind.url, { redirect: 'manual' })
  expect(root.headers.get('location')).toBe('/gw/playground')
  const page = await (await fetch(`${behind.url}/playground`)).text()
  expect(page).toContain('<base href="/gw/playground/">')
  expect(page).toContain('/gw/graphql')
  expect(page).not.toMatch(/["']\/graphql/)
  await behind.close()
})

test.each([
  [{ HOST: '0.0.0.0', PORT: 4000 }, 'http://localhost:4000', true],
  [{ HOST: '::', PORT: 1 }, 'http://localhost:1', true],
  [{ HOST: '::1', PORT: 1 }, 'http://[::1]:1', false],
  [
    { HOST: '0.0.0.0', PORT: 1, PUBLIC_URL: 'https://media.example.org/gw' },
    'https://media.example.org/gw',
    false,
  ],
])('who listens by %j is reached at %s', (config, base, isGuessed) => {
  const url = new PublicUrl(config)
  expect([url.base, url.isGuessed]).toEqual([base, isGuessed])
})

test('/ leads to the playground, which loads nothing from elsewhere', async () => {
  const root = await fetch(gateway.url, { redirect: 'manual' })
  expect([root.status, root.headers.get('location')]).toEqual([302, '/playground'])
  const page = await (await fetch(`${gateway.url}/playground`)).text()
  const urls = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(match => match[1] ?? '')
  expect(urls.length).toBeGreaterThan(0)
  for (const url of urls) {
    const target = new URL(url, `${gateway.url}/playground/`)
    expect(target.origin).toBe(gateway.url)
    if (target.pathname !== '/playground/') expect((await fetch(target)).status).toBe(200)
  }
})
