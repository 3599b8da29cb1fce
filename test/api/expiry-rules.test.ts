import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'
import { fixture } from '../support/fixtures.ts'
import type { GraphQLClient } from '../support/gql.ts'
import { replaceContent } from '../support/replace.ts'
import { HOUR, RETENTION, RULES, retentionTools, wrongBy } from '../support/retention.ts'
import { complete, put, ticketFor } from '../support/tickets.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ RETENTION_RULES: RULES, TRASH_DAYS: '3' }, { clock: wrongBy(HOUR) })
})
afterAll(() => gateway.close())

const { sql, databaseTime, newMedia, update, retentionOf, run, hold, clientWith } = retentionTools(
  () => gateway,
)
const after = (from: string, ms: number) => new Date(new Date(from).getTime() + ms).toISOString()

const REPLACE_BY_TICKET = `mutation R($input: ReplaceMediaContentInput!) { replaceMediaContent(input: $input) {
  media { id } userErrors { code field message } } }`

/** The id of a ticket whose bytes have come. */
async function received(bytes: Buffer): Promise<string> {
  const { id, putUrl } = await ticketFor(gateway)
  expect((await put(putUrl, bytes)).status).toBe(201)
  return id
}

describe('a rule', () => {
  test('gives what is new its time, of what is brought and how', async () => {
    const id = await newMedia({ sourceType: 'recording' })
    const { createdAt, retention } = await retentionOf(id)
    expect(retention).toEqual({
      ...{ endsAt: after(createdAt, 720 * HOUR), reason: 'RULE', rule: 'source:recording', end: 'TRASH' },
      held: false,
    })
    expect((await retentionOf(await newMedia())).retention).toBeNull()
    const created = await fetch(`${gateway.url}/uploads`, {
      method: 'POST',
      headers: {
        authorization: ADMIN,
        'tus-resumable': '1.0.0',
        'upload-length': '3',
        'content-type': 'application/offset+octet-stream',
      },
      body: 'abc',
    })
    expect((await retentionOf(created.headers.get('media-id') ?? '')).retention).toMatchObject({
      rule: 'door:tus',
      end: 'PURGE',
    })
  })

  test('from the last upload on begins anew with a replacement, also for who may not delete', async () => {
    const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['media:update'] })
    const id = await newMedia({ tags: ['again'] })
    const before = await retentionOf(id)
    expect(before.retention).toMatchObject({
      endsAt: after(before.contentUpdatedAt, 48 * HOUR),
      rule: 'kind:DOCUMENT+tag:again',
    })
    await sql(`UPDATE media SET expires_at = clock_timestamp() + interval '1 minute' WHERE id = $1`, [id])
    const updater = { url: gateway.url, authorization: `Bearer mgw_${key.id}_${secret}` }
    const { media } = await replaceContent(updater, { bytes: Buffer.from('anew'), fileName: 'b.txt' }, { id })
    expect(await retentionOf(id)).toMatchObject({ expiresAt: after(media.contentUpdatedAt, 48 * HOUR) })
    expect(media.contentUpdatedAt > before.contentUpdatedAt).toBe(true)
  })

  test('that ends a media sooner by its new content needs media:delete, by whatever door', async () => {
    const scopes = ['media:read', 'media:create', 'media:update']
    const [updater, both] = [await clientWith(scopes), await clientWith([...scopes, 'media:delete'])]
    const png = { bytes: fixture('photo.png').bytes(), fileName: 'photo.png' }
    const FORBIDDEN = /FORBIDDEN.*media:delete/
    // The second one would count from the upload, too: another rule than the one that begins anew.
    for (const tags of [['picture'], ['again']]) {
      const id = await newMedia({ tags })
      const before = await retentionOf(id)
      await expect(replaceContent(updater, png, { id })).rejects.toThrow(FORBIDDEN)
      const ticket = await ticketFor(updater, { replaces: { id } })
      expect((await put(ticket.putUrl, png.bytes)).status).toBe(201)
      await expect(complete(updater, ticket.id)).rejects.toThrow(FORBIDDEN)
      expect(await retentionOf(id)).toEqual(before)
      const { userErrors } = await replaceContent(both, png, { id })
      expect([userErrors, (await retentionOf(id)).retention]).toMatchObject([[], { end: 'PURGE' }])
    }
    // What somebody has said stands, whoever brings the content.
    const given = await newMedia({ tags: ['picture'], expiresAt: null })
    expect((await replaceContent(updater, png, { id: given })).userErrors).toEqual([])
    expect((await retentionOf(given)).retention).toMatchObject({ endsAt: null, reason: 'GIVEN' })
  })

  test('by which a media would be over with its new content lets it keep the one that it has, and says what to do', async () => {
    const png = { bytes: fixture('photo.png').bytes(), fileName: 'photo.png' }
    const id = await newMedia({ tags: ['picture'] })
    await sql(`UPDATE media SET created_at = created_at - interval '1 year' WHERE id = $1`, [id])
    const before = await retentionOf(id)
    const refused = await gateway.send(REPLACE_BY_TICKET, {
      input: { id, ticketId: await received(png.bytes) },
    })
    expect(refused.data.replaceMediaContent).toEqual({
      media: null,
      userErrors: [
        {
          ...{ code: 'INVALID_INPUT', field: ['input', 'id'] },
          message: expect.stringMatching(
            /^With this content the rule kind:IMAGE\+tag:picture ends it .* past/,
          ),
        },
      ],
    })
    expect(await retentionOf(id)).toEqual(before)
    await update(id, { expiresAt: null })
    expect(
      (await replaceContent({ url: gateway.url, authorization: ADMIN }, png, { id })).userErrors,
    ).toEqual([])
    // Nor does anybody put something into what is over already and only waits for the sweep.
    await sql(`UPDATE media SET expires_at = clock_timestamp() WHERE id = $1`, [id])
    expect(
      (await replaceContent({ url: gateway.url, authorization: ADMIN }, png, { id })).userErrors,
    ).toMatchObject([{ code: 'INVALID_INPUT' }])
  })

  test('that binds lets nobody say a later time, nor none', async () => {
    const id = await newMedia({ tags: ['bound'] })
    const { retention } = await retentionOf(id)
    const later = after(retention.endsAt, HOUR)
    for (const expiresAt of [later, null]) {
      expect((await update(id, { expiresAt })).userErrors).toEqual([
        expect.objectContaining({ code: 'INVALID_INPUT', field: ['input', 'expiresAt'] }),
      ])
      const { userErrors } = await gateway.upload({ bytes: Buffer.from('x') }, { tags: ['bound'], expiresAt })
      expect(userErrors).toEqual([expect.objectContaining({ message: expect.stringContaining('tag:bound') })])
    }
    const sooner = after(retention.endsAt, -HOUR)
    expect((await update(id, { expiresAt: sooner })).media.expiresAt).toBe(sooner)
  })

  test('that binds lets nobody keep by restoring what it has ended, nor for longer than it says', async () => {
    const restore = async (id: string) =>
      (
        await gateway.query(
          `mutation { restoreMedia(input: { id: "${id}" }) { media { ${RETENTION} } userErrors { code field message } } }`,
        )
      ).restoreMedia
    const [ended, given, held] = [
      await newMedia({ tags: ['bound'] }),
      await newMedia({ tags: ['bound'], expiresAt: await databaseTime(HOUR) }),
      await newMedia({ tags: ['bound'] }),
    ]
    await sql(`UPDATE media SET created_at = created_at - interval '10 days' WHERE id = ANY ($1)`, [
      [ended, held],
    ])
    await sql(`UPDATE media SET expires_at = clock_timestamp() WHERE id = ANY ($1)`, [[ended, given, held]])
    await run('retention.expire')
    await gateway.query(
      `mutation { applyLegalHold(input: { mediaId: "${held}", reason: "r", includeDeleted: true }) { userErrors { code } } }`,
    )
    expect(await restore(ended)).toEqual({
      media: null,
      userErrors: [
        {
          ...{ code: 'INVALID_INPUT', field: ['input', 'id'] },
          message: expect.stringMatching(/^The rule tag:bound lets nobody keep this media beyond .* trash/),
        },
      ],
    })
    expect((await restore(given)).userErrors).toEqual([])
    const { createdAt } = await retentionOf(given)
    const bound = { reason: 'RULE', rule: 'tag:bound', end: 'TRASH' }
    expect((await retentionOf(given)).retention).toMatchObject({
      ...bound,
      endsAt: after(createdAt, 240 * HOUR),
    })
    expect((await restore(held)).media.retention).toMatchObject({ ...bound, held: true })
    await run('retention.expire')
    expect((await gateway.query(`{ media(id: "${held}") { id } }`)).media).not.toBeNull()
  })
})

