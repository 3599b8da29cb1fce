import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { naughtyStrings } from '../support/fixtures.ts'
import { seedMedia } from '../support/seed.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
  const { database } = gateway.app.foundation
  await seedMedia(database, {
    count: 60,
    columns: {
      kind: `(ARRAY['IMAGE', 'VIDEO', 'FILE'])[1 + n % 3]`,
      mime_type: `'type/' || n % 4`,
      status: `CASE WHEN n <= 5 THEN 'FAILED' ELSE 'PENDING' END`,
      tags: `ARRAY['all', 'third ' || n % 3] || CASE WHEN n = 1 THEN ARRAY['Ä', 'a%b', 'all', '日本'] ELSE '{}' END`,
    },
  })
  await seedMedia(database, { count: 1, accountId: 'other', columns: { tags: `'{all,foreign}'` } })
})
afterAll(() => gateway.close())

const TAGS = `query T($first: Int, $after: String, $prefix: String) { tags(first: $first, after: $after, prefix: $prefix) {
  totalCount edges { cursor } nodes { name mediaCount } pageInfo { hasNextPage hasPreviousPage endCursor } } }`
const ALL = [
  { name: 'a%b', mediaCount: 1 },
  { name: 'all', mediaCount: 60 },
  { name: 'third 0', mediaCount: 20 },
  { name: 'third 1', mediaCount: 20 },
  { name: 'third 2', mediaCount: 20 },
  { name: 'Ä', mediaCount: 1 },
  { name: '日本', mediaCount: 1 },
]

async function annasKey() {
  const { key, secret } = await gateway.app.keys.create({
    accountId: 'acme',
    scopes: ['media:read', 'media:create', 'media:update', 'media:delete'],
    owner: { id: 'anna' },
  })
  return gateway.as(`Bearer mgw_${key.id}_${secret}`)
}

