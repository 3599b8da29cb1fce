import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../src/config.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { multipart } from '../support/gql.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const LIST = 'query List($first: Int) { mediaItems(first: $first) { totalCount } }'
const UPLOAD = 'mutation Upload($f: Upload!) { uploadMedia(input: { file: $f }) { media { id } } }'
const manifest = (operations: object[]) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations,
})
const MANIFEST = manifest([
  { id: sha256(LIST), name: 'List', type: 'query', body: LIST },
  { id: 'upload-v1', name: 'Upload', type: 'mutation', body: UPLOAD },
])

let folder: string
const file = async (content: unknown) => {
  const path = join(folder, `${Math.random()}.json`)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'documents-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a gateway that runs listed documents only', () => {
  let gateway: TestApp
  beforeAll(async () => {
    gateway = await startApp({ PERSISTED_OPERATIONS: await file(MANIFEST), PERSISTED_ONLY: 'on' })
  })
  afterAll(() => gateway.close())

  const headers = { authorization: ADMIN, 'apollo-require-preflight': 'true' }
  const post = async (body: object) => {
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) }
  }
  const get = async (parameters: Record<string, string>) => {
    const answer = await fetch(`${gateway.url}/graphql?${new URLSearchParams(parameters)}`, { headers })
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) }
  }
  const persistedQuery = { version: 1, sha256Hash: sha256(LIST) }
  const listed = { status: 200, data: { mediaItems: { totalCount: expect.any(Number) } } }

  test.each<[string, () => Promise<object>]>([
    ['by its hash', () => post({ extensions: { persistedQuery }, variables: { first: 1 } })],
    ['by its hash and its text', () => post({ query: LIST, extensions: { persistedQuery } })],
    ['by its id', () => post({ documentId: sha256(LIST) })],
    ['by its id with the algorithm', () => post({ documentId: `sha256:${sha256(LIST)}` })],
    ['by its text', () => post({ query: LIST })],
    [
      'by its hash in GET',
      () => get({ extensions: JSON.stringify({ persistedQuery }), variables: '{"first":1}' }),
    ],
    ['by its id in GET', () => get({ documentId: sha256(LIST) })],
  ])('runs one that is named %s', async (_how, send) => {
    expect(await send()).toEqual(listed)
  })

  test('runs one that brings a file', async () => {
    const body = multipart('', { f: null }, { 'variables.f': { bytes: Buffer.from('x') } })
    body.set('operations', JSON.stringify({ documentId: 'upload-v1', variables: { f: null } }))
    // The order of the parts matters: operations, map, files.
    const form = new FormData()
    for (const name of ['operations', 'map', '0']) form.append(name, body.get(name) as string)
    const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body: form })
    const { data } = (await answer.json()) as { data: { uploadMedia: { media: { id: string } } } }
    expect(data.uploadMedia.media.id).toEqual(expect.any(String))
  })

  test.each<[string, () => Promise<{ status: number }>]>([
    ['another text', () => post({ query: '{ __typename }' })],
    ['almost the same text', () => post({ query: `${LIST} ` })],
    ['another text by GET', () => get({ query: '{ __typename }' })],
    [
      'another hash',
      () => post({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256('{ __typename }') } } }),
    ],
    [
      'the registration of a document',
      () =>
        post({
          query: '{ __typename }',
          extensions: { persistedQuery: { version: 1, sha256Hash: sha256('{ __typename }') } },
        }),
    ],
    ['another id', () => post({ documentId: 'constructor' })],
    ['introspection', () => post({ query: '{ __schema { queryType { name } } }' })],
    ['nothing', () => post({ variables: { first: 1 } })],
  ])('refuses %s', async (_what, send) => {
    expect(await send()).toMatchObject({
      status: 403,
      errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED', requestId: expect.any(String) } }],
    })
  })

  test('refuses an id beside the text of another document', async () => {
    expect(await post({ documentId: 'upload-v1', query: LIST })).toMatchObject({ status: 400 })
  })
})

describe('with a list, and others allowed', () => {
  test('both are executed', async () => {
    const gateway = await startApp({ PERSISTED_OPERATIONS: await file({ list: LIST }) })
    try {
      expect(await gateway.query('{ __typename }')).toEqual({ __typename: 'Query' })
      const answer = await fetch(`${gateway.url}/graphql?documentId=list`, {
        headers: { authorization: ADMIN, 'apollo-require-preflight': 'true' },
      })
      expect(await answer.json()).toEqual({ data: { mediaItems: { totalCount: 0 } } })
    } finally {
      await gateway.close()
    }
  })
})

describe('a list stops the start, and says why, when it', () => {
  test.each<[string, unknown, RegExp]>([
    ['is no JSON', '{', /cannot be read/],
    ['is a list', [LIST], /neither/],
    ['is a manifest of another version', { ...MANIFEST, version: 2 }, /neither/],
    ['is empty', {}, /none in it/],
    ['has a document without a text', { a: 1 }, /"a" has no text/],
    ['has a document that is no GraphQL', { a: 'query {' }, /"a" is no GraphQL/],
    ['has another text than its hash says', { [sha256(LIST)]: UPLOAD }, /SHA-256/],
    [
      'has an id twice',
      manifest([
        { id: 'a', body: LIST },
        { id: 'a', body: UPLOAD },
      ]),
      /twice/,
    ],
  ])('%s', async (_what, content, reason) => {
    const path = await file(content)
    expect(() => loadConfig({ PERSISTED_OPERATIONS: path })).toThrow(reason)
    expect(() => loadConfig({ PERSISTED_OPERATIONS: path })).toThrow('PERSISTED_OPERATIONS')
  })

  test('is not there', () => {
    expect(() => loadConfig({ PERSISTED_OPERATIONS: '/nowhere.json' })).toThrow(/cannot be read/)
  })

  test('is needed and not named', () => {
    expect(() => loadConfig({ PERSISTED_ONLY: 'on' })).toThrow(/PERSISTED_OPERATIONS is missing/)
  })
})

test('without introspection no error names what the client did not', async () => {
  const gateway = await startApp({ INTROSPECTION: 'off' })
  try {
    const answers = [
      await gateway.send('{ mediaItem { totalCount } }'),
      await gateway.send('{ mediaItems(filter: { kin: [IMAGE] }) { totalCount } }'),
      await gateway.send('query($f: MediaFilter) { mediaItems(filter: $f) { totalCount } }', {
        f: { kin: ['IMAGE'] },
      }),
      await gateway.send('query($f: MediaFilter) { mediaItems(filter: $f) { totalCount } }', {
        f: { kind: ['IMAG'] },
      }),
      await gateway.send('{ __schema { queryType { name } } }'),
    ]
    for (const { status, errors = [] } of answers) {
      expect(status).toBe(400)
      expect(errors.map(({ message }) => message).join()).not.toMatch(/did you mean|mediaItems|"kind"/i)
    }
  } finally {
    await gateway.close()
  }
})
