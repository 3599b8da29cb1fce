import { PgProxy } from '../faults/pg-proxy.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { createDatabase } from '../support/database.ts'
import { seedMedia } from '../support/seed.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const ERRORS = `userErrors { __typename code field ... on RevisionConflictError { current }
  ... on BatchTooLargeError { maximum count } }`
const UPDATE = `mutation U($input: UpdateMediaBatchInput!) { updateMediaBatch(input: $input) {
  clientMutationId count results { mediaId media { id name title tags revision } ${ERRORS} } ${ERRORS} } }`
const DELETE = `mutation D($input: DeleteMediaBatchInput!) { deleteMediaBatch(input: $input) {
  count results { mediaId deletedMediaId ${ERRORS} } ${ERRORS} } }`
/** Filters that every media meets, whatever it is: a slip of a client, not a wish. */
const EVERYTHING = [
  { and: [{}], or: [{ and: [] }, {}] },
  { fileName: '' },
  { fileName: '\u0301' },
  { search: '"\u0301" \u0345' },
  { size: { gt: null } },
  { not: { kind: [] } },
  { not: { or: [] } },
  { or: [{ kind: ['IMAGE'] }, { not: { and: [{ tag: [] }, { public: true }] } }] },
]
const NOBODY = '01234567-89ab-7def-8123-456789abcdef'

const updateBatch = async (input: object, client: Pick<TestApp, 'query'> = gateway) =>
  (await client.query(UPDATE, { input })).updateMediaBatch
const deleteBatch = async (input: object, client: Pick<TestApp, 'query'> = gateway) =>
  (await client.query(DELETE, { input })).deleteMediaBatch
const seed = (count: number, columns: Record<string, string> = {}) =>
  seedMedia(gateway.app.foundation.database, { count, columns })

/** Everything that must not change when nothing is done: rows and events. */
async function state(): Promise<unknown> {
  const { database } = gateway.app.foundation
  const media = await database.query(
    'SELECT id, version, name, title, tags, deleted_at FROM media ORDER BY id',
  )
  const [events] = await database.query('SELECT count(*) FROM outbox')
  return { media, events }
}

async function eventsOf(ids: readonly string[]): Promise<unknown[]> {
  const { database } = gateway.app.foundation
  return database.query(
    'SELECT type, count(*)::int AS n, count(DISTINCT xid)::int AS transactions FROM outbox WHERE media_id = ANY ($1) GROUP BY type ORDER BY type',
    [ids],
  )
}

describe('updateMediaBatch by items', () => {
  test('gives each media its own changes and leaves absent fields as they are', async () => {
    const [a, b, c] = await seed(3, { title: `'old'`, tags: `'{x,y}'` })
    const answer = await updateBatch({
      clientMutationId: 'm',
      items: [
        { id: c, title: null, tags: ['z'] },
        { id: a, name: 'batch a' },
        { id: b, title: 'new', addTags: ['w', 'x'], removeTags: ['y'] },
      ],
    })
    expect(answer).toMatchObject({ clientMutationId: 'm', count: 3, userErrors: [] })
    expect(answer.results.map(({ mediaId, media }: never) => [mediaId, media])).toMatchObject([
      [c, { id: c, name: null, title: null, tags: ['z'] }],
      [a, { id: a, name: 'batch a', title: 'old', tags: ['x', 'y'] }],
      [b, { id: b, name: null, title: 'new', tags: ['x', 'w'] }],
    ])
    expect(await eventsOf([a, b, c] as string[])).toEqual([{ type: 'media.updated', n: 3, transactions: 1 }])
  })

  test('keeps every kind of value as a single change would', async () => {
    const [a, b] = await seed(2)
    const values = {
      title: `"'\\ ${'𝒳'.repeat(5)} {"a":1}`,
      metadata: { a: [1, 0.1, 1e300, null, { 'b"c': '\\n' }], __proto__x: true },
      geolocation: { latitude: -12.345678901234567, longitude: 0.1 },
      groupIds: ['a,b', '{"c"}'],
      public: true,
      maxDownloads: 7,
    }
    const fields = 'title metadata geolocation { latitude longitude } groupIds public maxDownloads'
    const { updateMedia } = await gateway.query(
      `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { media { ${fields} } } }`,
      { input: { id: a, ...values } },
    )
    const { updateMediaBatch } = await gateway.query(
      `mutation U($input: UpdateMediaBatchInput!) { updateMediaBatch(input: $input) { results { media { ${fields} } } } }`,
      { input: { items: [{ id: b, ...values }] } },
    )
    expect(updateMedia.media).toEqual(values)
    expect(updateMediaBatch.results[0].media).toEqual(values)
  })

  test('refuses single items in the words of updateMedia, and does the others', async () => {
    const [mine, named, other] = await seed(3)
    const [foreign] = await seedMedia(gateway.app.foundation.database, { count: 1, accountId: 'other' })
    await updateBatch({ items: [{ id: named, name: 'taken by named' }] })
    const items = [
      { id: NOBODY, title: 'x' },
      { id: foreign, title: 'x' },
      { id: 'no id \0 at all', title: 'x' },
      { id: mine, title: 'done' },
      { id: other, name: 'taken by named' },
    ]
    const answer = await updateBatch({ items })
    const singly = []
    for (const [i, input] of items.entries()) {
      const { updateMedia } = await gateway.query(
        `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { ${ERRORS} } }`,
        { input },
      )
      const inBatch = updateMedia.userErrors.map((error: { field: string[] }) => ({
        ...error,
        field: ['input', 'items', String(i), ...error.field.slice(1)],
      }))
      singly.push(inBatch)
    }
    expect(answer.results.map(({ userErrors }: never) => userErrors)).toEqual(singly)
    expect(answer.count).toBe(1)
    expect(answer.results[0].userErrors).toEqual([
      { __typename: 'NotFoundError', code: 'NOT_FOUND', field: ['input', 'items', '0', 'id'] },
    ])
    expect(answer.results[1].userErrors[0].code).toBe('NOT_FOUND')
    expect(answer.results[3].media.title).toBe('done')
    expect(answer.results[4].userErrors[0]).toMatchObject({ code: 'NAME_TAKEN' })
  })

  test('says that what may be seen may not be changed, item by item', async () => {
    const { app } = gateway
    const { key, secret } = await app.keys.create({
      accountId: 'acme',
      scopes: ['media:read', 'media:update', 'media:delete'],
      owner: { id: 'someone' },
      groupIds: ['shared'],
    })
    const someone = gateway.as(`Bearer mgw_${key.id}_${secret}`)
    const [shared] = await seed(1, { group_ids: `'{shared}'` })
    const [hidden] = await seed(1)
    for (const batch of [
      await updateBatch({ items: [{ id: shared }, { id: hidden }] }, someone),
      await deleteBatch({ ids: [shared, hidden] }, someone),
    ]) {
      expect(
        batch.results.map((result: { userErrors: { code: string }[] }) => result.userErrors[0]),
      ).toMatchObject([
        { __typename: 'ForbiddenError', code: 'FORBIDDEN' },
        { __typename: 'NotFoundError', code: 'NOT_FOUND' },
      ])
    }
  })

  test('lets names move from one media to another, in the order of the items', async () => {
    const [a, b] = await seed(2)
    await updateBatch({ items: [{ id: a, name: 'wanders' }] })
    const moved = await updateBatch({
      items: [
        { id: a, name: null },
        { id: b, name: 'wanders' },
      ],
    })
    expect(moved.results.map(({ media }: never) => media)).toMatchObject([
      { name: null },
      { name: 'wanders' },
    ])
    const both = await updateBatch({
      items: [
        { id: a, name: 'only one has it' },
        { id: b, name: 'only one has it' },
      ],
    })
    expect(both).toMatchObject({
      count: 1,
      results: [
        { media: { name: 'only one has it' } },
        { media: null, userErrors: [{ code: 'NAME_TAKEN' }] },
      ],
    })
  })

  test('takes 100 items, and refuses 101, the same media twice, and a list beside a filter', async () => {
    const ids = await seed(101)
    const all = ids.map(id => ({ id, title: 'many' }))
    expect(await updateBatch({ items: all.slice(1) })).toMatchObject({ count: 100, userErrors: [] })
    const before = await state()
    expect(await updateBatch({ items: all })).toMatchObject({
      count: 0,
      results: [],
      userErrors: [{ __typename: 'BatchTooLargeError', maximum: 100, count: 101, field: ['input', 'items'] }],
    })
    const refusals: [object, string[]][] = [
      [{ items: [{ id: ids[0] }, { id: ids[1] }, { id: ids[0] }] }, ['input', 'items', '2', 'id']],
      [{ items: [], filter: { search: 'x' }, set: {} }, ['input', 'filter']],
      [{ filter: { search: 'x' } }, ['input', 'set']],
      [{ items: [], set: { title: 'x' } }, ['input', 'set']],
      [{}, ['input', 'items']],
      [{ filter: {}, set: { title: 'x' } }, ['input', 'filter']],
      [{ filter: { search: ' ', createdAt: {} }, set: { title: 'x' } }, ['input', 'filter']],
      ...EVERYTHING.map((filter): [object, string[]] => [
        { filter, set: { title: 'x' } },
        ['input', 'filter'],
      ]),
      [{ filter: { kind: ['IMAGE'], deleted: true }, set: { title: 'x' } }, ['input', 'filter', 'deleted']],
      [{ filter: { search: 'a\0b' }, set: { title: 'x' } }, ['input', 'filter', 'search']],
      [{ filter: { search: 'x' }, set: { name: 'one' } }, ['input', 'set', 'name']],
      [{ filter: { search: 'x' }, set: { title: '\ud800' } }, ['input', 'set', 'title']],
      [{ filter: { search: 'x' }, set: { tags: [], addTags: ['x'] } }, ['input', 'set', 'tags']],
      [
        { filter: { search: 'x' }, set: { addTags: ['x'], removeTags: ['x'] } },
        ['input', 'set', 'removeTags'],
      ],
    ]
    for (const [input, field] of refusals) {
      expect([input, await updateBatch(input)]).toMatchObject([
        input,
        {
          count: 0,
          results: [],
          userErrors: [{ code: 'INVALID_INPUT', field: expect.arrayContaining(field) }],
        },
      ])
    }
    expect(await state()).toEqual(before)
  })

  test('refuses more than 100 tags, counted with those that the media has', async () => {
    const [id] = await seed(1, { tags: `(SELECT array_agg('t' || i) FROM generate_series(1, 99) AS i)` })
    const tooMany = await updateBatch({ items: [{ id, addTags: ['u', 'v'] }] })
    expect(tooMany.results[0]).toMatchObject({ media: null, userErrors: [{ code: 'INVALID_INPUT' }] })
    const enough = await updateBatch({ items: [{ id, addTags: ['u', 'v'], removeTags: ['t7', 'absent'] }] })
    expect(enough.results[0].media.tags).toHaveLength(100)
  })
})

