import { createHash } from 'node:crypto'
import type { GraphQLObjectType } from 'graphql'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { changeTools } from '../support/changes.ts'
import { IS_THOROUGH } from '../support/counts.ts'
import { multipart } from '../support/gql.ts'
import { ecPair } from '../support/jwt.ts'
import { type StringArgument, stringArguments } from '../support/string-arguments.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ IMPORT_FROM_URL: '127.0.0.0/8', WEBHOOKS_TO: '127.0.0.0/8' })
})
afterAll(() => gateway.close())

const RESPONSE_JSON = 'application/graphql-response+json'
const signedIn = { authorization: ADMIN }
const json = { ...signedIn, 'content-type': 'application/json' }
const preflight = { ...signedIn, 'apollo-require-preflight': 'true' }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const get = (parameters: Record<string, string>, headers: Record<string, string> = preflight) => ({
  path: `?${new URLSearchParams(parameters)}`,
  headers,
})
const post = (body: unknown, headers: Record<string, string> = json) => ({
  method: 'POST',
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const persisted = (version: unknown, sha256Hash: unknown, query?: string) =>
  post({ query, extensions: { persistedQuery: { version, sha256Hash } } })

interface Sent extends RequestInit {
  readonly path?: string
}

describe('every error has a code and the id of the request, in the media type that was asked for', () => {
  test.each<[string, number, string, Sent]>([
    [
      'no credential',
      401,
      'UNAUTHENTICATED',
      post({ query: '{ __typename }' }, { 'content-type': 'application/json' }),
    ],
    [
      'a credential that does not hold',
      401,
      'UNAUTHENTICATED',
      post({}, { ...json, authorization: 'Bearer mgw_x_y' }),
    ],
    ['PUT', 405, 'METHOD_NOT_ALLOWED', { method: 'PUT', headers: json, body: '{}' }],
    ['DELETE', 405, 'METHOD_NOT_ALLOWED', { method: 'DELETE', headers: signedIn }],
    ['a query by GET that a page could send', 400, 'BAD_REQUEST', get({ query: '{ __typename }' }, signedIn)],
    [
      'a text that a page could send',
      400,
      'BAD_REQUEST',
      post('{"query":"{__typename}"}', { ...signedIn, 'content-type': 'text/plain' }),
    ],
    [
      'a text',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      post('{"query":"{__typename}"}', { ...preflight, 'content-type': 'text/plain' }),
    ],
    [
      'a form',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      post('query={__typename}', { ...preflight, 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    [
      'another charset',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      post('{}', { ...json, 'content-type': 'application/json; charset=utf-16' }),
    ],
    [
      'GET with a body type',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      get({ query: '{ __typename }' }, { ...preflight, 'content-type': 'application/xml' }),
    ],
    [
      'a body that is too large',
      413,
      'PAYLOAD_TOO_LARGE',
      post(JSON.stringify({ query: 'x'.repeat(1 << 20) })),
    ],
    ['no JSON', 400, 'BAD_REQUEST', post('{')],
    ['no body', 400, 'BAD_REQUEST', { method: 'POST', headers: json }],
    ['a body that is no object', 400, 'BAD_REQUEST', post('"x"')],
    ['a batch', 400, 'BAD_REQUEST', post([{ query: '{ __typename }' }])],
    ['no query', 400, 'BAD_REQUEST', post({ variables: {} })],
    ['a query that is no text', 400, 'BAD_REQUEST', post({ query: { kind: 'Document' } })],
    ['variables that are a text', 400, 'BAD_REQUEST', post({ query: '{ __typename }', variables: '{}' })],
    ['extensions that are a list', 400, 'BAD_REQUEST', post({ query: '{ __typename }', extensions: [] })],
    ['a name that is no text', 400, 'BAD_REQUEST', post({ query: '{ __typename }', operationName: 1 })],
    [
      'a parameter twice',
      400,
      'BAD_REQUEST',
      { path: '?query={__typename}&query={__typename}', headers: preflight },
    ],
    [
      'variables by GET that are no JSON',
      400,
      'BAD_REQUEST',
      get({ query: '{ __typename }', variables: '{' }),
    ],
    ['a document that cannot be parsed', 400, 'GRAPHQL_PARSE_FAILED', post({ query: '{' })],
    ['a document of lone surrogates', 400, 'GRAPHQL_PARSE_FAILED', post('{"query":"{ \\ud800 }"}')],
    ['an unknown field', 400, 'GRAPHQL_VALIDATION_FAILED', post({ query: '{ nothing }' })],
    [
      'an operation that is too large',
      400,
      'OPERATION_TOO_LARGE',
      post({ query: `{ ${'__typename '.repeat(900)} }` }),
    ],
    [
      'an operation that costs too much',
      400,
      'OPERATION_TOO_LARGE',
      post({ query: '{ mediaItems(first: 100) { nodes { shareLinks(first: 100) { nodes { id } } } } }' }),
    ],
    [
      'variables that do not fit',
      400,
      'BAD_USER_INPUT',
      post({ query: 'query($n: Int!) { mediaItems(first: $n) { totalCount } }', variables: { n: 'x' } }),
    ],
    [
      'an operation that is not there',
      400,
      'OPERATION_RESOLUTION_FAILURE',
      post({ query: 'query A { __typename }', operationName: 'B' }),
    ],
    [
      'several operations, none named',
      400,
      'OPERATION_RESOLUTION_FAILURE',
      post({ query: 'query A { __typename } query B { __typename }' }),
    ],
    [
      'a mutation by GET',
      405,
      'BAD_REQUEST',
      get({ query: 'mutation { deleteMedia(input: { id: "x" }) { deletedMediaId } }' }),
    ],
    [
      'a document that is not registered',
      200,
      'PERSISTED_QUERY_NOT_FOUND',
      persisted(1, sha256('{ viewer { account } }')),
    ],
    ['another version of persisted queries', 400, 'BAD_REQUEST', persisted(2, sha256('{ __typename }'))],
    ['a hash that is no text', 400, 'BAD_REQUEST', persisted(1, { x: 1 })],
    ['a hash of another document', 400, 'BAD_REQUEST', persisted(1, sha256('{ x }'), '{ __typename }')],
    ['an id of a document without a list', 403, 'DOCUMENT_NOT_TRUSTED', post({ documentId: 'x' })],
    ['an id that is no text', 400, 'BAD_REQUEST', post({ documentId: 7 })],
    [
      'a value that an argument does not take',
      200,
      'BAD_REQUEST',
      post({ query: '{ __typename node(id: "x") { id } mediaItems(after: "no cursor") { totalCount } }' }),
    ],
  ])('%s', async (_what, status, code, { path = '', ...init }) => {
    for (const accept of [undefined, RESPONSE_JSON, 'application/json']) {
      const headers = { ...(init.headers as Record<string, string>), ...(accept ? { accept } : {}) }
      const answer = await fetch(`${gateway.url}/graphql${path}`, { ...init, headers })
      const { errors } = (await answer.json()) as { errors: { extensions: Record<string, unknown> }[] }
      expect([answer.status, errors[0]?.extensions.code]).toEqual([status, code])
      for (const { extensions } of errors)
        expect(extensions.requestId).toBe(answer.headers.get('x-request-id'))
      expect(answer.headers.get('content-type')).toBe(`${accept ?? 'application/json'}; charset=utf-8`)
    }
  })

  test('an Accept header that takes no JSON is refused before anything is executed', async () => {
    const { media } = await gateway.upload({ bytes: Buffer.from('x') }, {}, 'id')
    const answer = await fetch(`${gateway.url}/graphql`, {
      ...post({ query: `mutation { deleteMedia(input: { id: "${media.id}" }) { deletedMediaId } }` }),
      headers: { ...json, accept: 'text/html' },
    })
    expect(answer.status).toBe(406)
    expect(((await answer.json()) as { errors: object[] }).errors).toMatchObject([
      { extensions: { code: 'NOT_ACCEPTABLE', requestId: expect.any(String) } },
    ])
    expect(await gateway.query('query($id: ID!) { media(id: $id) { id } }', { id: media.id })).toEqual({
      media,
    })
  })

  test('405 names the methods', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
      const answer = await fetch(`${gateway.url}/graphql`, { method, headers: signedIn })
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, POST'])
    }
  })

  test('a request that a page could send is told the header', async () => {
    const answer = await fetch(`${gateway.url}/graphql?query={__typename}`, { headers: signedIn })
    expect(await answer.text()).toContain('Apollo-Require-Preflight')
  })
})

describe('automatic persisted queries', () => {
  const query = '{ viewer { account { id } } }'
  const send = async (body: object) => (await fetch(`${gateway.url}/graphql`, post(body))).json()

  test('a document is asked for by its hash once it was registered, by GET, too', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256('{ __typename }') } }
    expect(await send({ extensions })).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] })
    expect(await send({ query: '{ __typename }', extensions })).toEqual({ data: { __typename: 'Query' } })
    expect(await send({ extensions })).toEqual({ data: { __typename: 'Query' } })
    const parameters = new URLSearchParams({ extensions: JSON.stringify(extensions) })
    const byGet = await fetch(`${gateway.url}/graphql?${parameters}`, { headers: preflight })
    expect(await byGet.json()).toEqual({ data: { __typename: 'Query' } })
  })

  test('a document that is refused is not registered', async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(`${query} x`) } }
    await send({ query: `${query} x`, extensions })
    expect(await send({ extensions })).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] })
  })
})

