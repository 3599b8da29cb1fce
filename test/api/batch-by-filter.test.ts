import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { ecPair, es256, forge, vonageClaims } from '../support/jwt.ts'
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
const updateBatch = async (input: object, client: Pick<TestApp, 'query'> = gateway) =>
  (await client.query(UPDATE, { input })).updateMediaBatch
const deleteBatch = async (input: object, client: Pick<TestApp, 'query'> = gateway) =>
  (await client.query(DELETE, { input })).deleteMediaBatch
const seed = (count: number, columns: Record<string, string> = {}) =>
  seedMedia(gateway.app.foundation.database, { count, columns })

/** The events of these media, by type. */
async function eventsOf(ids: readonly string[]): Promise<unknown[]> {
  const { database } = gateway.app.foundation
  return database.query(
    'SELECT type, count(*)::int AS n, count(DISTINCT xid)::int AS transactions FROM outbox WHERE media_id = ANY ($1) GROUP BY type ORDER BY type',
    [ids],
  )
}

describe('by filter', () => {
  test('changes what the viewer may see and change, oldest first, and nothing else', async () => {
    const ids = await seed(3, { title: `'by filter'`, created_at: `now() - n * interval '1 hour'` })
    await seedMedia(gateway.app.foundation.database, {
      count: 1,
      accountId: 'other',
      columns: { title: `'by filter'` },
    })
    const answer = await updateBatch({
      filter: { search: 'by filter' },
      set: { description: 'd', addTags: ['marked'] },
    })
    expect(answer.results.map(({ mediaId }: never) => mediaId)).toEqual([ids[2], ids[1], ids[0]])
    expect(answer.results[0].media.tags).toEqual(['marked'])
    expect(await deleteBatch({ filter: { tag: ['marked'] } }, gateway.as(FOREIGN))).toMatchObject({
      count: 0,
    })
    const deleted = await deleteBatch({ filter: { tag: ['marked'] } })
    expect(deleted).toMatchObject({ count: 3 })
    expect(deleted.results.map(({ deletedMediaId }: never) => deletedMediaId)).toEqual([
      ids[2],
      ids[1],
      ids[0],
    ])
    expect(await eventsOf(ids)).toEqual([
      { type: 'media.deleted', n: 3, transactions: 1 },
      { type: 'media.updated', n: 3, transactions: 1 },
    ])
    expect(await deleteBatch({ filter: { tag: ['marked'] } })).toMatchObject({ count: 0, results: [] })
  })

  test('takes 1000, and refuses 1001 with their number', async () => {
    const ids = await seed(1_001, { title: `'a thousand and one'` })
    const filter = { search: 'a thousand and one' }
    const refused = {
      count: 0,
      results: [],
      userErrors: [{ code: 'BATCH_TOO_LARGE', maximum: 1_000, count: 1_001, field: ['input', 'filter'] }],
    }
    expect(await deleteBatch({ filter })).toMatchObject(refused)
    expect(await deleteBatch({ filter, dryRun: true })).toMatchObject(refused)
    expect(await deleteBatch({ ids: [ids[5]] })).toMatchObject({ count: 1 })
    expect(await deleteBatch({ filter })).toMatchObject({ count: 1_000, userErrors: [] })
  })

  test('leaves out what an ACL lets one change but not see', async () => {
    const [seen, blind] = await seed(2, { title: `'half covered by an acl'` })
    const pair = ecPair()
    const application = await gateway.app.applications.create({ accountId: 'acme', publicKey: pair.pem })
    const paths = {
      '/v3/media': {},
      [`/v3/media/${seen}/info`]: { methods: ['GET', 'PUT'] },
      [`/v3/media/${blind}/info`]: { methods: ['PUT'] },
    }
    const claims = vonageClaims(application.id, { acl: { paths } })
    const token = forge({ typ: 'JWT', alg: 'ES256' }, claims, es256(pair))
    const answer = await updateBatch(
      { filter: { search: 'half covered by an acl' }, set: { title: 'changed' } },
      gateway.as(`Bearer ${token}`),
    )
    expect(answer.results.map(({ mediaId }: never) => mediaId)).toEqual([seen])
  })

  test('is no way to find out what one may not list', async () => {
    const { key, secret } = await gateway.app.keys.create({
      accountId: 'acme',
      scopes: ['media:update', 'media:delete'],
    })
    const blind = gateway.as(`Bearer mgw_${key.id}_${secret}`)
    const filter = { search: 'x' }
    for (const [query, input] of [
      [UPDATE, { filter, set: { title: 'x' }, dryRun: true }],
      [DELETE, { filter, dryRun: true }],
    ] as const) {
      expect((await blind.send(query, { input })).errors?.[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        details: { missingScope: 'media:read' },
      })
    }
  })
})