describe('atomic and dryRun', () => {
  test('an atomic batch with one refusal changes nothing and says which', async () => {
    const [a, b] = await seed(2)
    const before = await state()
    for (const refused of [{ id: NOBODY }, { id: b, title: '\0' }, { id: b, ifMatch: 'no' }]) {
      const answer = await updateBatch({ atomic: true, items: [{ id: a, title: 'x', name: 'n' }, refused] })
      expect(answer).toMatchObject({
        count: 0,
        userErrors: [{ __typename: 'ConflictError', code: 'BATCH_UNDONE' }],
        results: [
          { mediaId: a, media: null, userErrors: [] },
          { mediaId: refused.id, media: null, userErrors: [{}] },
        ],
      })
    }
    expect(await deleteBatch({ atomic: true, ids: [a, NOBODY] })).toMatchObject({
      count: 0,
      userErrors: [{ code: 'BATCH_UNDONE' }],
    })
    expect(await state()).toEqual(before)
  })

  test('an atomic batch that meets a taken name changes nothing', async () => {
    const [a, b] = await seed(2)
    const before = await state()
    const items = [
      { id: a, name: 'twice' },
      { id: b, name: 'twice' },
    ]
    const answer = await updateBatch({ atomic: true, items })
    expect(answer).toMatchObject({
      count: 0,
      results: [{ media: null, userErrors: [] }, { userErrors: [{ code: 'NAME_TAKEN' }] }],
    })
    expect(await state()).toEqual(before)
  })

  test('a dry run says what the batch would do, taken names included, and changes nothing', async () => {
    const [a, b, c] = await seed(3, { title: `'dry run'` })
    const items = [{ id: a, name: 'dry' }, { id: b, name: 'dry' }, { id: NOBODY }, { id: c, ifMatch: 'r99' }]
    const before = await state()
    const dry = await updateBatch({ dryRun: true, items })
    const dryByFilter = await deleteBatch({ dryRun: true, filter: { search: 'dry run' } })
    expect(await state()).toEqual(before)
    expect(dryByFilter).toMatchObject({ count: 3, userErrors: [] })
    expect(dryByFilter.results.map(({ mediaId }: never) => mediaId).sort()).toEqual([a, b, c].sort())
    expect(
      dryByFilter.results.every((result: { deletedMediaId: null }) => result.deletedMediaId === null),
    ).toBe(true)
    expect(dry.results.map(({ media }: never) => media)).toEqual([null, null, null, null])
    const done = await updateBatch({ items })
    expect([dry.count, dry.results.map(({ userErrors }: never) => userErrors)]).toEqual([
      done.count,
      done.results.map(({ userErrors }: never) => userErrors),
    ])
    expect(done.count).toBe(1)
  })
})

