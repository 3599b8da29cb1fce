import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { seedMedia } from '../support/seed.ts'

/** What is counted exactly, and no more. */
const COUNT = 10_000
/** Twenty pages have ties at their edges, and things that come and go between them, as a hundred have. */
const WALKED = countOf({ daily: 2_000, thorough: COUNT })
const PAGE = `query Page($first: Int, $after: String, $last: Int, $before: String, $orderBy: MediaOrder, $filter: MediaFilter) {
  mediaItems(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }`

/** Ties everywhere, and nulls among names and sizes. */
const TIES = {
  name: `CASE WHEN n % 3 = 0 THEN NULL ELSE 'name ' || lpad((n * 7919 % ${COUNT})::text, 6, '0') || ' ' || n END`,
  original_file_name: `'file ' || n % 13`,
  title: `CASE WHEN n % 4 = 0 THEN NULL ELSE repeat('t', 199) || chr(97 + n % 3) || n END`,
  size: 'CASE WHEN n % 5 = 0 THEN NULL ELSE n % 17 END',
  created_at: `timestamptz '2026-01-01' + (n % 10) * interval '1 millisecond'`,
  updated_at: `timestamptz '2026-02-01' + (n % 7) * interval '1 hour'`,
}

let gateway: TestApp
let lasting: string[]
beforeAll(async () => {
  gateway = await startApp()
  lasting = await seedMedia(gateway.app.foundation.database, { count: WALKED, columns: TIES })
  // A table that grew to this size has been analysed; without it each page sorts the whole.
  await gateway.app.foundation.database.query('ANALYZE media')
})
afterAll(() => gateway.close())

const ORDERS = ['CREATED_AT', 'UPDATED_AT', 'NAME', 'ORIGINAL_FILE_NAME', 'TITLE', 'SIZE'].flatMap(field =>
  ['ASC', 'DESC'].map(direction => ({ field, direction })),
)

/** Things that come and go while a list is walked. */
async function disturb(round: number): Promise<void> {
  const { database } = gateway.app.foundation
  await database.query(`DELETE FROM media WHERE source_type = 'passing' AND random() < 0.5`)
  const columns = {
    source_type: `'passing'`,
    name: `CASE WHEN n % 2 = 0 THEN 'name ' || lpad((random() * ${COUNT})::int::text, 6, '0') || ' p' || ${round} || n END`,
    size: '(random() * 17)::int',
    created_at: `timestamptz '2026-01-01' + (random() * 10)::int * interval '1 millisecond'`,
    updated_at: `timestamptz '2026-02-01' + (random() * 7)::int * interval '1 hour'`,
  }
  await seedMedia(database, { count: 3, columns })
}

async function walk(orderBy: object, backward: boolean): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  for (let round = 0; ; round++) {
    const answer: { mediaItems: Page } = await gateway.query(
      PAGE.replace('totalCount', ''),
      backward ? { last: 100, before: cursor, orderBy } : { first: 100, after: cursor, orderBy },
    )
    const { mediaItems } = answer
    const ids = mediaItems.nodes.map(({ id }) => id)
    if (backward) seen.unshift(...ids)
    else seen.push(...ids)
    const { hasNextPage, hasPreviousPage, startCursor, endCursor }: Page['pageInfo'] = mediaItems.pageInfo
    // The side that the walk came from lies behind the cursor, as soon as there is one.
    expect(backward ? hasNextPage : hasPreviousPage).toBe(cursor !== null)
    if (!(backward ? hasPreviousPage : hasNextPage)) return seen
    cursor = backward ? startCursor : endCursor
    if (round % 10 === 0) await disturb(round)
  }
}

interface Page {
  readonly nodes: { id: string }[]
  readonly pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  readonly totalCount: number
}

describe.each(ORDERS)('in the order $field $direction', orderBy => {
  test.each([
    ['first: 100 forwards', false],
    ['last: 100 backwards', true],
  ])('walking %s meets each media that stays exactly once', async (_, backward) => {
    const seen = await walk(orderBy, backward)
    const stays = new Set(lasting)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter(id => stays.has(id))).toHaveLength(WALKED)
  })

  test('both directions give the same order, as the database sorts it', async () => {
    await gateway.app.foundation.database.query(`DELETE FROM media WHERE source_type = 'passing'`)
    const key = {
      CREATED_AT: 'created_at',
      UPDATED_AT: 'updated_at',
      NAME: 'name COLLATE "C"',
      ORIGINAL_FILE_NAME: 'original_file_name COLLATE "C"',
      TITLE: 'left(title, 200) COLLATE "C"',
      SIZE: 'coalesce(size, -1)',
    }[orderBy.field as 'NAME']
    const sorted = await gateway.app.foundation.database.query<{ id: string }>(
      `SELECT id FROM media WHERE account_id = 'acme' ORDER BY ${key} ${orderBy.direction}, id ${orderBy.direction} LIMIT 100`,
    )
    const { mediaItems } = await gateway.query<{ mediaItems: Page }>(PAGE, { first: 100, orderBy })
    expect(mediaItems.nodes.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id))
    expect(mediaItems.totalCount).toBe(WALKED)
  })
})

