import { type DocumentNode, getOperationAST, type OperationDefinitionNode, parse } from 'graphql'
import { isCompilable } from '../../src/entrances/graphql/query-compiler.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { seedMedia } from '../support/seed.ts'

/** More often than a query must come to be compiled. */
const OFTEN = 30

let gateway: TestApp
let ids: string[]
beforeAll(async () => {
  gateway = await startApp()
  ids = await seedMedia(gateway.app.foundation.database, {
    count: 30,
    columns: {
      name: `'name-' || n`,
      tags: `ARRAY['a', 'b-' || n]`,
      metadata: `jsonb_build_object('n', n)`,
      latitude: 'CASE WHEN n % 2 = 0 THEN 47.5 END',
      longitude: 'CASE WHEN n % 2 = 0 THEN 8.5 END',
      size: '3000000000 + n',
      created_at: `now() - n * interval '1 minute'`,
    },
  })
  const { createCollection } = await gateway.query(
    'mutation { createCollection(input: { name: "c" }) { collection { id } } }',
  )
  await gateway.query(
    'mutation ($i: AddToCollectionInput!) { addToCollection(input: $i) { userErrors { code } } }',
    { i: { collectionId: createCollection.collection.id, mediaIds: ids.slice(0, 5) } },
  )
})
afterAll(() => gateway.close())

const FRAGMENT =
  'fragment F on Media { id name tags metadata size createdAt geolocation { latitude } owner { id } kind status }'