test('deleteMediaBatch deletes by ids and by items, and says what was not there', async () => {
  const [a, b, c] = await seed(3)
  const twice = await deleteBatch({ ids: [a, a] })
  expect(twice.userErrors).toMatchObject([{ code: 'INVALID_INPUT', field: ['input', 'ids', '1'] }])
  expect(await deleteBatch({ ids: [b, NOBODY, a] })).toMatchObject({
    count: 2,
    results: [
      { mediaId: b, deletedMediaId: b, userErrors: [] },
      {
        mediaId: NOBODY,
        deletedMediaId: null,
        userErrors: [{ code: 'NOT_FOUND', field: ['input', 'ids', '1'] }],
      },
      { mediaId: a, deletedMediaId: a, userErrors: [] },
    ],
  })
  expect(await deleteBatch({ items: [{ id: c, ifMatch: 'r2' }] })).toMatchObject({
    count: 0,
    results: [
      {
        userErrors: [{ code: 'REVISION_CONFLICT', current: 'r1', field: ['input', 'items', '0', 'ifMatch'] }],
      },
    ],
  })
  expect(await deleteBatch({ items: [{ id: c, ifMatch: 'r1' }] })).toMatchObject({ count: 1 })
  expect(await deleteBatch({ ids: [] })).toMatchObject({ count: 0, results: [], userErrors: [] })
})

