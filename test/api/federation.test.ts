import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import {
  buildSchema,
  getOperationAST,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  print,
} from 'graphql'
import { COSTS } from '../../src/entrances/graphql/cost-table.ts'
import { FederationResolver } from '../../src/entrances/graphql/federation/federation.resolver.ts'
import {
  FEDERATION_SPEC,
  KEYS,
  SHAREABLE,
  TAGS,
} from '../../src/entrances/graphql/federation/subgraph-table.ts'
import { QueryCompiler } from '../../src/entrances/graphql/query-compiler.ts'
import {
  buildGatewaySchema,
  printGatewaySchema,
  printSubgraphSchema,
} from '../../src/entrances/graphql/schema.ts'
import { ALL_SCOPES } from '../../src/features/access/scopes.ts'
import { NodeResolver } from '../../src/features/media/node.resolver.ts'
import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { principal } from '../support/principal.ts'
import { seedMedia } from '../support/seed.ts'
import { statementsOf } from '../support/statements.ts'

const ENTITIES = `query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) { __typename ... on Media { id originalFileName tags owner { id name } } } }`
const NEVER = '01234567-89ab-7def-8123-456789abcdef'

let gateway: TestApp
let ids: string[]
let foreignId: string
let deletedId: string
let anna: string
let annasId: string

const references = (wanted: readonly unknown[]) => wanted.map(id => ({ __typename: 'Media', id }))
const entities = (wanted: readonly unknown[], query = ENTITIES) =>
  gateway.send(query, { representations: references(wanted) })
const idsOf = (answer: { data: { _entities: ({ id: string } | null)[] } }) =>
  answer.data._entities.map(entity => entity?.id ?? null)

beforeAll(async () => {
  gateway = await startApp()
  const { database } = gateway.app.foundation
  ids = await seedMedia(database, { count: 120, columns: { tags: `ARRAY['n-' || n]` } })
  ;[foreignId = ''] = await seedMedia(database, { count: 1, accountId: 'other' })
  ;[deletedId = ''] = await seedMedia(database, {
    count: 1,
    columns: { deleted_at: 'now()', purge_at: 'now()' },
  })
  const key = { accountId: 'acme', scopes: ['media:read', 'media:create'] }
  const issued = await gateway.app.keys.create({ ...key, owner: { id: 'anna', name: 'Anna' } })
  anna = `Bearer mgw_${issued.key.id}_${issued.secret}`
  annasId = (await gateway.as(anna).upload({ bytes: Buffer.from('hers') })).media.id
})
afterAll(() => gateway.close())

