import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'
import { type GraphQLClient, graphqlClient } from '../support/gql.ts'
import { replaceContent } from '../support/replace.ts'
import { seedMedia } from '../support/seed.ts'
import { waysOut } from '../support/ways-out.ts'

const HOUR = 3_600_000
/** A clock that goes an hour wrong: nothing here may depend on it. */
const fast = { now: () => new Date(Date.now() + HOUR) }
const slow = { now: () => new Date(Date.now() - HOUR) }

const RULES = [
  'tag:keep=never',
  'tag:bound=P10D,binding',
  'tag:soon=PT1H',
  'door:tus=PT48H,after:upload,purge',
  'kind:DOCUMENT+tag:again=PT48H,after:upload',
  'source:recording=P30D',
].join(' ')

let gateway: TestApp
let beside: Awaited<ReturnType<TestApp['beside']>>
beforeAll(async () => {
  gateway = await startApp({ RETENTION_RULES: RULES, TRASH_DAYS: '3' }, { clock: fast })
  beside = await gateway.beside({}, { clock: slow })
})
afterAll(async () => {
  await beside.close()
  await gateway.close()
})

const RETENTION = 'retention { endsAt reason rule end held }'
const UPDATE = `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) {
  media { id expiresAt revision ${RETENTION} } userErrors { code field message } } }`

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)
/** Milliseconds from now, or from another time, as the database has it. */
async function databaseTime(ms: number): Promise<string> {
  const [row] = await sql<{ now: Date }>(`SELECT clock_timestamp() AS now`)
  return new Date((row?.now.getTime() ?? 0) + ms).toISOString()
}

const newMedia = async (input: object = {}, client: GraphQLClient = gateway): Promise<string> =>
  (await client.upload({ bytes: Buffer.from('content'), fileName: 'a.txt' }, { ...input })).media.id
const update = async (id: string, fields: object, client: GraphQLClient = gateway) => {
  const { data, errors } = await client.send(UPDATE, { input: { id, ...fields } })
  return errors ? { error: errors[0]?.extensions } : data.updateMedia
}
const retentionOf = async (id: string) =>
  (await gateway.query(`{ media(id: "${id}") { expiresAt createdAt contentUpdatedAt ${RETENTION} } }`)).media
/** Lets the time of a media be over: what it would have come to by itself, without waiting for it. */
const passes = (id: string) =>
  sql(
    `UPDATE media SET expires_at = clock_timestamp(), expires_by = coalesce(expires_by, 'given') WHERE id = $1`,
    [id],
  )
const run = (job: string) => gateway.app.jobs.find(({ name }) => name === job)?.run({}, {} as never)
const sweep = () => run('retention.expire')
const isListed = async (id: string) => (await gateway.query(`{ media(id: "${id}") { id } }`)).media !== null
const hold = async (mediaId: string): Promise<string> =>
  (
    await gateway.query(
      `mutation { applyLegalHold(input: { mediaId: "${mediaId}", reason: "r" }) { legalHold { id } } }`,
    )
  ).applyLegalHold.legalHold.id
const eventsOf = async (id: string) =>
  sql<{ type: string; payload: object }>(
    `SELECT type, payload FROM outbox WHERE media_id = $1 ORDER BY seq`,
    [id],
  )
const after = (from: string, ms: number) => new Date(new Date(from).getTime() + ms).toISOString()

async function clientWith(scopes: string[], more: object = {}): Promise<GraphQLClient> {
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes, ...more } as never)
  return gateway.as(`Bearer mgw_${key.id}_${secret}`)
}

