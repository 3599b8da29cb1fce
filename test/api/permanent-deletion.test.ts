import { PassThrough } from 'node:stream'
import { type OpenSite, startSite } from '../doors/start-site.ts'
import { multipartBody } from '../doors/wire.ts'
import { failingDriver, StoreFaults } from '../faults/store/failing-driver.ts'
import { ADMIN, FOREIGN, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { type GraphQLClient, graphqlClient } from '../support/gql.ts'
import { pictureTools } from '../support/pictures.ts'
import { tablesWith } from '../support/remains.ts'
import { replaceContent } from '../support/replace.ts'
import { put, ticketFor } from '../support/tickets.ts'
import { TusByHand } from '../support/tus.ts'
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

const { sql, image, fetched, variantsOf } = pictureTools(() => gateway)
/** What a test has left in the store by now. */
const stored = async () => (await gateway.storedNames()).filter(name => !before.has(name))
let before = new Set<string>()
beforeEach(async () => {
  before = new Set(await gateway.storedNames())
})
const NEVER = '01234567-89ab-7def-8123-456789abcdef'
const DELETE = `mutation D($input: DeleteMediaInput!) { deleteMedia(input: $input) { deletedMediaId purgedAt userErrors { __typename code field } } }`
const BATCH = `mutation B($input: DeleteMediaBatchInput!) { deleteMediaBatch(input: $input) { count userErrors { code field }
  results { mediaId deletedMediaId purgedAt userErrors { code field } } } }`

const upload = async (text: string, input: object = {}, client: GraphQLClient = gateway): Promise<string> =>
  (await client.upload({ bytes: Buffer.from(text) }, { ...input })).media.id
const uploadPicture = async (input: object = {}): Promise<string> =>
  (await gateway.upload({ bytes: fixture('photo-gps.jpg').bytes(), fileName: 'p.jpg' }, { ...input })).media
    .id
const remove = async (id: string, input: object = {}, client: GraphQLClient = gateway) =>
  (await client.query(DELETE, { input: { id, ...input } })).deleteMedia
const purge = (id: string, client?: GraphQLClient) => remove(id, { permanent: true }, client)
const batch = async (input: object, client: GraphQLClient = gateway) =>
  (await client.query(BATCH, { input: { permanent: true, ...input } })).deleteMediaBatch
const purgeOf = async (id: string, client: GraphQLClient = gateway) =>
  (
    await client.query(
      `query($id: ID!) { mediaPurge(mediaId: $id) { id mediaId requestedBy requestedAt purgedAt } }`,
      { id },
    )
  ).mediaPurge
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
const isTime = expect.stringMatching(/^20\d\d-/)
const done = (id: string) => ({ deletedMediaId: id, purgedAt: isTime, userErrors: [] })
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
    await gateway.app.changes.delete(
      {
        kind: 'principal',
        accountId: 'acme',
        name: 'job:test',
        scopes: new Set(['*']),
        ownerId: null,
        groupIds: [],
        applicationId: null,
        acl: null,
      } as never,
      { id },
      { trashDays: 0 },
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

describe('what another media has, too', () => {
  test('stays until the last of them goes: variants, previews, redactions', async () => {
    const [one, twin] = [await uploadPicture({ public: true }), await uploadPicture()]
    const { url } = await image(one, { width: 20, format: 'JPEG' })
    expect((await fetched(url)).status).toBe(200)
    expect((await fetched(`${gateway.url}/media/${one}/content`)).status).toBe(200)
    const redactions = () => sql(`SELECT 1 FROM redaction`)
    expect([await redactions(), await variantsOf(one)]).toMatchObject([[{}], [{ recipe: 'w20-jpeg@1' }]])
    expect(await purge(one)).toEqual(done(one))
    expect([await redactions(), await variantsOf(twin)]).toMatchObject([[{}], [{ recipe: 'w20-jpeg@1' }]])
    expect(await purge(twin)).toEqual(done(twin))
    expect([await redactions(), await sql(`SELECT 1 FROM variant`)]).toEqual([[], []])
    expect(await stored()).toEqual([])
  })

  test('goes when both go at one time, at two nodes', async () => {
    const second = await gateway.beside()
    const there = graphqlClient(second.url, ADMIN)
    for (let round = 0; round < 5; round++) {
      const [one, twin] = [await uploadPicture(), await uploadPicture()]
      expect((await fetched((await image(one, { width: 20, format: 'JPEG' })).url)).status).toBe(200)
      await Promise.all([purge(one), purge(twin, there)])
      expect(await sql(`SELECT 1 FROM variant`)).toEqual([])
      // Who came first was told that all is gone before the other took what both had.
      expect(await stored()).toEqual([])
    }
    await second.close()
  })
})

describe('what comes in the meantime', () => {
  test.each([
    ['a replacement by file', 'file'],
    ['a replacement by ticket', 'ticket'],
  ])('%s finds nothing to replace, and leaves nothing', async (_, way) => {
    const id = await upload('before')
    const ticket =
      way === 'ticket' ? await ticketFor(gateway, { replaces: { id }, fileName: 'secret name' }) : null
    if (ticket) expect((await put(ticket.putUrl, Buffer.from('its new content'))).status).toBe(201)
    const running = ticket ? null : replaceSlowly(id)
    if (running) await stagedBytes()
    expect(await purge(id)).toEqual(done(id))
    if (running) expect(await running.goOn()).toBe('NOT_FOUND')
    if (ticket) {
      const { completeUpload } = await gateway.query(
        `mutation($id: ID!) { completeUpload(input: { id: $id }) { media { id } userErrors { code } } }`,
        { id: ticket.id },
      )
      expect(completeUpload).toEqual({ media: null, userErrors: [{ code: 'NOT_FOUND' }] })
      expect(await tablesWith(gateway.app.foundation.database, ['secret name'])).toEqual([])
    }
    expect(await stored()).toEqual([])
  })

  test('a resumable upload of a new content ends, and its bytes go with the reaper', async () => {
    const id = await upload('before')
    const { tusEndpoint } = await ticketFor(gateway, { replaces: { id } })
    const tus = new TusByHand(tusEndpoint ?? '', null)
    const url = await tus.create(20)
    await tus.patch(url, 0, { body: 'ten bytes.' })
    expect(await purge(id)).toEqual({ ...done(id), purgedAt: null })
    expect((await tus.patch(url, 10, { body: 'ten bytes.' })).status).toBe(404)
    await gateway.app.reaper.run()
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
  })

  test('an import that is under way gives its bytes up, and the purge waits for that', async () => {
    let answer: () => void = () => undefined
    const arrived = new Promise<void>(resolve => {
      site.origin.answer((_request, response) => {
        response.writeHead(200, { 'content-length': '600000' })
        response.write(Buffer.alloc(300_000, 'x'))
        answer = () => void response.end(Buffer.alloc(300_000, 'x'))
        resolve()
      })
    })
    const { importMedia } = await gateway.query(
      `mutation($url: String!) { importMedia(input: { url: $url }) { media { id } } }`,
      { url: `${site.origin.url}/file` },
    )
    const { id } = importMedia.media
    const context = { job: { attempts: 1 }, abortSignal: new AbortController().signal }
    const job = gateway.app.jobs
      .find(({ name }) => name === 'media.import')
      ?.run({ mediaId: id }, context as never)
    await arrived
    await stagedBytes()
    expect(await purge(id)).toEqual({ ...done(id), purgedAt: null })
    answer()
    await Promise.resolve(job).catch(() => undefined)
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
    expect(await sql(`SELECT 1 FROM media WHERE id = $1`, [id])).toEqual([])
  })

  test('a variant that is being made, or staged afterwards, is not kept', async () => {
    const id = await uploadPicture()
    const [content] = await sql<{ sha256: string; accountId: string; storeId: string }>(
      `SELECT sha256, account_id AS "accountId", store_id AS "storeId" FROM media WHERE id = $1`,
      [id],
    )
    if (!content) throw new Error('unreachable')
    const { variants } = gateway.app.pictures
    const body = new PassThrough()
    const facts = { mimeType: 'image/png', width: 1, height: 1 }
    const making = variants.put(content, facts, body).then(
      () => 'kept',
      error => error.code,
    )
    body.write('half of a picture')
    await stagedBytes()
    expect(await purge(id)).toEqual({ ...done(id), purgedAt: null })
    body.end()
    expect(await making).toBe('NOT_FOUND')
    const late = new PassThrough()
    late.end('a picture')
    store.plan(null)
    await expect(variants.put(content, facts, late)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    // No byte of it has come to the store, not even for a moment.
    expect(store.calls).toEqual([])
    await gateway.app.purges.settle()
    expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
  })

  test.each([
    ['a permanent deletion', async (id: string) => void (await purge(id))],
    [
      'the end of its time in the trash',
      async (id: string) => {
        await remove(id)
        await sql(`UPDATE media SET purge_at = now() WHERE id = $1`, [id])
        await gateway.app.trash.empty()
        await gateway.app.reaper.run()
        await gateway.app.purges.settle()
      },
    ],
  ])(
    'versions and variants that had left before, with a grace for downloads, lose it by %s',
    async (_, end) => {
      const id = await uploadPicture()
      expect((await fetched((await image(id, { width: 20, format: 'JPEG' })).url)).status).toBe(200)
      await replaceContent(
        { url: gateway.url, authorization: ADMIN },
        { bytes: Buffer.from('second') },
        { id },
      )
      await sql(
        `UPDATE media_version SET created_at = created_at - interval '100 days' WHERE media_id = $1`,
        [id],
      )
      expect(await gateway.app.oldVersions.remove()).toBe(1)
      await gateway.app.pictures.cleaning.removeOrphans()
      await gateway.app.reaper.run()
      expect(await stored()).toHaveLength(3)
      await end(id)
      expect([await purgeOf(id), await stored()]).toMatchObject([{ purgedAt: isTime }, []])
    },
  )
})

/** A replacement whose second half is sent by `goOn`, which gives the code of the refusal. */
function replaceSlowly(id: string) {
  const query = `mutation R($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) { userErrors { code } } }`
  const { type, body } = multipartBody(
    { query, variables: { input: { id, file: null } } },
    { path: 'variables.input.file', bytes: Buffer.alloc(600_000, 'x') },
  )
  const whole = Buffer.concat([...body])
  const { promise, resolve } = Promise.withResolvers<void>()
  const halves = new ReadableStream({
    async start(controller) {
      controller.enqueue(whole.subarray(0, whole.length / 2))
      await promise
      controller.enqueue(whole.subarray(whole.length / 2))
      controller.close()
    },
  })
  const answer = fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: ADMIN, 'apollo-require-preflight': 'true', 'content-type': type },
    body: halves,
    duplex: 'half',
  } as RequestInit)
  return {
    async goOn(): Promise<string | undefined> {
      resolve()
      const { data } = (await (await answer).json()) as never as {
        data: { replaceMediaContent: { userErrors: { code: string }[] } }
      }
      return data.replaceMediaContent.userErrors[0]?.code
    },
  }
}

/** Resolves when bytes are on their way that nobody has. */
async function stagedBytes(): Promise<void> {
  for (;;) {
    const rows = await sql(`SELECT 1 FROM blob WHERE state = 'staged'`)
    if (rows.length > 0) return
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
