import { type OpenSite, startSite } from '../doors/start-site.ts'
import { failingDriver, StoreFaults } from '../faults/store/failing-driver.ts'
import { FOREIGN, type TestApp } from '../support/app.ts'
import type { GraphQLClient } from '../support/gql.ts'
import { DELETE, done, isTime, permanentDeletionTools } from '../support/permanent-deletions.ts'
import { pictureTools } from '../support/pictures.ts'
import { waysOut } from '../support/ways-out.ts'

const store = new StoreFaults()
let site: OpenSite
let gateway: TestApp
beforeAll(async () => {
  site = await startSite(
    { STRIP_ON_PUBLIC: 'on', KEEP_VERSIONS: '1' },
    { wrapStore: driver => failingDriver(driver, store) },
  )
  gateway = site.gateway
})
afterEach(async () => {
  store.plan(null)
  await gateway.app.foundation.storage.check('default')
})
afterAll(() => site.close())

const { sql } = pictureTools(() => gateway)
const { noteStored, stored, upload, remove, purge, purgeOf } = permanentDeletionTools(() => gateway)
beforeEach(noteStored)
const NEVER = '01234567-89ab-7def-8123-456789abcdef'
const BATCH = `mutation B($input: DeleteMediaBatchInput!) { deleteMediaBatch(input: $input) { count userErrors { code field }
  results { mediaId deletedMediaId purgedAt userErrors { code field } } } }`

const batch = async (input: object, client: GraphQLClient = gateway) =>
  (await client.query(BATCH, { input: { permanent: true, ...input } })).deleteMediaBatch
const hold = async (mediaId: string): Promise<string> =>
  (
    await gateway.query(
      `mutation($id: ID!) { applyLegalHold(input: { mediaId: $id, reason: "r", includeDeleted: true }) { legalHold { id } } }`,
      { id: mediaId },
    )
  ).applyLegalHold.legalHold.id
const eventsOf = async (id: string) =>
  (await sql<{ type: string }>(`SELECT type FROM outbox WHERE media_id = $1 ORDER BY xid, seq`, [id])).map(
    ({ type }) => type,
  )
const usedBytes = async () =>
  (await sql<{ n: number }>(`SELECT used_bytes::float8 AS n FROM account WHERE id = 'acme'`))[0]?.n
const refused = (code: string, __typename: string) => ({
  deletedMediaId: null,
  purgedAt: null,
  userErrors: [{ __typename, code, field: ['input', 'id'] }],
})

