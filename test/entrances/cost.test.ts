import {
  getOperationAST,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { OperationCosts } from '../../src/entrances/graphql/cost.ts'
import { COSTS, fieldCost } from '../../src/entrances/graphql/cost-table.ts'
import { LIMITS } from '../../src/entrances/graphql/limits.ts'
import { checkOperation } from '../../src/entrances/graphql/operation-check.ts'
import { buildGatewaySchema } from '../../src/entrances/graphql/schema.ts'
import { ADMIN, startApp } from '../support/app.ts'

const schema = buildGatewaySchema([])
const page = { default: 20, max: 100 }
const costs = new OperationCosts({ schema, page })

function costOf(query: string, variables?: Record<string, unknown>): number {
  const document = parse(query)
  expect(validate(schema, document, specifiedRules).map(({ message }) => message)).toEqual([])
  return costs.of(document, getOperationAST(document) as OperationDefinitionNode, variables)
}

describe('the cost of an operation', () => {
  test.each<[string, number, string, Record<string, unknown>?]>([
    ['leaves cost nothing', 0, '{ __typename }'],
    ['an object costs 1', 2, '{ viewer { account } media(id: 1) { id name tags } }'],
    ['a page costs its objects', 1 + 7, '{ mediaItems(first: 7) { nodes { id } } }'],
    ['the usual page has 20', 1 + 20, '{ mediaItems { nodes { id } } }'],
    [
      'edges are objects, too',
      1 + 5 * 2 + 1,
      '{ mediaItems(last: 5) { edges { node { id } } pageInfo { endCursor } } }',
    ],
    ['a count costs 10', 1 + 10, '{ mediaItems { totalCount } }'],
    [
      'lists multiply',
      1 + 10 * (1 + 1 + 4),
      '{ mediaItems(first: 10) { nodes { shareLinks(first: 4) { nodes { id } } } } }',
    ],
    ['by variables', 1 + 9, 'query($n: Int) { mediaItems(first: $n) { nodes { id } } }', { n: 9 }],
    ['by defaults of variables', 1 + 3, 'query($n: Int = 3) { mediaItems(first: $n) { nodes { id } } }'],
    [
      'a variable that is null is the usual page',
      1 + 20,
      'query($n: Int = 3) { mediaItems(first: $n) { nodes { id } } }',
      { n: null },
    ],
    [
      'a variable that is not there is the usual page',
      1 + 20,
      'query($n: Int) { mediaItems(first: $n) { nodes { id } } }',
    ],
    [
      'no page is larger than the largest',
      1 + 100,
      'query($n: Int) { mediaItems(first: $n) { nodes { id } } }',
      { n: 1e9 },
    ],
    ['the larger of two sizes counts', 1 + 8, '{ mediaItems(first: 8, last: 2) { nodes { id } } }'],
    ['as many as are asked for by id', 3, '{ nodes(ids: ["a", "b", "c"]) { id } }'],
    [
      'as many as a variable has',
      4,
      'query($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      { ids: ['a', 'b', 'c', 'd'] },
    ],
    ['one value is a list of one', 1, 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: 'a' }],
    [
      'aliases count each',
      4,
      '{ a: media(id: 1) { id } b: media(id: 1) { owner { id } } c: media(id: 1) { id } }',
    ],
    [
      'fragments count where they are spread',
      1 + 6 * 2,
      '{ mediaItems(first: 6) { ...P } } fragment P on MediaConnection { nodes { ...M } } fragment M on Media { ... on Node { id } owner { id } }',
    ],
    [
      'every branch of a node counts',
      1 + 1 + 20,
      '{ node(id: 1) { ... on Media { shareLinks { nodes { id } } } ... on ShareLink { id } } }',
    ],
    [
      'a field that is skipped counts',
      1,
      'query($s: Boolean!) { viewer @skip(if: $s) { account } }',
      { s: true },
    ],
    [
      'a mutation costs 10 and its payload',
      10 + 1,
      'mutation($i: UpdateMediaInput!) { updateMedia(input: $i) { media { id } } }',
    ],
    [
      'a batch costs its items',
      20 + 2 * (1 + 1),
      'mutation($i: UploadMediaBatchInput!) { uploadMediaBatch(input: $i) { results { media { id } } } }',
      { i: { items: [{}, {}] } },
    ],
    [
      'so does one with its list in the document',
      20 + 3 * (1 + 1),
      'mutation($f: Upload!) { uploadMediaBatch(input: { items: [{ file: $f }, { file: $f }, { file: $f }] }) { results { media { id } } } }',
    ],
  ])('%s', (...[, cost, query, variables]) => {
    expect(costOf(query, variables)).toBe(cost)
  })

  test('what is no number is the usual page', () => {
    const query = 'query($n: Int) { mediaItems(first: $n) { nodes { id } } }'
    for (const n of ['7', -1, [3], { valueOf: 1, toString: 1 }]) expect(costOf(query, { n })).toBe(1 + 20)
  })
})

