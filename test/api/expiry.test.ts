import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { graphqlClient } from '../support/gql.ts'
import { HOUR, RULES, retentionTools, wrongBy } from '../support/retention.ts'
import { seedMedia } from '../support/seed.ts'
import { waysOut } from '../support/ways-out.ts'

let gateway: TestApp
let beside: Awaited<ReturnType<TestApp['beside']>>
beforeAll(async () => {
  gateway = await startApp({ RETENTION_RULES: RULES, TRASH_DAYS: '3' }, { clock: wrongBy(HOUR) })
  beside = await gateway.beside({}, { clock: wrongBy(-HOUR) })
})
afterAll(async () => {
  await beside.close()
  await gateway.close()
})

const { sql, databaseTime, newMedia, update, retentionOf, run, hold, clientWith } = retentionTools(
  () => gateway,
)
/** Lets the time of a media be over: what it would have come to by itself, without waiting for it. */
const passes = (id: string) =>
  sql(
    `UPDATE media SET expires_at = clock_timestamp(), expires_by = coalesce(expires_by, 'given') WHERE id = $1`,
    [id],
  )
const sweep = () => run('retention.expire')
const isListed = async (id: string) => (await gateway.query(`{ media(id: "${id}") { id } }`)).media !== null
const eventsOf = async (id: string) =>
  sql<{ type: string; payload: object }>(
    `SELECT type, payload FROM outbox WHERE media_id = $1 ORDER BY seq`,
    [id],
  )

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

describe('from its time on', () => {
  test('content is gone at every way out, while lists still show the media', async () => {
    const id = await newMedia({ public: true })
    const ways = await waysOut(gateway, id, 1)
    for (const way of ways) expect([way.name, (await way.take()).status < 400]).toEqual([way.name, true])
    await passes(id)
    const refused = await Promise.all(ways.map(async way => ({ name: way.name, ...(await way.take()) })))
    for (const { name, status, code } of refused) {
      // Where nothing outlives its 48 hours, what has expired was never there.
      if (name === 'the Bandwidth media API') {
        expect(status).toBe(404)
        continue
      }
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
