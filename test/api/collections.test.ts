import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import type { GraphQLClient } from '../support/gql.ts'

let gateway: TestApp
let anna: GraphQLClient
let berta: GraphQLClient
beforeAll(async () => {
  gateway = await startApp()
  anna = await keyFor('anna')
  berta = await keyFor('berta')
})
afterAll(() => gateway.close())

async function keyFor(owner: string): Promise<GraphQLClient> {
  const { key, secret } = await gateway.app.keys.create({
    accountId: 'acme',
    scopes: ['media:read', 'media:create', 'media:update', 'media:delete'],
    owner: { id: owner },
  })
  return gateway.as(`Bearer mgw_${key.id}_${secret}`)
}

const CREATE = `mutation C($input: CreateCollectionInput!) { createCollection(input: $input) {
  clientMutationId collection { id name description createdAt updatedAt } userErrors { __typename code field } } }`
const UPDATE = `mutation U($input: UpdateCollectionInput!) { updateCollection(input: $input) {
  collection { id name description } userErrors { __typename code field } } }`
const DELETE = `mutation D($input: DeleteCollectionInput!) { deleteCollection(input: $input) {
  deletedCollectionId userErrors { __typename code field } } }`
const ADD = `mutation A($input: AddToCollectionInput!) { addToCollection(input: $input) {
  collection { media(first: 100) { totalCount nodes { id } } } userErrors { __typename code field } } }`
const REMOVE = `mutation R($input: RemoveFromCollectionInput!) { removeFromCollection(input: $input) {
  removedMediaIds collection { media(first: 100) { totalCount nodes { id } } } userErrors { __typename code field } } }`
const CONTENTS = `query L($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { collection(id: $id) {
  media(first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`

async function collection(client: GraphQLClient = gateway, name = 'C'): Promise<string> {
  const { createCollection } = await client.query(CREATE, { input: { name } })
  expect(createCollection.userErrors).toEqual([])
  return createCollection.collection.id
}

async function media(client: GraphQLClient, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) ids.push((await client.upload({ bytes: Buffer.from('x') })).media.id)
  return ids
}

async function contents(client: GraphQLClient, id: string): Promise<string[]> {
  const { collection } = await client.query(CONTENTS, { id, first: 100 })
  expect(collection.media.totalCount).toBe(collection.media.nodes.length)
  return collection.media.nodes.map((node: { id: string }) => node.id)
}

async function add(input: object): Promise<{ userErrors: object[] }> {
  return (await gateway.query(ADD, { input })).addToCollection
}

describe('a collection', () => {
  test('is made, found, changed and deleted', async () => {
    const { createCollection } = await gateway.query(CREATE, {
      input: { name: 'Größe', description: 'D', clientMutationId: 'm' },
    })
    const { id } = createCollection.collection
    expect(createCollection).toEqual({
      clientMutationId: 'm',
      collection: expect.objectContaining({
        id: expect.stringMatching(/^col_/),
        name: 'Größe',
        description: 'D',
      }),
      userErrors: [],
    })
    const changed = await gateway.query(UPDATE, { input: { id, description: null } })
    expect(changed.updateCollection).toEqual({
      collection: { id, name: 'Größe', description: null },
      userErrors: [],
    })
    const { node } = await gateway.query(`query N($id: ID!) { node(id: $id) { __typename id } }`, { id })
    expect(node).toEqual({ __typename: 'Collection', id })
    expect((await gateway.query(DELETE, { input: { id } })).deleteCollection).toEqual({
      deletedCollectionId: id,
      userErrors: [],
    })
    expect((await gateway.query(DELETE, { input: { id } })).deleteCollection.userErrors).toEqual([
      { __typename: 'NotFoundError', code: 'NOT_FOUND', field: ['input', 'id'] },
    ])
  })

  test.each([
    ['name', { name: '' }],
    ['name', { name: ' \t' }],
    ['name', { name: 'x'.repeat(201) }],
    ['name', { name: 'a\0b' }],
    ['description', { name: 'x', description: '\ud800' }],
    ['description', { name: 'x', description: 'x'.repeat(10_001) }],
  ])('with a %s that is not allowed is refused', async (field, input) => {
    const { createCollection } = await gateway.query(CREATE, { input })
    expect(createCollection).toMatchObject({
      collection: null,
      userErrors: [{ code: 'INVALID_INPUT', field: ['input', field] }],
    })
  })

  test.each([
    '',
    'col_',
    'col_x\0',
    'nonsense',
    'col_01234567-89ab-7def-8123-456789abcdef',
    `col_${'9'.repeat(9999)}`,
  ])('of the id %j is not there', async id => {
    expect(
      (await gateway.query(`query C($id: ID!) { collection(id: $id) { id } }`, { id })).collection,
    ).toBeNull()
    expect(
      (await gateway.query(ADD, { input: { collectionId: id, mediaIds: [] } })).addToCollection,
    ).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', field: ['input', 'collectionId'] }],
    })
  })

  test('takes none of its media with it when it is deleted', async () => {
    const id = await collection()
    const [first = ''] = await media(gateway, 1)
    await add({ collectionId: id, mediaIds: [first] })
    await gateway.query(DELETE, { input: { id } })
    expect((await gateway.query(`query M($id: ID!) { media(id: $id) { id } }`, { id: first })).media).toEqual(
      {
        id: first,
      },
    )
  })

  test('is listed by name, page by page', async () => {
    const other = gateway.as(FOREIGN)
    for (const name of ['b', 'a', 'Ä', 'B']) await collection(other, name)
    const query = `query L($after: String) { collections(first: 3, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }`
    const { collections } = await other.query(query)
    expect(collections).toMatchObject({
      totalCount: 4,
      nodes: [{ name: 'B' }, { name: 'a' }, { name: 'b' }],
      pageInfo: { hasNextPage: true },
    })
    const rest = await other.query(query, { after: collections.pageInfo.endCursor })
    expect(rest.collections).toMatchObject({ nodes: [{ name: 'Ä' }], pageInfo: { hasNextPage: false } })
  })
})

