import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { naughtyStrings } from '../support/fixtures.ts'

let gateway: TestApp
const ids: Record<string, string> = {}

const SAMPLES = {
  note: {
    text: 'plain text',
    input: {
      name: 'notes/one',
      title: 'Größe 100%',
      tags: ['red', 'big'],
      ...{ sourceType: 'scan', groupIds: ['g1', 'g2'], conversationId: 'c1' },
    },
  },
  page: {
    text: '<!doctype html><p>hi',
    input: { title: 'Страница', description: 'under_score', tags: ['red'], public: true },
  },
  data: {
    text: '{"a":1}',
    input: {
      metadata: { invoice: 'Rechnung 42', list: [{ a: 'quo"ted' }, 'Tokyo'] },
      title: '東京都',
      altText: 'οδός',
      metadataPrimary: 'back\\slash',
      tags: ['small'],
    },
  },
}

beforeAll(async () => {
  gateway = await startApp()
  for (const [key, { text, input }] of Object.entries(SAMPLES)) {
    const fileName = { note: 'note.txt', page: 'page.html', data: 'data.json' }[key]
    const { media, userErrors } = await gateway.upload({ bytes: Buffer.from(text), fileName }, input)
    expect(userErrors).toEqual([])
    ids[key] = media.id
  }
})
afterAll(() => gateway.close())

async function found(filter: object): Promise<string[]> {
  const { mediaItems } = await gateway.query(
    `query Find($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount nodes { id } } }`,
    { filter },
  )
  expect(mediaItems.totalCount).toBe(mediaItems.nodes.length)
  return mediaItems.nodes
    .map(({ id }: { id: string }) => Object.keys(ids).find(key => ids[key] === id) ?? id)
    .sort()
}