describe('a permanent deletion', () => {
  test('takes row and bytes before it answers, and every way to the content with them', async () => {
    const used = await usedBytes()
    const id = await upload('gone for good', { public: true, name: 'gone' })
    const ways = await waysOut(gateway, id, 1)
    expect(await purge(id)).toEqual(done(id))
    expect(await stored()).toEqual([])
    for (const way of ways) {
      const { name } = way
      const { status, code, body } = await way.take()
      const isArchive = name === 'an archive'
      expect([name, isArchive ? code : status]).toEqual([name, isArchive ? 'NOT_FOUND' : 404])
      expect([name, body.includes('gone for good')]).toEqual([name, false])
    }
    const seen = await gateway.query(
      `query($id: ID!) { media(id: $id) { id } node(id: $id) { id } mediaByName(name: "gone") { id }
         mediaItems(filter: { deleted: true }) { totalCount } }`,
      { id },
    )
    expect(seen).toEqual({ media: null, node: null, mediaByName: null, mediaItems: { totalCount: 0 } })
    expect(await usedBytes()).toBe(used)
    expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted', 'media.purged'])
  })

  test('is remembered by its id alone, as a Node, for those who could have asked for it', async () => {
    const id = await upload('remembered')
    await purge(id)
    const { node } = await gateway.query(
      `query($id: ID!) { node(id: $id) { id ... on MediaPurge { mediaId } } }`,
      { id: `prg_${id}` },
    )
    expect(node).toEqual({ id: `prg_${id}`, mediaId: id })
    expect(await purgeOf(id)).toEqual({
      id: `prg_${id}`,
      mediaId: id,
      requestedBy: 'key:root',
      requestedAt: isTime,
      purgedAt: isTime,
    })
    const stranger = gateway.as(FOREIGN)
    expect([await purgeOf(id, stranger), await purgeOf(NEVER), await purgeOf('a\0b')]).toEqual([
      null,
      null,
      null,
    ])
    expect(await stranger.query(`query($id: ID!) { node(id: $id) { id } }`, { id: `prg_${id}` })).toEqual({
      node: null,
    })
  })

  test('takes what lies in the trash, too, and tells of it once', async () => {
    const id = await upload('from the trash')
    await remove(id)
    expect(await purge(id)).toEqual(done(id))
    expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted', 'media.purged'])
    expect(await purge(id)).toEqual(refused('NOT_FOUND', 'NotFoundError'))
  })

  test('is refused of what is held, in the trash or not, and of what has another revision', async () => {
    const [live, trashed] = [await upload('held'), await upload('held in the trash')]
    await remove(trashed)
    const holds = [await hold(live), await hold(trashed)]
    for (const id of [live, trashed]) expect(await purge(id)).toEqual(refused('LEGAL_HOLD', 'LegalHoldError'))
    for (const id of holds)
      await gateway.query(
        `mutation($id: ID!) { releaseLegalHold(input: { id: $id }) { userErrors { code } } }`,
        {
          id,
        },
      )
    expect((await remove(live, { permanent: true, ifMatch: 'other' })).userErrors[0].code).toBe(
      'REVISION_CONFLICT',
    )
    for (const id of [live, trashed]) expect(await purge(id)).toEqual(done(id))
  })

  test('is for who may delete the media: of others it finds nothing, in the same words as what never was', async () => {
    const client = async (owner: string, groupIds: string[] = []) => {
      const scopes = ['media:create', 'media:read', 'media:delete']
      const { key, secret } = await gateway.app.keys.create({
        accountId: 'acme',
        scopes,
        owner: { id: owner },
        groupIds,
      })
      return gateway.as(`Bearer mgw_${key.id}_${secret}`)
    }
    const [anna, berta] = [await client('anna'), await client('berta', ['g'])]
    const hers = await upload('hers', { groupIds: ['g'] }, anna)
    const seen = await berta.send(DELETE, { input: { id: hers, permanent: true } })
    expect(seen.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    await remove(hers)
    const answers = [
      await purge(hers, berta),
      await purge(hers, gateway.as(FOREIGN)),
      await purge(NEVER),
      await purge('a\0b'),
    ]
    expect(answers).toEqual(answers.map(() => refused('NOT_FOUND', 'NotFoundError')))
    expect(await purge(hers, anna)).toEqual(done(hers))
    expect([await purgeOf(hers, berta), (await purgeOf(hers, anna)).mediaId]).toEqual([null, hers])
  })

  test('says that the bytes are gone when they are: with a store that is away, it is the reaper who ends it', async () => {
    const used = await usedBytes()
    const id = await upload('stays a while')
    store.plan({ at: 1, way: 'from then on' })
    expect(await purge(id)).toEqual({ deletedMediaId: id, purgedAt: null, userErrors: [] })
    expect(await purgeOf(id)).toMatchObject({ purgedAt: null })
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await usedBytes()]).toMatchObject([
      { purgedAt: null },
      (used ?? 0) + 'stays a while'.length,
    ])
    expect(await eventsOf(id)).toEqual(['media.created', 'media.deleted'])

    store.plan(null)
    await gateway.app.foundation.storage.check('default')
    // The minute for which the reaper leaves them to the request.
    await sql(`UPDATE blob SET lease_until = now() WHERE of_media = $1`, [id])
    await gateway.app.reaper.run()
    expect(await gateway.app.purges.settle()).toBe(1)
    expect(await gateway.app.purges.settle()).toBe(0)
    expect(await purgeOf(id)).toMatchObject({ purgedAt: isTime })
    expect([await stored(), await usedBytes()]).toEqual([[], used])
    expect((await eventsOf(id)).at(-1)).toBe('media.purged')
  })

  test('what runs out of the trash goes the same way', async () => {
    const id = await upload('runs out')
    await remove(id)
    await gateway.app.foundation.database.query(
      'UPDATE media SET purge_at = clock_timestamp() WHERE id = $1',
      [id],
    )
    expect(await gateway.app.trash.empty()).toBe(1)
    expect(await purgeOf(id)).toMatchObject({ requestedBy: 'job:trash.empty', purgedAt: null })
    await gateway.app.reaper.run()
    await gateway.app.purges.settle()
    expect(await purgeOf(id)).toMatchObject({ purgedAt: isTime })
    expect(await stored()).toEqual([])
  })
})