describe('tags', () => {
  test('are listed with how many media have them, page by page', async () => {
    expect((await gateway.query(TAGS)).tags).toMatchObject({ totalCount: 7, nodes: ALL })
    const seen: object[] = []
    for (let after: string | null = null; ; ) {
      const {
        tags,
      }: {
        tags: {
          nodes: object[]
          pageInfo: Record<'hasNextPage' | 'hasPreviousPage', boolean> & { endCursor: string | null }
        }
      } = await gateway.query(TAGS, { first: 2, after })
      expect(tags.pageInfo.hasPreviousPage).toBe(after !== null)
      seen.push(...tags.nodes)
      if (!tags.pageInfo.hasNextPage) break
      after = tags.pageInfo.endCursor
    }
    expect(seen).toEqual(ALL)
  })

  test.each([
    ['third', ['third 0', 'third 1', 'third 2']],
    ['a', ['a%b', 'all']],
    ['a%', ['a%b']],
    ['A', []],
    ['日', ['日本']],
    ['third 3', []],
  ])('that begin with %j are %j', async (prefix, expected) => {
    const { tags } = await gateway.query(TAGS, { prefix })
    expect(tags.nodes.map(({ name }: { name: string }) => name)).toEqual(expected)
    expect(tags.totalCount).toBe(expected.length)
  })

  test.each([['\0'], ['\ud800']])('that begin with %j cannot be', async prefix => {
    const { errors } = await gateway.send(TAGS, { prefix })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: ['prefix'] })
  })

  test('are those of media that the viewer may see', async () => {
    const anna = await annasKey()
    expect((await anna.query(TAGS)).tags.nodes).toEqual([])
    await anna.upload({ bytes: Buffer.from('x') }, { tags: ['all', 'own'] })
    expect((await anna.query(TAGS)).tags).toMatchObject({
      totalCount: 2,
      nodes: [
        { name: 'all', mediaCount: 1 },
        { name: 'own', mediaCount: 1 },
      ],
    })
    expect((await gateway.as(FOREIGN).query(TAGS)).tags.nodes).toEqual([
      { name: 'all', mediaCount: 1 },
      { name: 'foreign', mediaCount: 1 },
    ])
  })

  test('of any text are listed by code point, and found by their beginning, by filter and by search', async () => {
    await gateway.app.keys.ensure({ accountId: 'strange', keyId: 'strange', secret: 'secretsecretsecret' })
    const client = gateway.as('Bearer mgw_strange_secretsecretsecret')
    const strange = naughtyStrings.filter(
      text => text.trim() !== '' && [...text].length <= 100 && !text.includes('\0') && text.isWellFormed(),
    )
    const all = [...new Set(strange)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(all.length).toBeGreaterThan(300)
    const ids = new Map<string, string>()
    for (let i = 0; i < all.length; i += 50) {
      const tags = all.slice(i, i + 50)
      const { media, userErrors } = await client.upload({ bytes: Buffer.from('x') }, { tags })
      expect(userErrors).toEqual([])
      for (const tag of tags) ids.set(tag, media.id)
    }
    const listed: string[] = []
    for (let after: string | null = null, more = true; more; ) {
      const {
        tags,
      }: { tags: { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } =
        await client.query(TAGS, { first: 100, after })
      listed.push(...tags.nodes.map(({ name }) => name))
      after = tags.pageInfo.endCursor
      more = tags.pageInfo.hasNextPage
    }
    expect(listed).toEqual(all)
    for (const tag of all) {
      const { tags, byTag, bySearch } = await client.query(
        `query F($tag: String!) { tags(first: 100, prefix: $tag) { nodes { name } }
         byTag: mediaItems(filter: { tag: [$tag] }) { nodes { id } }
         bySearch: mediaItems(first: 100, filter: { search: $tag }) { nodes { id } } }`,
        { tag },
      )
      expect(tags.nodes).toContainEqual({ name: tag })
      expect(byTag.nodes).toEqual([{ id: ids.get(tag) }])
      expect(bySearch.nodes).toContainEqual({ id: ids.get(tag) })
    }
  })

  test('go, come and change with their media', async () => {
    const tagged = async () =>
      (await gateway.query(TAGS, { prefix: 'life/' })).tags.nodes.map(({ name }: { name: string }) => name)
    const { media } = await gateway.upload({ bytes: Buffer.from('x') }, { tags: ['life/1', 'life/2'] })
    expect(await tagged()).toEqual(['life/1', 'life/2'])
    const update = `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { media { tags } } }`
    await gateway.query(update, { input: { id: media.id, tags: ['life/2', 'life/3'] } })
    expect(await tagged()).toEqual(['life/2', 'life/3'])
    await gateway.query(`mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, {
      id: media.id,
    })
    expect(await tagged()).toEqual([])
    const { database } = gateway.app.foundation
    await database.query('UPDATE media SET deleted_at = NULL, purge_at = NULL WHERE id = $1', [media.id])
    expect(await tagged()).toEqual(['life/2', 'life/3'])
    await gateway.query(update, { input: { id: media.id, tags: null } })
    expect(await tagged()).toEqual([])
  })
})

describe('mediaFacets', () => {
  const FACETS = `query F($filter: MediaFilter, $top: Int) { mediaFacets(filter: $filter, top: $top) {
    isComplete kinds { value count } statuses { value count } mimeTypes { value count } tags { value count } } }`
  const seeded = { sourceType: ['unknown'], createdAt: {}, mimeType: ['type/*'] }

  test('counts the media of a filter by what they are, most first', async () => {
    const { mediaFacets } = await gateway.query(FACETS, { filter: { ...seeded, tag: ['third 1'] }, top: 3 })
    expect(mediaFacets).toEqual({
      isComplete: true,
      kinds: [{ value: 'VIDEO', count: 20 }],
      statuses: [
        { value: 'PENDING', count: 18 },
        { value: 'FAILED', count: 2 },
      ],
      mimeTypes: [
        { value: 'type/0', count: 5 },
        { value: 'type/1', count: 5 },
        { value: 'type/2', count: 5 },
      ],
      tags: [
        { value: 'all', count: 20 },
        { value: 'third 1', count: 20 },
        { value: 'a%b', count: 1 },
      ],
    })
  })

  test('agrees with the list of the same filter', async () => {
    const filter = { ...seeded, not: { kind: ['FILE'] } }
    const { mediaFacets, mediaItems } = await gateway.query(
      `query B($filter: MediaFilter) { mediaFacets(filter: $filter) { kinds { count } } mediaItems(filter: $filter) { totalCount } }`,
      { filter },
    )
    const sum = mediaFacets.kinds.reduce((total: number, { count }: { count: number }) => total + count, 0)
    expect([sum, mediaItems.totalCount]).toEqual([40, 40])
  })

  test('of nothing are empty', async () => {
    expect((await gateway.query(FACETS, { filter: { or: [] } })).mediaFacets).toEqual({
      isComplete: true,
      kinds: [],
      statuses: [],
      mimeTypes: [],
      tags: [],
    })
    expect((await gateway.query(`{ mediaFacets { isComplete } }`)).mediaFacets).toEqual({ isComplete: true })
  })

  test('counts what the viewer may see', async () => {
    const anna = await annasKey()
    const { mediaFacets } = await anna.query(FACETS, { filter: seeded })
    expect(mediaFacets.kinds).toEqual([])
    expect((await gateway.as(FOREIGN).query(FACETS)).mediaFacets.tags).toEqual([
      { value: 'all', count: 1 },
      { value: 'foreign', count: 1 },
    ])
  })

  test.each([0, -1, 101])('of the top %d is a clear error', async top => {
    const { errors } = await gateway.send(FACETS, { top })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', field: ['top'] })
  })
})