test('batches over the same media in opposite orders all come to their end', async () => {
  const ids = await seed(40)
  const batches = Array.from({ length: 12 }, (_, i) => (i % 2 ? [...ids] : [...ids].reverse()))
  const answers = await Promise.all(
    batches.map((order, i) => updateBatch({ items: order.map(id => ({ id, addTags: [`batch ${i}`] })) })),
  )
  expect(answers.map(({ count }) => count)).toEqual(batches.map(() => 40))
  const { media } = await gateway.query(`query M($id: ID!) { media(id: $id) { tags revision } }`, {
    id: ids[0],
  })
  expect(media.tags).toHaveLength(12)
})

test('a batch takes as many statements for a hundred media as for two', async () => {
  const own = await createDatabase()
  const proxy = await PgProxy.open(own.url)
  const counted = await startApp({ DATABASE_URL: proxy.url })
  let statements: string[] = []
  proxy.judge = statement => {
    statements.push(statement)
    return 'forward'
  }
  const countOf = async (query: string, input: object): Promise<number> => {
    statements = []
    await counted.query(query, { input })
    return statements.length
  }
  const ids = await seedMedia(counted.app.foundation.database, { count: 204 })
  const changes = (some: string[]) => ({ items: some.map(id => ({ id, title: id, addTags: [id] })) })
  // The first request also reads the credential.
  await countOf(UPDATE, changes(ids.slice(0, 2)))
  const [few, many] = [
    await countOf(UPDATE, changes(ids.slice(0, 2))),
    await countOf(UPDATE, changes(ids.slice(2, 102))),
  ]
  expect(many).toBe(few)
  expect(few).toBeLessThanOrEqual(6)
  const [two, hundred] = [
    await countOf(DELETE, { ids: [...ids.slice(0, 2), NOBODY] }),
    await countOf(DELETE, { ids: [...ids.slice(2, 101), NOBODY] }),
  ]
  expect(hundred).toBe(two)
  expect(two).toBeLessThanOrEqual(7)
  await counted.close()
  await proxy[Symbol.asyncDispose]()
  await own.drop()
})