describe('a time that somebody says', () => {
  test('is set, moved and cleared; what is cleared is kept, whatever the rules say', async () => {
    const [first, second] = [await databaseTime(HOUR), await databaseTime(2 * HOUR)]
    const id = await newMedia({ expiresAt: first, sourceType: 'recording' })
    const given = { reason: 'GIVEN', rule: null, held: false }
    expect(await retentionOf(id)).toMatchObject({
      expiresAt: first,
      retention: { ...given, endsAt: first, end: 'TRASH' },
    })
    expect((await update(id, { expiresAt: second })).media.expiresAt).toBe(second)
    expect((await update(id, { title: 'another' })).media.expiresAt).toBe(second)
    const cleared = await update(id, { expiresAt: null })
    expect(cleared.media).toMatchObject({ expiresAt: null, retention: { ...given, endsAt: null, end: null } })
    expect((await update(id, { tags: ['soon'] })).media.expiresAt).toBeNull()
  })

  test('is in the future by the clock of the database, whatever a node takes for now', async () => {
    const id = await newMedia()
    // To this node it is past, and to that one half an hour ago is yet to come.
    const soon = await databaseTime(HOUR / 2)
    expect((await update(id, { expiresAt: soon })).media.expiresAt).toBe(soon)
    const past = await databaseTime(-HOUR / 2)
    const refusal = { code: 'INVALID_INPUT', field: ['input', 'expiresAt'] }
    for (const client of [gateway, graphqlClient(beside.url, ADMIN)]) {
      expect((await update(id, { expiresAt: past }, client)).userErrors).toEqual([
        expect.objectContaining(refusal),
      ])
      const { media, userErrors } = await client.upload({ bytes: Buffer.from('x') }, { expiresAt: past })
      expect([media, userErrors]).toEqual([null, [expect.objectContaining(refusal)]])
    }
    expect((await update(id, { expiresAt: past })).userErrors[0].message).toContain('delete it')
    expect((await retentionOf(id)).expiresAt).toBe(soon)
    for (const never of ['9999-12-31T23:59:59-23:59', '2026-13-01T00:00:00Z', 'tomorrow'])
      expect(JSON.stringify(await update(id, { expiresAt: never }))).toMatch(
        /INVALID_INPUT|BAD_USER_INPUT|BAD_REQUEST/,
      )
  })
})

describe('who may say it', () => {
  const FORBIDDEN = {
    error: expect.objectContaining({ code: 'FORBIDDEN', details: { missingScope: 'media:delete' } }),
  }

  test('to extend needs media:update, to let it end sooner media:delete as well', async () => {
    const updater = await clientWith(['media:read', 'media:create', 'media:update'])
    const [early, late] = [await databaseTime(HOUR), await databaseTime(9 * HOUR)]
    const unlimited = await newMedia()
    expect(await update(unlimited, { expiresAt: late }, updater)).toEqual(FORBIDDEN)
    // Who brings a media may say from the start until when.
    const id = await newMedia({ expiresAt: early }, updater)
    expect((await update(id, { expiresAt: late }, updater)).media.expiresAt).toBe(late)
    expect(await update(id, { expiresAt: early }, updater)).toEqual(FORBIDDEN)
    expect((await update(id, { expiresAt: null }, updater)).media.expiresAt).toBeNull()
    const both = await clientWith(['media:read', 'media:update', 'media:delete'])
    expect((await update(id, { expiresAt: early }, both)).media.expiresAt).toBe(early)
  })

  test('the same in a batch, by items and by a filter, one by one', async () => {
    const updater = await clientWith(['media:read', 'media:create', 'media:update'])
    const [early, late] = [await databaseTime(HOUR), await databaseTime(9 * HOUR)]
    const [longer, shorter] = [
      await newMedia({ expiresAt: early, tags: ['batch'] }),
      await newMedia({ tags: ['batch'] }),
    ]
    const BATCH = `mutation B($input: UpdateMediaBatchInput!) { updateMediaBatch(input: $input) {
      results { mediaId media { expiresAt } userErrors { code } } } }`
    const refused = { media: null, userErrors: [{ code: 'FORBIDDEN' }] }
    const items = [longer, shorter].map(id => ({ id, expiresAt: late }))
    for (const input of [{ items }, { filter: { tag: ['batch'] }, set: { expiresAt: late } }]) {
      const { updateMediaBatch } = await updater.query(BATCH, { input })
      expect(updateMediaBatch.results).toEqual([
        { mediaId: longer, media: { expiresAt: late }, userErrors: [] },
        { mediaId: shorter, ...refused },
      ])
    }
  })

  test('a tag by which a rule ends it sooner is such a change, one by which it ends later is none', async () => {
    const updater = await clientWith(['media:read', 'media:create', 'media:update'])
    const id = await newMedia({ sourceType: 'recording' })
    expect(await update(id, { addTags: ['soon'] }, updater)).toEqual(FORBIDDEN)
    const { media } = await update(id, { addTags: ['soon'] })
    expect(media.retention).toMatchObject({ reason: 'RULE', rule: 'tag:soon' })
    const freed = await update(id, { removeTags: ['soon'] }, updater)
    expect(freed.media.retention).toMatchObject({ rule: 'source:recording' })
    expect((await update(id, { addTags: ['keep'] }, updater)).media.retention).toEqual({
      ...{ endsAt: null, reason: 'RULE', rule: 'tag:keep', end: null, held: false },
    })
  })

  test('explainAccess says who may let it end sooner, and a stranger finds nothing', async () => {
    const early = await databaseTime(HOUR)
    const id = await newMedia()
    const foreign = gateway.as(FOREIGN)
    expect((await update(id, { expiresAt: early }, foreign)).userErrors).toEqual([
      expect.objectContaining({ code: 'NOT_FOUND' }),
    ])
    expect(
      await gateway.query(`{ explainAccess(mediaId: "${id}", action: EXPIRE) { allowed rule } }`),
    ).toEqual({ explainAccess: { allowed: true, rule: 'ACCOUNT' } })
  })
})

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
})