describe('no text is a fault of the gateway, wherever a client may write one', () => {
  const { newMedia, newCollection, newKey, newApplication, newLink, newHold, newWebhook } = changeTools(
    () => gateway,
  )
  const AT_ONCE = 8
  const ENDING = /^(delete|revoke|release|rotate)/
  /** What is required beside, by the field that asks and else by the name of the argument. */
  async function given(): Promise<(field: string, argument: string) => string> {
    const media = await newMedia()
    const [collection, key, link, hold, webhook] = [
      await newCollection(),
      await newKey(),
      await newLink(),
      await newHold(),
      await newWebhook(),
    ]
    const { id: application } = await newApplication()
    return (field, argument) => {
      if (argument === 'collectionId' || (argument === 'id' && /collection/i.test(field))) return collection
      if (argument === 'scopes') return 'media:read'
      if (argument === 'url') return 'http://127.0.0.1:9/x'
      if (argument === 'publicKey') return ecPair().pem
      if (argument !== 'id') return media
      const kinds = {
        ApiKey: key,
        ShareLink: link,
        LegalHold: hold,
        Webhook: webhook,
        Application: application,
      }
      return Object.entries(kinds).find(([kind]) => field.includes(kind))?.[1] ?? media
    }
  }

  test.each([
    ['Query', 45],
    ['Mutation', 200],
  ] as const)(
    'in a %s',
    async (kind, atLeast) => {
      const type = gateway.app.schema.getType(kind) as GraphQLObjectType
      const required = await given()
      const ask = async ({ name, query, variables, files }: StringArgument): Promise<string[]> => {
        const operation = `${kind.toLowerCase()} Q${query}`
        const parts = Object.fromEntries(files.map(path => [path, { bytes: Buffer.from(name) }]))
        const response = await fetch(`${gateway.url}/graphql`, {
          method: 'POST',
          ...(files.length > 0
            ? { headers: preflight, body: multipart(operation, variables, parts) }
            : { headers: json, body: JSON.stringify({ query: operation, variables }) }),
        })
        const body = await response.text()
        return response.status >= 500 || body.includes('"INTERNAL"') ? [`${name}: ${body}`] : []
      }
      const [some, others] = ['a\0', 'a\ud800'].map(text => stringArguments(type, { text, required }))
      // Each place is given one of the two, and the other one as well where there is time.
      const daily = (some ?? []).map((each, i) => (i % 2 === 0 ? each : others?.[i]) ?? each)
      const places = IS_THOROUGH ? [...(some ?? []), ...(others ?? [])] : daily
      // What ends things comes last: they are what the others are about.
      places.sort((a, b) => Number(ENDING.test(a.name)) - Number(ENDING.test(b.name)))
      const faults: string[] = []
      for (let i = 0; i < places.length; i += AT_ONCE)
        faults.push(...(await Promise.all(places.slice(i, i + AT_ONCE).map(ask))).flat())
      expect(faults).toEqual([])
      expect(places.length).toBeGreaterThan(atLeast)
    },
    60_000,
  )
})