describe('paging arguments', () => {
  const cursorOf = async (orderBy: object) =>
    (await gateway.query<{ mediaItems: Page }>(PAGE, { first: 1, orderBy })).mediaItems.pageInfo.endCursor

  test.each([
    ['first and last together', { first: 1, last: 1 }],
    ['a negative page', { first: -1 }],
    ['a page beyond the maximum', { last: 101 }],
    ['a cursor that is none', { first: 1, after: 'nonsense' }],
    ['a cursor that holds no time', { first: 1, after: forged('CREATED_AT:DESC', ['yesterday', uuid()]) }],
    [
      'a cursor that holds a date that never was',
      { first: 1, after: forged('CREATED_AT:DESC', ['2026-13-45T00:00:00.000Z', uuid()]) },
    ],
    [
      'a cursor that holds no id',
      { first: 1, before: forged('CREATED_AT:DESC', ['2026-01-01T00:00:00.000Z', 'x']) },
    ],
    ['a cursor with a value too few', { first: 1, after: forged('CREATED_AT:DESC', [uuid()]) }],
  ])('%s is a clear error', async (_, variables) => {
    const { status, errors } = await gateway.send(PAGE, variables)
    expect(status).toBe(200)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_REQUEST', requestId: expect.any(String) })
  })

  test('a cursor of another order is a clear error', async () => {
    const after = await cursorOf({ field: 'NAME', direction: 'ASC' })
    const { errors } = await gateway.send(PAGE, {
      first: 1,
      after,
      orderBy: { field: 'NAME', direction: 'DESC' },
    })
    expect(errors?.[0]?.message).toContain('does not belong to this list in this order')
  })

  test('without any, the twenty newest come', async () => {
    const { mediaItems } = await gateway.query<{ mediaItems: Page }>(PAGE)
    expect(mediaItems.nodes).toHaveLength(20)
    expect(mediaItems.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  })

  test('an empty page says whether there is more', async () => {
    const { mediaItems } = await gateway.query<{ mediaItems: Page }>(PAGE, { first: 0 })
    expect(mediaItems.nodes).toEqual([])
    expect(mediaItems.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    })
  })
})

describe('totalCount', () => {
  beforeAll(async () => {
    const { size } = TIES
    await seedMedia(gateway.app.foundation.database, { count: COUNT - WALKED, columns: { size } })
  })

  const total = async (filter = {}) =>
    (
      await gateway.query(
        'query T($filter: MediaFilter) { mediaItems(first: 0, filter: $filter) { totalCount totalCountIsEstimate } }',
        { filter },
      )
    ).mediaItems

  test('is exact up to 10 000, and an estimate above that says so', async () => {
    const { database } = gateway.app.foundation
    await database.query(`DELETE FROM media WHERE source_type = 'passing'`)
    expect(await total()).toEqual({ totalCount: COUNT, totalCountIsEstimate: false })
    await seedMedia(database, { count: 3_000, columns: { source_type: `'passing'`, kind: `'IMAGE'` } })
    await database.query('ANALYZE media')
    const { totalCount, totalCountIsEstimate } = await total()
    expect(totalCountIsEstimate).toBe(true)
    expect(totalCount).toBeGreaterThan(COUNT)
    expect(totalCount).toBeLessThan(20_000)
    expect(await total({ kind: ['IMAGE'] })).toEqual({ totalCount: 3_000, totalCountIsEstimate: false })
  })

  test('as an estimate is never below what was counted, whatever the planner believes', async () => {
    // Both conditions say the same; the planner multiplies their shares.
    const filter = {
      and: Array.from({ length: 8 }, () => ({ or: [{ size: { lt: 99 } }, { not: { size: { lt: 99 } } }] })),
    }
    expect(await total(filter)).toEqual({
      totalCount: expect.any(Number),
      totalCountIsEstimate: true,
    })
    expect((await total(filter)).totalCount).toBeGreaterThan(COUNT)
  })
})

test('a cursor made of the longest and strangest name is taken back', async () => {
  const { database } = gateway.app.foundation
  const other = gateway.as(FOREIGN)
  await seedMedia(database, { count: 2, accountId: 'other', columns: { name: `repeat(chr(1), 510) || n` } })
  const orderBy = { field: 'NAME', direction: 'ASC' }
  const { mediaItems } = await other.query(PAGE, { first: 1, orderBy })
  const rest = await other.query(PAGE, { first: 1, orderBy, after: mediaItems.pageInfo.endCursor })
  expect(rest.mediaItems.nodes).toHaveLength(1)
})

function forged(order: string, values: unknown[]): string {
  return Buffer.from(JSON.stringify([order, ...values])).toString('base64url')
}

function uuid(): string {
  return '01234567-89ab-7def-8123-456789abcdef'
}