describe('rules that have changed', () => {
  test('are applied to what is there, but for what somebody has said, and once only', async () => {
    const [ruled, given, other] = [
      await newMedia({ sourceType: 'recording' }),
      await newMedia({ sourceType: 'recording', expiresAt: null }),
      await newMedia({ tags: ['soon'] }),
    ]
    const changed = await gateway.beside({ RETENTION_RULES: 'source:recording=P1D,purge' })
    const apply = () => changed.app.jobs.find(({ name }) => name === 'retention.apply')?.run({}, {} as never)
    await apply()
    const { createdAt, retention } = await retentionOf(ruled)
    expect(retention).toMatchObject({
      endsAt: after(createdAt, 24 * HOUR),
      end: 'PURGE',
      rule: 'source:recording',
    })
    expect((await retentionOf(given)).retention).toMatchObject({ endsAt: null, reason: 'GIVEN' })
    expect((await retentionOf(other)).retention).toBeNull()
    await sql(`UPDATE media SET expires_at = NULL, expires_by = NULL WHERE id = $1`, [ruled])
    await apply()
    expect((await retentionOf(ruled)).retention).toBeNull()
    await changed.close()
    await run('retention.apply')
    expect((await retentionOf(ruled)).retention).toMatchObject({ rule: 'source:recording' })
    expect((await retentionOf(other)).retention).toMatchObject({ rule: 'tag:soon' })
  })
})

