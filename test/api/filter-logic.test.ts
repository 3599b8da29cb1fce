import fc from 'fast-check'
import { startApp, type TestApp } from '../support/app.ts'
import { seedMedia } from '../support/seed.ts'

/**
 * Filters of any shape against the same filters on plain objects: two-valued, so that `not` brings exactly what was left out,
 * with what has no value at all among it.
 */
interface Item {
  readonly id: string
  readonly kind: string
  readonly scan: string
  readonly name: string | null
  readonly file: string
  readonly conversationId: string | null
  readonly size: number | null
  readonly tags: readonly string[]
  readonly public: boolean
  readonly expired: boolean
}
// biome-ignore lint/suspicious/noExplicitAny: a filter is an input of any shape.
type Filter = Record<string, any>

let gateway: TestApp
let items: Item[]
beforeAll(async () => {
  gateway = await startApp()
  const { database } = gateway.app.foundation
  await seedMedia(database, {
    count: 90,
    columns: {
      kind: `(ARRAY['IMAGE', 'VIDEO', 'FILE'])[1 + n % 3]`,
      scan: `(ARRAY['CLEAN', 'INFECTED', 'ERROR'])[1 + n % 3]`,
      name: `CASE WHEN n % 4 = 0 THEN NULL ELSE 'name ' || n END`,
      conversation_id: `CASE WHEN n % 5 < 2 THEN NULL ELSE 'c' || n % 5 END`,
      size: `CASE WHEN n % 7 = 0 THEN NULL ELSE n % 7 END`,
      tags: `CASE WHEN n % 2 = 0 THEN '{}'::text[] ELSE ARRAY['t' || n % 3, 'u' || n % 5] END`,
      public: 'n % 3 = 0',
      open_holds: 'n / 3 % 2',
      expires_by: `'given'`,
      expires_at: `CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN now() - interval '1 day' ELSE now() + interval '1 day' END`,
    },
  })
  await database.query(
    `INSERT INTO legal_hold (id, account_id, media_id, reason, author)
     SELECT gen_random_uuid(), account_id, id, 'r', 'key:k' FROM media WHERE open_holds = 1`,
  )
  items = await database.query<Item>(
    `SELECT id, kind, scan, name, original_file_name AS file, conversation_id AS "conversationId", size::int, tags, public,
       coalesce(expires_at <= now() AND open_holds = 0, false) AS expired FROM media`,
  )
})
afterAll(() => gateway.close())

const oneOf = (...values: string[]) => fc.subarray(values)
const bounds = fc.record(
  { gt: fc.nat(7), gte: fc.nat(7), lt: fc.nat(7), lte: fc.nat(7) },
  { requiredKeys: [] },
)
const leaves = {
  kind: oneOf('IMAGE', 'VIDEO', 'FILE'),
  scan: oneOf('CLEAN', 'INFECTED', 'PENDING'),
  conversationId: oneOf('c2', 'c3', 'c4', 'none'),
  name: oneOf('name 1', 'name 2', 'name 3'),
  tag: oneOf('t0', 't1', 'u3'),
  size: bounds,
  fileName: fc.constantFrom('file-1', 'FILE-2', '3.b', '%', ''),
  public: fc.boolean(),
  expired: fc.boolean(),
}

/** Of at most two parts, else nothing is ever found. */
const combined = (parts: fc.Arbitrary<Filter>[]): fc.Arbitrary<Filter> =>
  fc.array(fc.oneof(...parts), { maxLength: 2 }).map(some => Object.assign({}, ...some))
const part = (name: string, value: fc.Arbitrary<unknown>) => value.map(given => ({ [name]: given }))

const simple = Object.entries(leaves).map(([name, value]) => part(name, value))
const nested = (inner: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
  combined([
    ...simple,
    part('and', fc.array(inner, { maxLength: 2 })),
    part('or', fc.array(inner, { maxLength: 3 })),
    part('not', inner),
    part('not', inner),
  ])
const filters = nested(nested(nested(combined(simple))))

function within(size: number | null, { gt, gte, lt, lte }: Filter): boolean {
  if (gt === undefined && gte === undefined && lt === undefined && lte === undefined) return true
  if (size === null) return false
  return size > (gt ?? -1) && size >= (gte ?? -1) && size < (lt ?? 99) && size <= (lte ?? 99)
}

function meets(item: Item, filter: Filter): boolean {
  const { kind, scan, conversationId, name, fileName, tag, size, and, or, not } = filter
  return (
    (!kind || kind.includes(item.kind)) &&
    (!scan || scan.includes(item.scan)) &&
    (!conversationId || conversationId.includes(item.conversationId)) &&
    (!name || name.includes(item.name)) &&
    (!fileName || item.file.includes(fileName.toLowerCase())) &&
    (!tag || item.tags.some(one => tag.includes(one))) &&
    (!size || within(item.size, size)) &&
    (filter.public === undefined || filter.public === item.public) &&
    (filter.expired === undefined || filter.expired === item.expired) &&
    (!and || and.every((inner: Filter) => meets(item, inner))) &&
    (!or || or.some((inner: Filter) => meets(item, inner))) &&
    (!not || !meets(item, not))
  )
}

test('a filter of any shape finds what it says, and its negation the rest', async () => {
  const outcomes = { nothing: 0, some: 0, everything: 0 }
  await fc.assert(
    fc.asyncProperty(filters, async filter => {
      const { mediaItems, rest } = await gateway.query(
        `query F($filter: MediaFilter!) { mediaItems(first: 100, filter: $filter) { nodes { id } }
           rest: mediaItems(first: 100, filter: { not: $filter }) { nodes { id } } }`,
        { filter },
      )
      const ids = (nodes: { id: string }[]) => nodes.map(({ id }) => id).sort()
      const expected = items.filter(item => meets(item, filter)).map(({ id }) => id)
      const others = items.filter(item => !meets(item, filter)).map(({ id }) => id)
      expect(ids(mediaItems.nodes)).toEqual(expected.sort())
      expect(ids(rest.nodes)).toEqual(others.sort())
      outcomes[expected.length === 0 ? 'nothing' : others.length === 0 ? 'everything' : 'some'] += 1
    }),
    { numRuns: 300, endOnFailure: true },
  )
  process.stdout.write(`filters: ${JSON.stringify(outcomes)}\n`)
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(10)
})