test.each([
  [{}, ['data', 'note', 'page']],
  [{ kind: ['DOCUMENT'] }, ['note']],
  [{ kind: ['DOCUMENT', 'FILE'] }, ['data', 'note', 'page']],
  [{ kind: [] }, []],
  [{ mimeType: ['text/html'] }, ['page']],
  [{ mimeType: ['TEXT/HTML', 'application/json'] }, ['data', 'page']],
  [{ mimeType: ['text/*'] }, ['note', 'page']],
  [{ tag: ['red'] }, ['note', 'page']],
  [{ tag: ['big', 'small'] }, ['data', 'note']],
  [{ tag: ['red'], kind: ['DOCUMENT'] }, ['note']],
  [{ createdAt: { gte: '2000-01-01T00:00:00Z' } }, ['data', 'note', 'page']],
  [{ createdAt: { lt: '2000-01-01T00:00:00Z' } }, []],
  [{ createdAt: { gt: '2000-01-01T00:00:00+02:00', lte: '2999-01-01T00:00:00Z' } }, ['data', 'note', 'page']],
  [{ fileName: 'NOTE' }, ['note']],
  [{ fileName: 'e.' }, ['note', 'page']],
  [{ fileName: '%' }, []],
  [{ fileName: '_' }, []],
  [{ fileName: '' }, ['data', 'note', 'page']],
  // In a title, and in no name.
  [{ fileName: '東京' }, []],
  [{ not: { fileName: 'note' } }, ['data', 'page']],
  [{ search: 'größe' }, ['note']],
  [{ search: 'GRÖSSE' }, []],
  [{ search: 'GRÖßE' }, ['note']],
  [{ search: 'große' }, ['note']],
  [{ search: 'Gro\u0308ße' }, ['note']],
  [{ search: '"Größe 100%"' }, ['note']],
  [{ search: '"100% Größe"' }, []],
  [{ search: '100% Größe' }, ['note']],
  [{ search: '"größe' }, []],
  [{ search: 'тран' }, ['page']],
  [{ search: '京' }, ['data']],
  [{ search: '東京' }, ['data']],
  [{ search: '京都' }, ['data']],
  [{ search: '東都' }, []],
  [{ search: '"東京 京都"' }, []],
  [{ search: 'ｔｏｋｙｏ' }, ['data']],
  [{ search: 'ΟΔΌΣ' }, ['data']],
  [{ search: 'οδος' }, ['data']],
  [{ search: 'quo"ted' }, ['data']],
  [{ search: '":' }, []],
  [{ search: 'invoice' }, ['data']],
  [{ search: 'red' }, ['note', 'page']],
  [{ search: 'СТРАНИЦА' }, ['page']],
  [{ search: '100%' }, ['note']],
  [{ search: '10%%' }, []],
  [{ search: 'r_s' }, ['page']],
  [{ search: 'k\\s' }, ['data']],
  [{ search: 'rechnung' }, ['data']],
  [{ search: 'one notes' }, ['note']],
  [{ search: 'page.html' }, ['page']],
  [{ search: '  ' }, ['data', 'note', 'page']],
  [{ status: ['COMPLETED'] }, ['data', 'note', 'page']],
  [{ status: ['FAILED', 'PENDING'] }, []],
  [{ scan: ['NOT_CONFIGURED'] }, ['data', 'note', 'page']],
  [{ scan: ['INFECTED', 'CLEAN'] }, []],
  [{ sourceType: ['unknown'] }, ['data', 'page']],
  [{ sourceType: 'scan' }, ['note']],
  [{ name: ['notes/one'] }, ['note']],
  [{ name: ['NOTES/ONE', ''] }, []],
  [{ groupId: ['g2', 'g9'] }, ['note']],
  [{ conversationId: ['c1'] }, ['note']],
  [{ not: { conversationId: ['c1'] } }, ['data', 'page']],
  [{ ownerId: ['anybody'] }, []],
  [{ ownerId: ['x', 'y'] }, []],
  [{ collectionId: ['col_01234567-89ab-7def-8123-456789abcdef', 'nonsense'] }, []],
  [{ public: true }, ['page']],
  [{ public: false }, ['data', 'note']],
  [{ expired: true }, []],
  [{ expired: false }, ['data', 'note', 'page']],
  [{ size: { gte: 10 } }, ['note', 'page']],
  [{ size: { gt: 7, lt: 20 } }, ['note']],
  [{ size: { gte: '7', lte: 7 } }, ['data']],
  [{ size: { gte: Number.MAX_SAFE_INTEGER } }, []],
  [{ updatedAt: { gte: '2000-01-01T00:00:00Z' } }, ['data', 'note', 'page']],
  [{ createdAt: { gte: '0000-01-01T00:00:00Z', lte: '9999-12-31T23:59:59Z' } }, ['data', 'note', 'page']],
  [{ sha256: ['50F5B9D7B9DEDCF5FFFC0CD1E5E3BEBD'] }, []],
  [{ and: [] }, ['data', 'note', 'page']],
  [{ or: [] }, []],
  [{ not: {} }, []],
  [{ not: { or: [] } }, ['data', 'note', 'page']],
  [{ not: { kind: [] } }, ['data', 'note', 'page']],
  [{ or: [{ tag: ['small'] }, { public: true }] }, ['data', 'page']],
  [{ and: [{ tag: ['red'] }, { not: { public: true } }] }, ['note']],
  [{ and: { tag: 'red' }, or: [{ kind: 'DOCUMENT' }] }, ['note']],
  [{ not: { not: { tag: ['red'] } } }, ['note', 'page']],
  [{ not: { search: 'red' } }, ['data']],
  [{ and: null, or: null, not: null, deleted: null }, ['data', 'note', 'page']],
  [{ deleted: false }, ['data', 'note', 'page']],
])('%j finds %j', async (filter, expected) => {
  expect(await found(filter)).toEqual(expected)
})

test.each([
  ['search', { search: 'x'.repeat(501) }],
  ['tag', { tag: Array.from({ length: 101 }, (_, i) => `t${i}`) }],
  ['search', { search: 'a\0b' }],
  ['mimeType', { mimeType: ['\ud800'] }],
])('a filter by %s that is too much is refused', async (field, filter) => {
  const { errors } = await gateway.send(
    `query F($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount } }`,
    { filter },
  )
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: ['filter', field] })
})

const nested = (depth: number): object => (depth === 1 ? { public: true } : { not: nested(depth - 1) })

test.each([
  ['is nested too deeply', nested(6), ['filter', 'not', 'not', 'not', 'not', 'not']],
  ['has too many parts', { or: Array.from({ length: 50 }, () => ({})) }, ['filter', 'or', '49']],
  [
    'has too many values',
    { or: Array.from({ length: 6 }, () => ({ tag: Array.from({ length: 90 }, (_, i) => `t${i}`) })) },
    ['filter', 'or', '5', 'tag'],
  ],
  [
    'has too much to search for',
    { and: [{ search: 'x'.repeat(300) }, { search: 'y'.repeat(300) }] },
    ['filter', 'and', '1', 'search'],
  ],
  ['looks for the trash in a part of it', { not: { deleted: true } }, ['filter', 'not', 'deleted']],
  [
    'holds U+0000 in a part of it',
    { or: [{ not: { ownerId: ['\0'] } }] },
    ['filter', 'or', '0', 'not', 'ownerId'],
  ],
])('a filter that %s is refused, and the place is named', async (_, filter, field) => {
  const { errors } = await gateway.send(
    `query F($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount } }`,
    { filter },
  )
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field })
})