describe('a batch of permanent deletions', () => {
  test('takes ids, items and a filter, each media with its own result', async () => {
    const [one, two, three] = [await upload('1'), await upload('2'), await upload('3', { tags: ['batch'] })]
    const held = await upload('held', { tags: ['batch'] })
    const holdId = await hold(held)
    expect(await batch({ ids: [one, held, NEVER] })).toMatchObject({
      count: 1,
      results: [
        { mediaId: one, deletedMediaId: one, purgedAt: isTime, userErrors: [] },
        { mediaId: held, deletedMediaId: null, purgedAt: null, userErrors: [{ code: 'LEGAL_HOLD' }] },
        { mediaId: NEVER, deletedMediaId: null, purgedAt: null, userErrors: [{ code: 'NOT_FOUND' }] },
      ],
    })
    expect(await batch({ items: [{ id: two }, { id: held }], atomic: true })).toMatchObject({
      count: 0,
      userErrors: [{ code: 'BATCH_UNDONE' }],
    })
    expect(await batch({ filter: { tag: ['batch'] }, dryRun: true })).toMatchObject({
      count: 1,
      results: [{ mediaId: three, deletedMediaId: null, purgedAt: null }],
    })
    expect(await batch({ filter: { tag: ['batch'] } })).toMatchObject({
      count: 1,
      results: [{ mediaId: three }],
    })
    expect(await batch({ ids: [two] })).toMatchObject({ count: 1 })
    await gateway.query(
      `mutation($id: ID!) { releaseLegalHold(input: { id: $id }) { userErrors { code } } }`,
      {
        id: holdId,
      },
    )
    expect(await purge(held)).toEqual(done(held))
    expect(await stored()).toEqual([])
  })

  test('empties the trash of who asks, and nothing else; for a deletion into the trash it is refused', async () => {
    const [kept, gone, also] = [await upload('kept'), await upload('gone'), await upload('also')]
    for (const id of [gone, also]) await remove(id)
    const theirs = await upload('theirs', {}, gateway.as(FOREIGN))
    await remove(theirs, {}, gateway.as(FOREIGN))
    const refusal = await batch({ permanent: false, filter: { deleted: true } })
    expect(refusal.userErrors).toMatchObject([
      { code: 'INVALID_INPUT', field: ['input', 'filter', 'deleted'] },
    ])
    expect((await batch({ filter: {} })).userErrors).toMatchObject([{ code: 'INVALID_INPUT' }])
    expect((await batch({ filter: { deleted: false } })).userErrors).toMatchObject([
      { code: 'INVALID_INPUT' },
    ])
    expect((await batch({ filter: { deleted: true }, dryRun: true })).count).toBe(2)
    const { results } = await batch({ filter: { deleted: true } })
    expect(results).toEqual(
      [gone, also].map(id => ({ mediaId: id, deletedMediaId: id, purgedAt: isTime, userErrors: [] })),
    )
    expect(await stored()).toHaveLength(2)
    expect(await purge(theirs, gateway.as(FOREIGN))).toEqual(done(theirs))
    expect(await purge(kept)).toEqual(done(kept))
  })
})