describe('the order of a collection', () => {
  let id: string
  let m: string[]
  beforeEach(async () => {
    id = await collection()
    m = await media(gateway, 5)
    expect((await add({ collectionId: id, mediaIds: m.slice(0, 4) })).userErrors).toEqual([])
  })
  const at = (...places: number[]) => places.map(i => m[i])

  test('is the one in which media were added; adding again moves nothing', async () => {
    await add({ collectionId: id, mediaIds: at(1, 4, 4) })
    expect(await contents(gateway, id)).toEqual(at(0, 1, 2, 3, 4))
  })

  test.each([
    ['behind the first', { mediaIds: [4], after: 0 }, [0, 4, 1, 2, 3]],
    ['ahead of the first', { mediaIds: [4], before: 0 }, [4, 0, 1, 2, 3]],
    ['behind the last', { mediaIds: [0], after: 3 }, [1, 2, 3, 0]],
    ['ahead of the last', { mediaIds: [4, 0], before: 3 }, [1, 2, 4, 0, 3]],
    ['to where they are', { mediaIds: [1], after: 0 }, [0, 1, 2, 3]],
    ['turned round', { mediaIds: [3, 2, 1], after: 0 }, [0, 3, 2, 1]],
  ])('media are put %s', async (_, { mediaIds, ...place }, expected) => {
    const places = Object.fromEntries(Object.entries(place).map(([side, i]) => [side, m[i]]))
    expect((await add({ collectionId: id, mediaIds: at(...mediaIds), ...places })).userErrors).toEqual([])
    expect(await contents(gateway, id)).toEqual(at(...expected))
  })

  test('holds when media are put into the same place more often than it can be halved', async () => {
    const moved = at(1, 2)
    for (let i = 0; i < 80; i++) {
      const [next = ''] = [moved[i % 2]]
      expect((await add({ collectionId: id, mediaIds: [next], after: m[0] })).userErrors).toEqual([])
      expect((await contents(gateway, id)).slice(0, 2)).toEqual([m[0], next])
    }
    expect((await contents(gateway, id)).sort()).toEqual(at(0, 1, 2, 3).sort())
  })

  test('loses nothing when it is changed by many at once', async () => {
    const more = await media(gateway, 20)
    await Promise.all(
      more.map((one, i) =>
        add({ collectionId: id, mediaIds: [one], ...(i < 10 ? { after: m[i % 4] } : {}) }),
      ),
    )
    // Each change found the one before it: no two took the same place.
    const [places] = await gateway.app.foundation.database.query(
      'SELECT count(DISTINCT position)::int AS n FROM collection_media WHERE collection_id = $1',
      [id.slice('col_'.length)],
    )
    expect(places).toEqual({ n: 24 })
    const all = await contents(gateway, id)
    expect(new Set(all)).toEqual(new Set([...m.slice(0, 4), ...more]))
    expect(all.filter(one => m.includes(one))).toEqual(m.slice(0, 4))
  })

  test.each([
    ['both sides', () => ({ mediaIds: at(4), after: m[0], before: m[1] }), 'INVALID_INPUT', 'after'],
    ['itself', () => ({ mediaIds: at(4, 0), after: m[0] }), 'INVALID_INPUT', 'after'],
    ['what is not in it', () => ({ mediaIds: at(0), before: m[4] }), 'NOT_FOUND', 'before'],
    ['what is no id', () => ({ mediaIds: at(0), after: 'x\0' }), 'NOT_FOUND', 'after'],
    ['too many', () => ({ mediaIds: Array.from({ length: 101 }, () => m[4]) }), 'INVALID_INPUT', 'mediaIds'],
  ])('is not changed by %s', async (_, input, code, field) => {
    expect((await add({ collectionId: id, ...input() })).userErrors).toEqual([
      expect.objectContaining({ code, field: ['input', field] }),
    ])
    expect(await contents(gateway, id)).toEqual(at(0, 1, 2, 3))
  })

  test('is not changed by an addition of which one media is not there', async () => {
    const { userErrors } = await add({ collectionId: id, mediaIds: [m[4], 'nothing'] })
    expect(userErrors).toEqual([
      { __typename: 'NotFoundError', code: 'NOT_FOUND', field: ['input', 'mediaIds', '1'] },
    ])
    expect(await contents(gateway, id)).toEqual(at(0, 1, 2, 3))
  })

  test('is walked in both directions, and its cursors belong to it alone', async () => {
    const page = async (variables: object) =>
      (await gateway.query(CONTENTS, { id, ...variables })).collection.media
    const first = await page({ first: 3 })
    expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual(at(0, 1, 2))
    const { endCursor } = first.pageInfo
    expect(await page({ first: 3, after: endCursor })).toMatchObject({
      totalCount: 4,
      nodes: [{ id: m[3] }],
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    })
    expect((await page({ last: 1, before: endCursor })).nodes).toEqual([{ id: m[1] }])
    const other = await collection()
    const { errors } = await gateway.send(CONTENTS, { id: other, after: endCursor })
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('does not belong to this list'),
      extensions: { code: 'BAD_REQUEST' },
    })
  })

  test('keeps the place of what is in the trash, without showing or counting it', async () => {
    await gateway.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { userErrors { code } } }`, {
      id: m[1],
    })
    expect(await contents(gateway, id)).toEqual(at(0, 2, 3))
    await gateway.app.foundation.database.query(
      'UPDATE media SET deleted_at = NULL, purge_at = NULL WHERE id = $1',
      [m[1]],
    )
    expect(await contents(gateway, id)).toEqual(at(0, 1, 2, 3))
  })

  test('closes up when media are taken out; what is not in it is no error', async () => {
    const { removeFromCollection } = await gateway.query(REMOVE, {
      input: { collectionId: id, mediaIds: [m[1], m[1], m[4], 'nothing'] },
    })
    expect(removeFromCollection).toMatchObject({
      removedMediaIds: [m[1]],
      collection: { media: { totalCount: 3 } },
      userErrors: [],
    })
    expect(await contents(gateway, id)).toEqual(at(0, 2, 3))
  })
})

describe('who sees what', () => {
  test("an owner sees the account's collections and, in them, what is its own alone", async () => {
    const id = await collection()
    const [mine = ''] = await media(anna, 1)
    const [theirs = ''] = await media(berta, 1)
    await add({ collectionId: id, mediaIds: [mine, theirs] })
    expect(await contents(anna, id)).toEqual([mine])
    expect(await contents(berta, id)).toEqual([theirs])
    expect(await contents(gateway, id)).toEqual([mine, theirs])
    const { errors } = await anna.send(UPDATE, { input: { id, name: 'taken' } })
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    const refused = await anna.send(REMOVE, { input: { collectionId: id, mediaIds: [theirs] } })
    expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test("another owner's collection is as if it never was, also as a filter and on a media", async () => {
    const id = await collection(anna, 'private')
    const [mine = ''] = await media(anna, 1)
    await gateway.query(ADD, { input: { collectionId: id, mediaIds: [mine] } })
    const seen = (client: GraphQLClient) =>
      client.query(
        `query S($id: ID!) { collection(id: $id) { id } mediaItems(filter: { collectionId: [$id] }) { totalCount }
         collections(first: 100) { nodes { id } } }`,
        { id },
      )
    expect(await seen(anna)).toMatchObject({ collection: { id }, mediaItems: { totalCount: 1 } })
    const { collection: found, mediaItems, collections } = await seen(berta)
    expect([found, mediaItems.totalCount]).toEqual([null, 0])
    expect(collections.nodes).not.toContainEqual({ id })
    // Shared by its group, the media is berta's to see; in which of anna's collections it is, is not.
    const group = await gateway.app.keys.create({
      accountId: 'acme',
      scopes: ['media:read'],
      owner: { id: 'carla' },
      groupIds: ['g'],
    })
    await anna.query(
      `mutation G($id: ID!) { updateMedia(input: { id: $id, groupIds: ["g"] }) { userErrors { code } } }`,
      { id: mine },
    )
    const carla = gateway.as(`Bearer mgw_${group.key.id}_${group.secret}`)
    const query = `query M($id: ID!) { media(id: $id) { collections { totalCount nodes { id } } } }`
    expect((await carla.query(query, { id: mine })).media.collections).toEqual({ totalCount: 0, nodes: [] })
    expect((await anna.query(query, { id: mine })).media.collections).toEqual({
      totalCount: 1,
      nodes: [{ id }],
    })
  })

  test("nobody puts another account's media into a collection", async () => {
    const [foreign = ''] = await media(gateway.as(FOREIGN), 1)
    const id = await collection()
    expect((await add({ collectionId: id, mediaIds: [foreign] })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', field: ['input', 'mediaIds', '0'] },
    ])
  })
})