describe('from its time on', () => {
  test('content is gone at every way out, while lists still show the media', async () => {
    const id = await newMedia({ public: true })
    const ways = await waysOut(gateway, id, 1)
    for (const way of ways) expect([way.name, (await way.take()).status < 400]).toEqual([way.name, true])
    await passes(id)
    const refused = await Promise.all(ways.map(async way => ({ name: way.name, ...(await way.take()) })))
    for (const { name, status, code } of refused) {
      const isHead = name.startsWith('HEAD')
      expect([name, status, code]).toEqual([
        name,
        name === 'an archive' ? 403 : 410,
        isHead ? null : 'CONTENT_EXPIRED',
      ])
    }
    for (const url of [gateway.url, beside.url]) {
      const anonymous = await fetch(`${url}/media/${id}/content`)
      expect([anonymous.status, anonymous.headers.get('cache-control')]).toEqual([410, 'no-store'])
    }
    expect(await isListed(id)).toBe(true)
  })

  test('a picture made of it is gone, too, and who may not have it hears nothing of it', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    const { media } = await gateway.upload({ bytes: svg })
    const picture = (base: string, authorization = ADMIN) =>
      fetch(`${base}/media/${media.id}/image/w400-h400-finside-webp`, { headers: { authorization } })
    expect((await picture(gateway.url)).status).toBe(200)
    await passes(media.id)
    for (const base of [gateway.url, beside.url]) {
      expect((await picture(base)).status).toBe(410)
      expect((await picture(base, FOREIGN)).status).toBe(404)
    }
  })

  test('who brings the content again is not sent to it', async () => {
    const bytes = Buffer.from('brought again')
    const first = (await gateway.upload({ bytes })).media.id
    const again = async () =>
      (await gateway.upload({ bytes }, { onDuplicate: 'RETURN_EXISTING' })).media.id as string
    expect(await again()).toBe(first)
    await passes(first)
    expect(await again()).not.toBe(first)
  })

  test('until then nobody keeps it fresh for longer than what is left of it', async () => {
    const id = await newMedia({
      public: true,
      expiresAt: await databaseTime(300_000),
      cacheControl: 'public, max-age=86400, stale-while-revalidate=600',
    })
    const { url } = (await gateway.query(`{ media(id: "${id}") { url } }`)).media
    const closed = await newMedia({ expiresAt: await databaseTime(300_000) })
    const { url: signed } = (await gateway.query(`{ media(id: "${closed}") { url(expiresIn: 7200) } }`)).media
    for (const base of [gateway.url, beside.url]) {
      const at = (path: string) => base + path.slice(gateway.url.length)
      for (const [path, rest] of [
        [at(url), 'public, '],
        [`${base}/media/${id}/content?v=1`, 'public, '],
        [at(signed), 'private, '],
      ] as const) {
        const cacheControl = (await fetch(path)).headers.get('cache-control') ?? ''
        const age = Number(/max-age=(\d+)/.exec(cacheControl)?.[1])
        expect([cacheControl.startsWith(rest), age > 60, age <= 300]).toEqual([true, true, true])
        expect(cacheControl).not.toContain('stale')
      }
    }
  })
})