test('a filter that is nested to the limit is taken', async () => {
  expect(await found(nested(5))).toEqual(['page'])
})

describe('the trash', () => {
  const TRASH = `query T($filter: MediaFilter) { mediaItems(filter: $filter) { totalCount nodes { id deletedAt } } }`
  const keyOf = async (scopes: string[], owner?: string, groupIds: string[] = []) => {
    const { key, secret } = await gateway.app.keys.create({
      accountId: 'acme',
      scopes: scopes as never,
      ...(owner ? { owner: { id: owner }, groupIds } : {}),
    })
    return gateway.as(`Bearer mgw_${key.id}_${secret}`)
  }

  test('is for who may delete, and holds what they could have deleted', async () => {
    const all = ['media:read', 'media:create', 'media:update', 'media:delete']
    const dora = await keyOf(all, 'dora')
    const { media } = await dora.upload(
      { bytes: Buffer.from('x') },
      { title: 'thrown away', tags: ['rubbish'], groupIds: ['g7'] },
    )
    await dora.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, {
      id: media.id,
    })
    const trash = { deleted: true, search: 'thrown' }
    for (const client of [dora, gateway]) {
      const { mediaItems } = await client.query(TRASH, { filter: trash })
      expect(mediaItems).toEqual({ totalCount: 1, nodes: [{ id: media.id, deletedAt: expect.any(String) }] })
      expect((await client.query(TRASH, { filter: { search: 'thrown' } })).mediaItems.totalCount).toBe(0)
      expect((await client.query(`{ tags(first: 100) { nodes { name } } }`)).tags.nodes).not.toContainEqual({
        name: 'rubbish',
      })
    }
    // What may be seen by way of a group, the group may not delete.
    for (const groups of [[], ['g7']]) {
      const emil = await keyOf(all, 'emil', groups)
      expect((await emil.query(TRASH, { filter: trash })).mediaItems.totalCount).toBe(0)
    }
    expect((await gateway.as(FOREIGN).query(TRASH, { filter: trash })).mediaItems.totalCount).toBe(0)
    const reader = await keyOf(['media:read'])
    const { errors } = await reader.send(TRASH, { filter: trash })
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

test("an owner's media are found by the id of your own system, within the account alone", async () => {
  const { key, secret } = await gateway.app.keys.create({
    accountId: 'other',
    scopes: ['media:read', 'media:create'],
    owner: { id: 'fred' },
  })
  const fred = gateway.as(`Bearer mgw_${key.id}_${secret}`)
  const { media } = await fred.upload({ bytes: Buffer.from('x') })
  const query = `query O($filter: MediaFilter) { mediaItems(filter: $filter) { nodes { id } } }`
  for (const ownerId of [['fred'], ['fred', 'nobody']]) {
    expect((await fred.query(query, { filter: { ownerId } })).mediaItems.nodes).toEqual([{ id: media.id }])
    expect((await gateway.query(query, { filter: { ownerId } })).mediaItems.nodes).toEqual([])
  }
})

test('a field that is no filter is refused, not ignored', async () => {
  const { status, errors } = await gateway.send(`{ mediaItems(filter: { secretHash: "x" }) { totalCount } }`)
  expect(status).toBe(400)
  expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
})

test('no naughty string breaks a search, and each finds the media that is called so', async () => {
  const query = `query Find($filter: MediaFilter) { mediaItems(filter: $filter) { nodes { title } } }`
  const storable = naughtyStrings.filter(
    text => !text.includes('\0') && text.isWellFormed() && text.length <= 500,
  )
  expect(storable.length).toBeGreaterThan(400)
  const { media } = await gateway.upload({ bytes: Buffer.from('x'), fileName: 'x.txt' })
  for (const title of storable) {
    const { updateMedia } = await gateway.query(
      `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { media { title } userErrors { code } } }`,
      { input: { id: media.id, title } },
    )
    expect(updateMedia).toEqual({ media: { title }, userErrors: [] })
    const { mediaItems } = await gateway.query(query, { filter: { search: title } })
    expect(mediaItems.nodes).toContainEqual({ title })
  }
})
