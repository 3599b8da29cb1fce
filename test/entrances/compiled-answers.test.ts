import { getOperationAST, type OperationDefinitionNode, parse } from 'graphql'
import { QueryCompiler } from '../../src/entrances/graphql/query-compiler.ts'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { type GraphQLClient, graphqlClient } from '../support/gql.ts'
import { seedMedia } from '../support/seed.ts'

let gateway: TestApp
let beside: { url: string; close(): Promise<void> }
let ids: string[]
let reader: string
beforeAll(async () => {
  gateway = await startApp({ COMPILE_AFTER: '0' })
  beside = await gateway.beside({ COMPILE_AFTER: 'off' })
  const made = await gateway.query('mutation { createApiKey(input: { scopes: ["media:read"] }) { token } }')
  reader = `Bearer ${made.createApiKey.token}`
  ids = await seedMedia(gateway.app.foundation.database, {
    count: 30,
    columns: { name: `'name-' || n`, tags: `ARRAY['t']`, latitude: '47.5', longitude: '8.5' },
  })
})
afterAll(async () => {
  await beside.close()
  await gateway.close()
})

const plain = ({ status, data, errors }: Awaited<ReturnType<GraphQLClient['send']>>) => ({
  status,
  data,
  errors: errors?.map(({ extensions: { requestId: _differs, ...extensions }, ...error }) => ({
    ...error,
    extensions,
  })),
})

const MEDIA = `fragment M on Media { __typename id name originalFileName kind status size tags metadata public createdAt
  geolocation { latitude longitude } owner { id name } timesDownloaded deletedAt }`

test('with and without the compiler, the first time and later, answers are the same', async () => {
  const both = [gateway.url, beside.url]
  const queries: [string, Record<string, unknown>?][] = [
    ['{ __typename }'],
    [
      `${MEDIA} { mediaItems { totalCount edges { cursor node { ...M } } nodes { ...M } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    ],
    [
      `${MEDIA} query($n: Int, $o: MediaOrder) { mediaItems(last: $n, orderBy: $o) { nodes { ...M } pageInfo { hasPreviousPage } } }`,
      { n: 4, o: { field: 'NAME', direction: 'DESC' } },
    ],
    [
      `${MEDIA} query($ids: [ID!]!) { nodes(ids: $ids) { ...M } }`,
      { ids: [ids[2], 'nothing', ids[1], ids[2]] },
    ],
    [
      `${MEDIA} query($id: ID!) { node(id: $id) { id ... on Media { ...M title } ... on ShareLink { mediaId } } media(id: $id) { id } }`,
      { id: ids[0] },
    ],
    [
      'query($id: ID!) { media(id: $id) { id } node(id: $id) { id } mediaByName(name: $id) { id } }',
      { id: 'nothing' },
    ],
    ['{ viewer { __typename account principal scopes } v: viewer { account } }'],
    [
      'query($id: ID!) { explainAccess(mediaId: $id, action: DELETE) { allowed rule reason } }',
      { id: ids[0] },
    ],
    // An argument that is refused in every item of a list: null in their places, and as many errors.
    ['{ mediaItems(first: 3) { nodes { id url(expiresIn: 0) } } }'],
    [
      'query($n: Int) { mediaItems(first: 2) { nodes { id shareLinks(first: $n) { nodes { id } } } } }',
      { n: 101 },
    ],
    // An error of a field that cannot be null takes its parent with it, and here everything.
    ['query($c: String) { viewer { account } mediaItems(after: $c) { nodes { id } } }', { c: 'no cursor' }],
    ['query($n: Int) { mediaItems(first: $n) { nodes { id } } }', { n: -1 }],
    ['query($n: Int) { mediaItems(first: $n) { nodes { id } } }', { n: 'x' }],
    ['query($n: Int!) { mediaItems(first: $n) { nodes { id } } }'],
    ['query($f: MediaFilter) { mediaItems(filter: $f) { totalCount } }', { f: { kind: ['NONE'] } }],
    [
      'query($f: MediaFilter) { mediaItems(filter: $f) { nodes { name } } }',
      { f: { search: 'name-1', kind: ['FILE'] } },
    ],
    ['query($s: Boolean!) { mediaItems(first: 1) { nodes { id name @skip(if: $s) } } }', { s: true }],
    ['query($id: ID = "nothing") { media(id: $id) { id } }'],
    ['{ __schema { queryType { name } } __type(name: "Media") { kind } }'],
    ['{ apiKeys(first: 5) { nodes { keyId name scopes } } applications { totalCount } }'],
    ['query A { __typename } query B { viewer { account } }'],
    ['{ nothing }'],
  ]
  for (const authorization of [ADMIN, reader, FOREIGN]) {
    for (const [query, variables] of queries) {
      const answers: unknown[] = []
      for (const url of [...both, ...both]) {
        answers.push(plain(await graphqlClient(url, authorization).send(query, variables)))
      }
      for (const answer of answers) expect(answer).toEqual(answers[1])
    }
  }
})

test('a query is compiled at once where it shall be', async () => {
  const schema = buildGatewaySchema([])
  const document = parse('{ __typename }')
  const operation = getOperationAST(document) as OperationDefinitionNode
  const compiler = (hitsBefore: number) => new QueryCompiler({ schema, hitsBefore })
  expect(await compiler(0).execute({ document, operation }, {}, {})).toEqual({ __typename: 'Query' })
  expect(await compiler(1).execute({ document, operation }, {}, {})).toBeNull()
})
