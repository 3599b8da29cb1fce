import fc from 'fast-check'
import { startApp, type TestApp } from '../support/app.ts'
import { pageBySpecification, type SpecArguments, type SpecEdge } from '../support/relay-pages.ts'
import { seedMedia } from '../support/seed.ts'

/**
 * Our pages against the algorithm of the Relay cursor specification, on random media, orders, filters and cursors. The whole
 * list is fetched once, as one page of at most 100; what the specification makes of it is what each page must be.
 */
const LIBRARIES = 5
const LISTS_EACH = 12
const PAGES_EACH = 12

const LIST = `query L($first: Int, $after: String, $last: Int, $before: String, $orderBy: MediaOrder, $filter: MediaFilter) {
  list: mediaItems(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`
const COLLECTION = `query C($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { collection(id: $id) {
  list: media(first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`

interface Page {
  readonly totalCount: number
  readonly edges: { cursor: string; node: { id: string } }[]
  readonly pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}
type Fetch = (page: SpecArguments) => Promise<Page>

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

/** Few values each, so that ties and nulls are everywhere. */
const library = fc.record({
  count: fc.integer({ min: 0, max: 100 }),
  spread: fc.integer({ min: 1, max: 12 }),
  salt: fc.integer({ min: 0, max: 1_000 }),
})

async function fill({ count, spread, salt }: { count: number; spread: number; salt: number }) {
  const { database } = gateway.app.foundation
  await database.query('DELETE FROM media')
  const dice = (name: string) => `abs(hashtext('${name}' || n || '/${salt}')) % ${spread}`
  return seedMedia(database, {
    count,
    columns: {
      name: `CASE WHEN ${dice('name')} = 0 THEN NULL ELSE chr(64 + (${dice('name')})::int) || n END`,
      original_file_name: `'f' || ${dice('file')}`,
      title: `CASE WHEN ${dice('title')} = 0 THEN NULL ELSE 'title ' || ${dice('title')} END`,
      size: `nullif(${dice('size')}, 0)`,
      created_at: `timestamptz '2026-01-01' + (${dice('created')}) * interval '1 millisecond'`,
      updated_at: `timestamptz '2026-02-01' + (${dice('updated')}) * interval '1 hour'`,
      kind: `(ARRAY['IMAGE', 'VIDEO', 'FILE'])[1 + ${dice('kind')} % 3]`,
      tags: `CASE WHEN ${dice('tag')} % 2 = 0 THEN '{even}'::text[] ELSE '{}' END`,
    },
  })
}

const orderBy = fc.record({
  field: fc.constantFrom('CREATED_AT', 'UPDATED_AT', 'NAME', 'ORIGINAL_FILE_NAME', 'TITLE', 'SIZE'),
  direction: fc.constantFrom('ASC', 'DESC'),
})
const filter = fc.constantFrom(
  null,
  {},
  { kind: ['IMAGE', 'VIDEO'] },
  { tag: ['even'] },
  { not: { tag: ['even'] } },
  { or: [{ size: { gte: 2 } }, { search: 'title' }] },
  { kind: [] },
)

/** Where a page begins and ends: places in the list, taken modulo its length, or none. */
const place = fc.option(fc.nat(200), { freq: 2 })
const pageRequest = fc.record({
  limit: fc.option(fc.integer({ min: 0, max: 100 }), { freq: 8 }),
  backward: fc.boolean(),
  after: place,
  before: place,
})
type PageRequest = typeof pageRequest extends fc.Arbitrary<infer T> ? T : never

function argumentsOf(
  { limit, backward, after, before }: PageRequest,
  all: readonly SpecEdge[],
): SpecArguments {
  const cursor = (n: number | null) =>
    n === null ? null : (all[n % Math.max(1, all.length)]?.cursor ?? null)
  return {
    ...(backward && limit !== null ? { last: limit } : { first: limit }),
    after: cursor(after),
    before: cursor(before),
  }
}

let compared = 0
async function compare(fetchPage: Fetch, requests: readonly PageRequest[]): Promise<void> {
  const whole = await fetchPage({ first: 100 })
  const all = whole.edges.map(({ cursor, node }) => ({ cursor, node: node.id }))
  expect(whole.totalCount).toBe(all.length)
  expect(new Set(all.map(({ cursor }) => cursor)).size).toBe(all.length)
  for (const request of requests) {
    const page = argumentsOf(request, all)
    const ours = await fetchPage(page)
    // Without first and last, the page has our default size.
    const expected = pageBySpecification(
      all,
      page.first == null && page.last == null ? { ...page, first: 20 } : page,
    )
    expect({ page, edges: ours.edges.map(({ cursor, node }) => ({ cursor, node: node.id })) }).toEqual({
      page,
      edges: expected.edges,
    })
    expect({ page, info: ours.pageInfo }).toEqual({
      page,
      info: {
        hasNextPage: expected.hasNextPage,
        hasPreviousPage: expected.hasPreviousPage,
        startCursor: expected.edges[0]?.cursor ?? null,
        endCursor: expected.edges.at(-1)?.cursor ?? null,
      },
    })
    expect(ours.totalCount).toBe(all.length)
    compared += 1
  }
}

test('every page of media is what the specification makes of the whole list', async () => {
  const lists = fc.array(
    fc.tuple(orderBy, filter, fc.array(pageRequest, { minLength: PAGES_EACH, maxLength: PAGES_EACH })),
    {
      minLength: LISTS_EACH,
      maxLength: LISTS_EACH,
    },
  )
  await fc.assert(
    fc.asyncProperty(library, lists, async (media, all) => {
      await fill(media)
      for (const [order, which, requests] of all) {
        await compare(
          async page => (await gateway.query(LIST, { ...page, orderBy: order, filter: which })).list,
          requests,
        )
      }
    }),
    { numRuns: LIBRARIES, endOnFailure: true },
  )
  expect(compared).toBe(LIBRARIES * LISTS_EACH * PAGES_EACH)
})

test('so is every page of a collection, whatever was moved and removed in it', async () => {
  const moves = fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.boolean()), { maxLength: 20 })
  const { createCollection } = await gateway.query(
    `mutation { createCollection(input: { name: "moved" }) { collection { id } } }`,
  )
  const { id } = createCollection.collection
  const add = `mutation A($input: AddToCollectionInput!) { addToCollection(input: $input) { userErrors { code } } }`
  await fc.assert(
    fc.asyncProperty(
      library,
      moves,
      fc.array(pageRequest, { minLength: 10, maxLength: 20 }),
      async (media, steps, requests) => {
        const ids = await fill(media)
        const model = [...ids]
        await gateway.query(add, { input: { collectionId: id, mediaIds: ids } })
        for (const [from, to, ahead] of steps) {
          const [one = '', anchor = ''] = [ids[from % ids.length], ids[to % ids.length]]
          if (one === anchor) continue
          await gateway.query(add, {
            input: { collectionId: id, mediaIds: [one], [ahead ? 'before' : 'after']: anchor },
          })
          model.splice(model.indexOf(one), 1)
          model.splice(model.indexOf(anchor) + (ahead ? 0 : 1), 0, one)
        }
        const fetchPage: Fetch = async page =>
          (await gateway.query(COLLECTION, { id, ...page })).collection.list
        expect((await fetchPage({ first: 100 })).edges.map(({ node }) => node.id)).toEqual(model)
        await compare(fetchPage, requests)
      },
    ),
    { numRuns: 8, endOnFailure: true },
  )
})