test('every connection is sized by its page, and every override is that of a field', () => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (!/Connection!?$/.test(String(field.type))) continue
      expect([type.name, field.name, fieldCost(type, field, page).listSize]).toEqual([
        type.name,
        field.name,
        {
          assumedSize: 20,
          slicingArguments: expect.arrayContaining(['first']),
          sizedFields: ['edges', 'nodes'],
        },
      ])
    }
  }
  for (const name of Object.keys(COSTS)) {
    const [type = '', field = ''] = name.split('.')
    const owner = schema.getType(type)
    expect([name, isObjectType(owner) && field in owner.getFields()]).toEqual([name, true])
  }
})

describe('the check for doors that Apollo Server does not serve', () => {
  const check = (query: string, variables = {}, introspection = true) =>
    checkOperation({ schema, costs, introspection }, parse(query), { query, variables }).map(
      ({ message }) => message,
    )

  test.each([
    ['what is valid', '{ viewer { account } }', {}, []],
    ['what is not in the schema', '{ nothing }', {}, [expect.stringContaining('nothing')]],
    [
      'what is too deep',
      `{ ${'viewer { '.repeat(20)} account ${'}'.repeat(20)} }`,
      {},
      [expect.stringContaining('depth')],
    ],
    [
      'what costs too much',
      'query($n: Int) { mediaItems(first: $n) { nodes { shareLinks(first: $n) { nodes { id } } } } }',
      { n: 100 },
      [expect.stringContaining('cost')],
    ],
    [
      'variables that are too large',
      '{ __typename }',
      { x: 'x'.repeat(LIMITS.variableBytes + 1) },
      [expect.stringContaining('variableBytes')],
    ],
  ])('knows %s', (_what, query, variables, errors) => {
    expect(check(query, variables)).toEqual(errors)
  })

  test('refuses introspection when it is off', () => {
    expect(check('{ __schema { queryType { name } } }', {}, true)).toEqual([])
    expect(check('{ __schema { queryType { name } } }', {}, false)).not.toEqual([])
  })
})

test('who asks is told the cost, of what is refused and of what comes often, too', async () => {
  const gateway = await startApp({ COMPILE_AFTER: '1' })
  const cost = async (query: string, headers = {}) => {
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    })
    return ((await answer.json()) as { extensions?: object }).extensions
  }
  try {
    const asking = { 'graphql-cost': 'report' }
    for (let i = 0; i < 4; i++)
      expect(await cost('{ mediaItems(first: 3) { nodes { id } } }', asking)).toEqual({
        cost: { requested: 4, limit: LIMITS.cost },
      })
    expect(await cost('{ mediaItems(first: 3) { nodes { id } } }')).toBeUndefined()
    const dear = '{ mediaItems(first: 100) { nodes { shareLinks(first: 100) { nodes { id } } } } }'
    expect(await cost(dear, asking)).toEqual({ cost: { requested: 10_201, limit: LIMITS.cost } })
  } finally {
    await gateway.close()
  }
})