describe('a query that comes often gets the same answer as the first time', () => {
  test.each<[string, string, () => Record<string, unknown>]>([
    [
      'a page with cursors, fragments and aliases',
      `${FRAGMENT} { page: mediaItems(first: 7) { edges { cursor item: node { ...F } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      () => ({}),
    ],
    [
      'a page by variables, with a filter, an order and a count',
      `query ($n: Int, $f: MediaFilter) { mediaItems(last: $n, filter: $f, orderBy: { field: SIZE, direction: DESC }) { nodes { id size __typename } totalCount } }`,
      () => ({ n: 5, f: { createdAt: { gt: '2020-01-01T00:00:00Z' }, search: 'name' } }),
    ],
    [
      'filters within filters, by variables of each form',
      `query ($f: MediaFilter!, $d: MediaFilter = { size: { gte: 3000000010 } }, $l: [MediaFilter!], $o: MediaFilter, $t: DateTime)
       { a: mediaItems(filter: $f) { nodes { id } } b: mediaItems(filter: $d) { totalCount }
         c: mediaItems(filter: { or: $l }) { totalCount } d: mediaItems(filter: $o) { totalCount }
         e: mediaItems(filter: { and: [$f, { createdAt: { lt: $t } }] }) { totalCount } }`,
      () => ({
        f: { not: { or: [{ search: '-7' }, { createdAt: { lt: '2020-01-01T00:00:00Z' }, tag: 'b-8' }] } },
        l: { size: { lt: '3000000005' } },
        t: '2999-01-01T00:00:00Z',
      }),
    ],
    [
      'lists within lists, and counts of what is selected',
      `${FRAGMENT} { collections(first: 3) { totalCount nodes { id media(first: 3) { totalCount nodes { ...F title collections(last: 2) {
         nodes { name } pageInfo { hasNextPage hasPreviousPage } } } } } } mediaFacets { isComplete kinds { value count } tags { value } } }`,
      () => ({}),
    ],
    [
      'a filter that has no such field, deep inside',
      'query ($f: MediaFilter) { mediaItems(filter: $f) { totalCount } }',
      () => ({ f: { and: [{ not: { secret: 'x' } }] } }),
    ],
    [
      'several fields of one name',
      '{ mediaItems(first: 2) { edges { node { id } } } mediaItems(first: 2) { edges { node { name } cursor } } }',
      () => ({}),
    ],
    [
      'nodes of an interface, some of which are not there',
      `${FRAGMENT} query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ...F } }`,
      () => ({ ids: [ids[0], 'nothing', ids[1]] }),
    ],
    ['null', 'query ($id: ID!) { media(id: $id) { id } viewer { __typename } }', () => ({ id: 'nothing' })],
    ['an argument that is refused', '{ mediaItems(first: 101) { nodes { id } } }', () => ({})],
    [
      'one field that fails beside one that does not',
      'query ($c: String) { a: mediaItems(after: $c) { nodes { id } } b: mediaItems(first: 1) { nodes { id } } }',
      () => ({ c: 'no cursor' }),
    ],
    [
      'a variable of the wrong type',
      'query ($n: Int) { mediaItems(first: $n) { totalCount } }',
      () => ({ n: 'x' }),
    ],
    ['a variable that is missing', 'query ($id: ID!) { media(id: $id) { id } }', () => ({})],
    ['introspection', '{ __schema { queryType { name } types { name kind } } }', () => ({})],
  ])('%s', async (_what, query, variables) => {
    const plain = ({ status, data, errors }: Awaited<ReturnType<TestApp['send']>>) => ({
      status,
      data,
      errors: errors?.map(({ extensions: { requestId: _differs, ...extensions }, ...error }) => ({
        ...error,
        extensions,
      })),
    })
    const first = plain(await gateway.send(query, variables()))
    for (let i = 0; i < OFTEN; i++) {
      const again = plain(await gateway.send(query, variables()))
      expect(JSON.stringify(again)).toBe(JSON.stringify(first))
    }
  })

  test('a failure that goes away is no longer answered', async () => {
    const query = 'query ($first: Int) { mediaItems(first: $first) { nodes { id } } }'
    for (let i = 0; i < OFTEN; i++) await gateway.query(query, { first: 1 })
    expect((await gateway.send(query, { first: -1 })).errors).toHaveLength(1)
    expect((await gateway.query(query, { first: 1 })).mediaItems.nodes).toHaveLength(1)
  })

  test('what has changed in between is seen', async () => {
    const query = 'query ($id: ID!) { media(id: $id) { title } }'
    for (let i = 0; i < OFTEN; i++) await gateway.query(query, { id: ids[3] })
    await gateway.query(
      'mutation ($i: UpdateMediaInput!) { updateMedia(input: $i) { userErrors { code } } }',
      {
        i: { id: ids[3], title: 'changed' },
      },
    )
    expect(await gateway.query(query, { id: ids[3] })).toEqual({ media: { title: 'changed' } })
  })

  test('a request without rights is refused all the same', async () => {
    const query = '{ mediaItems(first: 3) { nodes { id } } }'
    for (let i = 0; i < OFTEN; i++) await gateway.query(query)
    expect((await gateway.as(null).send(query)).status).toBe(401)
  })
})

describe('not compiled is', () => {
  const operationOf = (document: DocumentNode) => getOperationAST(document) as OperationDefinitionNode

  test.each([
    ['a mutation', 'mutation { deleteMedia(input: { id: 1 }) { deletedMediaId } }'],
    ['what holds a string', '{ mediaItems(after: "x") { totalCount } }'],
    ['what has a string as a default', 'query ($a: String = "x") { mediaItems(after: $a) { totalCount } }'],
    ['what holds a block string', '{ mediaItems(filter: { search: """x""" }) { totalCount } }'],
    ['what has a directive', 'query ($a: Boolean!) { mediaItems @skip(if: $a) { totalCount } }'],
    ['an alias that begins with two underscores', '{ __proto__: mediaItems { totalCount } }'],
    ['introspection', '{ __schema { queryType { name } } }'],
  ])('%s', (_what, query) => {
    const document = parse(query)
    expect(isCompilable(document, operationOf(document))).toBe(false)
  })

  test('a query of names, numbers and variables is', () => {
    const document = parse(
      'query ($a: ID!) { media(id: $a) { id __typename } mediaItems(first: 3) { totalCount } }',
    )
    expect(isCompilable(document, operationOf(document))).toBe(true)
  })
})

test('a string that graphql-jit would take for code is a string', async () => {
  const planted = globalThis as { planted?: boolean }
  const code = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74dglobalThis.planted=true'
  const query = `{ mediaItems(filter: { search: "${code}" }) { totalCount } }`
  for (let i = 0; i < OFTEN; i++) {
    expect(await gateway.query(query)).toEqual({ mediaItems: { totalCount: 0 } })
  }
  expect(planted.planted).toBeUndefined()
})