describe('entities by reference', () => {
  test('come in the order of the references, each as often as it is referred to', async () => {
    const wanted = [ids[7], ids[3], ids[7], ids[99], ids[0]]
    expect(idsOf(await entities(wanted))).toEqual(wanted)
  })

  test('are null where there is nothing, and alike where the viewer may not see it', async () => {
    const wanted = [
      NEVER,
      foreignId,
      deletedId,
      'no uuid',
      '',
      'a\0b',
      '\ud800',
      ids[0]?.toUpperCase(),
      17,
      ids[1],
    ]
    const answer = await entities(wanted)
    expect(answer.errors).toBeUndefined()
    expect(idsOf(answer)).toEqual([...Array(9).fill(null), ids[1]])
  })

  test('are what their own owner may see', async () => {
    const representations = references([ids[0], annasId])
    expect(idsOf(await gateway.as(anna).send(ENTITIES, { representations }))).toEqual([null, annasId])
    expect(idsOf(await gateway.as(FOREIGN).send(ENTITIES, { representations }))).toEqual([null, null])
  })

  test('carry the owner as a user of the account', async () => {
    const { data } = await entities([annasId])
    expect(data._entities).toEqual([
      {
        __typename: 'Media',
        id: annasId,
        originalFileName: 'file.bin',
        tags: [],
        owner: { id: 'anna', name: 'Anna' },
      },
    ])
  })

  test('take one statement, however many there are, with the columns of the selection alone', async () => {
    const { database } = gateway.app.foundation
    const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Media { title } } }`
    const ofMedia = async (wanted: readonly string[]) =>
      (await statementsOf(database, () => entities(wanted, query))).filter(text => text.includes('media m'))
    const [hundred, ...more] = await ofMedia(ids.slice(0, 100))
    expect(more).toEqual([])
    expect(hundred).toMatch(/^SELECT m\.id AS "id", m\.title AS "title" FROM media m WHERE /)
    expect(await ofMedia([ids[0] ?? ''])).toEqual([hundred])
  })

  test('are the same when the query comes often and is compiled', async () => {
    const wanted = [ids[5], NEVER, annasId]
    const first = JSON.stringify((await entities(wanted)).data)
    for (let i = 0; i < 30; i++) expect(JSON.stringify((await entities(wanted)).data)).toBe(first)
    expect((await entities([{}])).errors).toHaveLength(1)
    expect(idsOf(await entities([ids[6]]))).toEqual([ids[6]])
  })

  test('are resolved by compiled code, as nodes are', async () => {
    const { media } = gateway.app
    const schema = buildGatewaySchema([
      new FederationResolver({
        sources: {
          Collection: { getMany: async () => new Map() },
          Media: { getMany: (viewer, wanted) => media.getMany(viewer, wanted) },
        },
        sdl: printSubgraphSchema,
        introspection: true,
      }),
      new NodeResolver({ media, others: [] }),
    ])
    const viewer = principal({ accountId: 'acme', scopes: new Set([ALL_SCOPES]) })
    const compiler = new QueryCompiler({ schema, hitsBefore: 20 })
    for (const text of [
      ENTITIES.replace('owner { id name }', ''),
      'query ($ids: [ID!]!) { _entities: nodes(ids: $ids) { __typename id } }',
    ]) {
      const document = parse(text)
      const operation = getOperationAST(document) as OperationDefinitionNode
      const run = () =>
        compiler.execute(
          { document, operation },
          { viewer },
          { representations: references([ids[0]]), ids: [ids[0]] },
        )
      for (let i = 0; i < 20; i++) expect(await run()).toBeNull()
      expect(await run()).toMatchObject({ _entities: [{ __typename: 'Media', id: ids[0] }] })
    }
  })

  test('may be written into the query, with variables in them', async () => {
    const query = `query ($id: ID!) {
      _entities(representations: [{ __typename: "Media", id: $id, more: [1, { a: true }] }, { __typename: "Media", id: "${ids[2]}" }]) {
        ... on Media { id } } }`
    expect(idsOf(await gateway.send(query, { id: ids[1] }))).toEqual([ids[1], ids[2]])
  })

  test('none of none', async () => {
    expect((await entities([])).data).toEqual({ _entities: [] })
  })

  test('are at most 1000 in one request', async () => {
    expect((await entities(Array(1000).fill(NEVER))).data._entities).toHaveLength(1000)
    const { data, errors } = await entities(Array(1001).fill(NEVER))
    expect([data, errors?.[0]?.extensions]).toEqual([
      null,
      {
        code: 'BAD_REQUEST',
        requestId: expect.any(String),
        field: ['representations'],
        details: { limit: 1000, actual: 1001 },
      },
    ])
  })
})

describe('a malformed reference is told by its place', () => {
  test.each<[string, unknown, string[]]>([
    ['a text', 'Media', []],
    ['a number', 1, []],
    ['a list', [], []],
    ['without a type', { id: NEVER }, ['__typename']],
    ['of a type that is none', { __typename: 'Nothing', id: NEVER }, ['__typename']],
    ['of a type that is never resolved here', { __typename: 'User', id: 'anna' }, ['__typename']],
    ['of a type by a name of JavaScript', { __typename: 'constructor', id: NEVER }, ['__typename']],
    ['of a type that is no text', { __typename: ['Media'], id: NEVER }, ['__typename']],
    ['without an id', { __typename: 'Media' }, ['id']],
    ['with an id that is null', { __typename: 'Media', id: null }, ['id']],
    ['with an id that is no id', { __typename: 'Media', id: { a: 1 } }, ['id']],
  ])('%s', async (_what, representation, field) => {
    const representations = [...references([ids[0]]), representation]
    const { data, errors } = await gateway.send(ENTITIES, { representations })
    expect(data).toBeNull()
    expect(errors?.map(({ extensions }) => [extensions.code, extensions.field])).toEqual([
      ['BAD_REQUEST', ['representations', '1', ...field]],
    ])
  })

  test.each([[null], ['x'], [{}], [[null]]])('representations that are %j', async representations => {
    const { errors } = await gateway.send(ENTITIES, { representations })
    // What is no list of values fails as a variable does, or, as GraphQL takes one value for a list of it, as a reference.
    expect(['BAD_USER_INPUT', 'BAD_REQUEST']).toContain(errors?.[0]?.extensions.code)
  })

  test('whatever it is, it is no fault of the gateway', async () => {
    const reference = fc.oneof(
      fc.jsonValue(),
      fc.record({ __typename: fc.oneof(fc.constant('Media'), fc.string()), id: fc.jsonValue() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(reference, { maxLength: 5 }), async representations => {
        const { status, data, errors } = await gateway.send(ENTITIES, { representations })
        expect(status).toBeLessThan(500)
        if (errors) expect(['BAD_REQUEST', 'BAD_USER_INPUT']).toContain(errors[0]?.extensions.code)
        else expect(data._entities).toHaveLength(representations.length)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the subgraph', () => {
  test('says what it is to whoever is signed in', async () => {
    const { _service } = await gateway.query('{ _service { sdl } }')
    expect(_service.sdl).toBe(printSubgraphSchema())
    expect((await gateway.as(null).send('{ _service { sdl } }')).status).toBe(401)
  })

  test('keeps silent where introspection is off', async () => {
    const { url, close } = await gateway.beside({ INTROSPECTION: 'off' })
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { authorization: FOREIGN, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
    })
    const { data, errors } = (await answer.json()) as {
      data: unknown
      errors: { extensions: { code: string } }[]
    }
    await close()
    expect([data, errors[0]?.extensions.code]).toEqual([null, 'FORBIDDEN'])
  })

  test('is the schema of the clients with directives, and nothing else', async () => {
    const sdl = parse(printSubgraphSchema())
    const [link, ...definitions] = sdl.definitions
    expect(link && print(link)).toBe(
      `extend schema @link(url: "${FEDERATION_SPEC}", import: ["@cost", "@key", "@listSize", "@shareable", "@tag"])`,
    )
    const plain = printSubgraphSchema()
      .split('\n')
      .slice(2)
      .join('\n')
      .replaceAll(/ @(key|shareable|tag|cost|listSize)(\([^)]*\))?/g, '')
    expect(plain).toBe(`${print(parse(printGatewaySchema()))}\n`)
    expect(definitions.length).toBeGreaterThan(50)
    expect(await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8')).not.toMatch(
      /_entities|_service/,
    )
  })

  test.each([
    [/^type Media implements Node @key\(fields: "id"\) \{$/m],
    [/^type User @key\(fields: "id", resolvable: false\) \{$/m],
    [/^type PageInfo @shareable \{$/m],
    [/^type Geolocation @shareable \{$/m],
    [
      /MediaConnection! @listSize\(assumedSize: 20, slicingArguments: \["first", "last"\], requireOneSlicingArgument: false, sizedFields: \["edges", "nodes"\]\)$/m,
    ],
    [/totalCount: Int! @cost\(weight: \d+\)$/m],
    [/UploadMediaPayload! @tag\(name: "multipart"\)/],
    [/\[Node\]! @tag\(name: "relay"\) @listSize\(assumedSize: \d+\)$/m],
  ])('says %s', line => {
    expect(printSubgraphSchema()).toMatch(line)
  })

  test('gives no cost where it is the usual one', () => {
    expect(printSubgraphSchema()).not.toMatch(/^ {2}(owner|id|updateMedia)\b.*@cost/m)
    expect(printSubgraphSchema()).not.toMatch(/^ {2}(edges|nodes|results): .*@listSize/m)
  })

  test('names nothing in its tables that the schema does not have', () => {
    const schema = buildSchema(printGatewaySchema())
    const exists = (name: string) => {
      const [typeName = '', fieldName] = name.split('.')
      const type = schema.getType(typeName)
      return isObjectType(type) && (!fieldName || fieldName in type.getFields())
    }
    const named = [KEYS, COSTS].flatMap(Object.keys)
    const wrong = [...named, ...SHAREABLE, ...Object.values(TAGS).flat()].filter(name => !exists(name))
    expect(wrong).toEqual([])
  })
})