describe('retentionPreview', () => {
  const PREVIEW = `query P($first: Int, $after: String, $last: Int, $before: String, $until: DateTime) {
    retentionPreview(first: $first, after: $after, last: $last, before: $before, until: $until) {
      totalCount edges { cursor node { id deletedAt ${RETENTION} } } pageInfo { hasNextPage hasPreviousPage } } }`
  const preview = async (variables: object = {}, client: GraphQLClient = gateway) =>
    (await client.query(PREVIEW, { ...variables })).retentionPreview

  test('says what will go, when, why, and what a hold keeps, next first, page by page', async () => {
    const owner = { owner: { id: 'preview' } }
    const anna = await clientWith(['media:read', 'media:create', 'media:update', 'media:delete'], owner)
    const at = await databaseTime(HOUR)
    const given = await newMedia({ expiresAt: at }, anna)
    const ruled = await newMedia({ sourceType: 'recording' }, anna)
    const trashed = await newMedia({ expiresAt: await databaseTime(2 * HOUR) }, anna)
    await anna.query(`mutation { deleteMedia(input: { id: "${trashed}" }) { userErrors { code } } }`)
    await newMedia({}, anna)
    await newMedia({ tags: ['keep'] }, anna)
    await hold(given)

    const { edges, totalCount } = await preview({}, anna)
    expect(totalCount).toBe(3)
    expect(edges.map((edge: { node: object }) => edge.node)).toEqual([
      {
        ...{ id: given, deletedAt: null },
        retention: { endsAt: at, reason: 'GIVEN', rule: null, end: 'TRASH', held: true },
      },
      {
        ...{ id: trashed, deletedAt: expect.any(String) },
        retention: { endsAt: expect.any(String), reason: 'DELETED', rule: null, end: 'PURGE', held: false },
      },
      {
        ...{ id: ruled, deletedAt: null },
        retention: expect.objectContaining({ reason: 'RULE', rule: 'source:recording', end: 'TRASH' }),
      },
    ])
    const ids = (page: { edges: { node: { id: string } }[] }) => page.edges.map(({ node }) => node.id)
    expect(ids(await preview({ until: await databaseTime(4 * 24 * HOUR) }, anna))).toEqual([given, trashed])
    const first = await preview({ first: 1 }, anna)
    expect([ids(first), first.pageInfo]).toEqual([[given], { hasNextPage: true, hasPreviousPage: false }])
    expect(ids(await preview({ first: 2, after: first.edges[0].cursor }, anna))).toEqual([trashed, ruled])
    expect(ids(await preview({ last: 1 }, anna))).toEqual([ruled])
    expect(ids(await preview({ last: 9, before: edges[2].cursor }, anna))).toEqual([given, trashed])
    // Another owner of the account, and another account, have a list of their own.
    const berta = await clientWith(['media:read', 'media:delete'], { owner: { id: 'berta' } })
    for (const client of [berta, gateway.as(FOREIGN)])
      expect(await preview({}, client)).toMatchObject({ totalCount: 0, edges: [] })
    expect(ids(await preview({ first: 100 }))).toEqual(expect.arrayContaining([given, trashed, ruled]))
  })
})

test('the command line says what rules would do before they are configured, and changes nothing', async () => {
  const foreign = gateway.as(FOREIGN)
  const [soon, , held] = [
    await newMedia({ tags: ['soon'] }, foreign),
    await newMedia({ tags: ['soon', 'keep'] }, foreign),
    await newMedia({ expiresAt: '2999-01-01T00:00:00Z' }, foreign),
    await newMedia({}, foreign),
  ]
  await foreign.query(
    `mutation { applyLegalHold(input: { mediaId: "${held}", reason: "r" }) { userErrors { code } } }`,
  )
  await sql(`UPDATE media SET created_at = created_at - interval '1 day' WHERE id = $1`, [soon])
  const RETENTION_RULES = 'tag:keep=never tag:soon=PT12H,purge'
  const run = commandLine({ ...gateway, environment: { ...gateway.environment, RETENTION_RULES } })
  const preview = (...args: string[]) => run('retention', 'preview', '--account', 'other', ...args)
  const { media } = await foreign.query(`{ media(id: "${soon}") { createdAt } }`)
  const first = after(media.createdAt, 12 * HOUR)
  expect((await preview('--json')).json()).toEqual({
    groups: [
      { by: 'tag:soon', end: 'purge', count: 1, due: 1, held: 0, first },
      { by: 'given', end: 'trash', count: 1, due: 0, held: 1, first: '2999-01-01T00:00:00.000Z' },
    ],
    changed: 1,
  })
  const { code, output } = await preview('--until', '30d')
  expect([code, output]).toEqual([
    ...[0, expect.stringMatching(/^1 media will go: 1 at the next sweep; .*\ntag:soon\tfor good\t1 media/)],
  ])
  const { retention } = (await foreign.query(`{ media(id: "${soon}") { ${RETENTION} } }`)).media
  expect(retention).toMatchObject({ end: 'TRASH' })
})