describe('the sweep', () => {
  test('takes what is due into the trash for its days, and tells of it', async () => {
    const id = await newMedia({ groupIds: ['g'] })
    await passes(id)
    await sweep()
    expect(await isListed(id)).toBe(false)
    const [row] = await sql<{ trash: number }>(
      `SELECT extract(epoch FROM purge_at - deleted_at)::int / 86400 AS trash FROM media WHERE id = $1`,
      [id],
    )
    expect(row?.trash).toBe(3)
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['media.created', 'media.expired'])
    expect((await eventsOf(id)).at(-1)?.payload).toEqual({ ownerId: null, groupIds: ['g'] })
    await sweep()
    expect(await eventsOf(id)).toHaveLength(2)
  })

  test('takes nothing early, however far a node is ahead, and misses nothing, however far behind', async () => {
    const early = await newMedia({ expiresAt: await databaseTime(HOUR / 2) })
    await sweep()
    expect(await isListed(early)).toBe(true)
    const due = await newMedia()
    await passes(due)
    await beside.app.jobs.find(({ name }) => name === 'retention.expire')?.run({}, {} as never)
    expect([await isListed(due), await isListed(early)]).toEqual([false, true])
  })

  test('has what goes for good removed at once', async () => {
    const id = await newMedia()
    await passes(id)
    await sql(`UPDATE media SET expires_for_good = true WHERE id = $1`, [id])
    await sweep()
    await gateway.app.trash.empty()
    expect(await sql(`SELECT 1 FROM media WHERE id = $1`, [id])).toEqual([])
  })

  test('leaves what is held, which is delivered until the hold is released, and then takes it', async () => {
    const id = await newMedia()
    const holdId = await hold(id)
    await passes(id)
    const content = () => fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
    await sweep()
    const held = await content()
    expect([await isListed(id), held.status, held.headers.get('cache-control')]).toEqual([
      ...[true, 200, 'private, no-cache'],
    ])
    expect((await retentionOf(id)).retention).toMatchObject({ end: 'TRASH', held: true })
    await gateway.query(`mutation { releaseLegalHold(input: { id: "${holdId}" }) { userErrors { code } } }`)
    expect((await content()).status).toBe(410)
    await sweep()
    expect(await isListed(id)).toBe(false)
  })

  test('goes on behind a full batch, and several at once take each media once', async () => {
    const ids = await seedMedia(gateway.app.foundation.database, {
      count: 230,
      columns: { expires_at: 'now()', expires_by: `'given'` },
    })
    await Promise.all([sweep(), sweep(), sweep()])
    const [row] = await sql<{ left: number; told: number }>(
      `SELECT (SELECT count(*)::int FROM media WHERE id = ANY ($1) AND deleted_at IS NULL) AS left,
         (SELECT count(*)::int FROM outbox WHERE media_id = ANY ($1) AND type = 'media.expired') AS told`,
      [ids],
    )
    expect(row).toEqual({ left: 0, told: 230 })
    await sql(`DELETE FROM media WHERE id = ANY ($1)`, [ids])
  })

  test('does not take again what somebody has brought back: it is kept', async () => {
    const id = await newMedia({ sourceType: 'recording' })
    await passes(id)
    await sweep()
    await gateway.query(`mutation { restoreMedia(input: { id: "${id}" }) { userErrors { code } } }`)
    await sweep()
    expect((await retentionOf(id)).retention).toMatchObject({ endsAt: null, reason: 'GIVEN' })
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
