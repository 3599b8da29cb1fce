import { startApp, type TestApp } from '../support/app.ts'
import { ACCESS_DENIED, bandwidthTools, LIST, NOT_THERE, told } from '../support/bandwidth.ts'
import { HOUR, retentionTools } from '../support/retention.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ RETENTION_RULES: 'tag:keep=never', IMPORT_FROM_URL: '127.0.0.1/32' })
})
afterAll(() => gateway.close())

const { retentionOf, run, hold, sql } = retentionTools(() => gateway)
const { call, put, get, itemOf, idOf, keyOf } = bandwidthTools(() => gateway)

test('a file is kept for 48 hours from its last upload and then goes for good, unless the operator says otherwise', async () => {
  const kept = async (name: string) => {
    const { expiresAt, contentUpdatedAt, retention } = await retentionOf(await idOf(name))
    return { hours: (Date.parse(expiresAt) - Date.parse(contentUpdatedAt)) / HOUR, retention }
  }
  await put('kept', 'x')
  const first = await retentionOf(await idOf('kept'))
  expect(await kept('kept')).toEqual({
    hours: 48,
    retention: expect.objectContaining({ reason: 'RULE', rule: 'door:bandwidth', end: 'PURGE' }),
  })
  await put('kept', 'y')
  const second = await retentionOf(await idOf('kept'))
  expect((await kept('kept')).hours).toBe(48)
  expect(Date.parse(second.expiresAt)).toBeGreaterThan(Date.parse(first.expiresAt))
  const foreseen = await gateway.app.foresight.look()
  expect(foreseen.groups.map(({ by, end }) => [by, end])).toContainEqual(['door:bandwidth', 'purge'])

  await gateway.query(
    `mutation { updateMedia(input: { id: "${await idOf('kept')}", tags: ["keep"] }) { userErrors { code } } }`,
  )
  expect(await retentionOf(await idOf('kept'))).toMatchObject({ expiresAt: null })

  // What came by another door is not shortened by an upload through this one.
  await gateway.upload({ bytes: Buffer.from('x') }, { name: 'elsewhere' })
  await put('elsewhere', 'y')
  expect(await retentionOf(await idOf('elsewhere'))).toMatchObject({ expiresAt: null })
})

/** Lets the time of a media be over, and by whose word. */
const passes = (id: string, by = 'door:bandwidth') =>
  sql(`UPDATE media SET expires_at = now() - interval '1 second', expires_by = $2 WHERE id = $1`, [id, by])

test.each(['door:bandwidth', 'given'])(
  'what has expired by %s is not there, and its name is free',
  async by => {
    const name = `expired-by-${by}`
    await put(name, 'x')
    const id = await idOf(name)
    await gateway.query(
      `mutation { updateMedia(input: { id: "${id}", title: "of the old", public: true, maxDownloads: 1 }) { userErrors { code } } }`,
    )
    await passes(id, by)
    expect(await told(get(name))).toEqual(NOT_THERE)
    expect(await itemOf(name)).toEqual([])
    const creator = await keyOf(['media:create', 'media:read'])
    expect(await put(name, 'again', { authorization: creator })).toBe(204)
    expect(await (await get(name)).text()).toBe('again')
    expect(await itemOf(name)).toHaveLength(1)
    const { mediaByName } = await gateway.query(
      `query($name: String!) { mediaByName(name: $name) { id title public maxDownloads contentVersion } }`,
      { name },
    )
    expect(mediaByName).toEqual({
      id: expect.not.stringMatching(id),
      title: null,
      public: false,
      maxDownloads: 0,
      contentVersion: 1,
    })

    await run('retention.expire')
    expect(await (await get(name)).text()).toBe('again')
    const [gone] = await sql(
      `SELECT purge_at <= now() AS "isForGood", (SELECT array_agg(action || ' ' || principal ORDER BY seq) FROM audit_event
       WHERE subject_id = m.id::text AND action = 'media.expired') AS told
     FROM media m WHERE id = $1 AND deleted_at IS NOT NULL`,
      [id],
    )
    expect(gone).toEqual({ isForGood: true, told: ['media.expired job:retention.expire'] })
    await passes(mediaByName.id)
    await run('retention.expire')
    expect(await itemOf(name)).toEqual([])
    expect(await put(name, 'anew')).toBe(204)
    expect(await idOf(name)).not.toBe(mediaByName.id)
  },
)

test('of uploads at once of a name that has expired the first makes a media, and the others its next contents', async () => {
  await put('at-once-expired', 'x')
  const id = await idOf('at-once-expired')
  await passes(id, 'given')
  const bodies = Array.from({ length: 15 }, (_, i) => `body ${i}`)
  const statuses = await Promise.all(bodies.map(body => put('at-once-expired', body)))
  expect(statuses).toEqual(bodies.map(() => 204))
  expect(await itemOf('at-once-expired')).toHaveLength(1)
  expect(bodies).toContain(await (await get('at-once-expired')).text())
  const rows = await sql(
    `SELECT id = $1 AS "isOld", content_version AS n FROM media WHERE name = 'at-once-expired' ORDER BY created_at`,
    [id],
  )
  expect(rows).toEqual([
    { isOld: true, n: 1 },
    { isOld: false, n: bodies.length },
  ])
})

test('what is held beyond its end is there, listed, and not overwritten', async () => {
  await put('held-beyond', 'evidence')
  const id = await idOf('held-beyond')
  await hold(id)
  await passes(id)
  expect(await (await get('held-beyond')).text()).toBe('evidence')
  expect(await itemOf('held-beyond')).toHaveLength(1)
  expect(await told(call('PUT', `${LIST}/held-beyond`, { body: 'x' }))).toEqual(ACCESS_DENIED)
})

test('an import is in no list until its content has come', async () => {
  const url = 'http://127.0.0.1:1/never'
  await gateway.query(
    `mutation { importMedia(input: { url: "${url}", name: "announced" }) { userErrors { code } } }`,
  )
  const id = await idOf('announced')
  const isNowhere = async () => {
    expect(await itemOf('announced')).toEqual([])
    expect(await told(get('announced'))).toEqual(NOT_THERE)
  }
  await isNowhere()
  const context = { job: { attempts: 99 }, abortSignal: new AbortController().signal }
  await gateway.app.jobs
    .find(({ name }) => name === 'media.import')
    ?.run({ mediaId: id }, context as never)
    .catch(() => undefined)
  expect((await gateway.query(`{ media(id: "${id}") { status } }`)).media).toEqual({ status: 'FAILED' })
  await isNowhere()
})

test('rules that change apply to what is there, here and at a node whose operator says otherwise', async () => {
  await put('ruled', 'x')
  const beside = await gateway.beside({ RETENTION_RULES: 'door:bandwidth=never' })
  const application = beside.app.jobs.find(({ name }) => name === 'retention.apply')
  await application?.run({}, {} as never)
  expect(await retentionOf(await idOf('ruled'))).toMatchObject({ expiresAt: null })
  await beside.close()
  await run('retention.apply')
  expect(await retentionOf(await idOf('ruled'))).toMatchObject({ retention: { rule: 'door:bandwidth' } })
})

test('rules of doors alone are applied to what came by them, and to what other rules have left behind', async () => {
  await put('unruled', 'x')
  const { media: marked } = await gateway.upload({ bytes: Buffer.from('x') }, { tags: ['keep'] })
  expect(await retentionOf(marked.id)).toMatchObject({ retention: { rule: 'tag:keep' } })
  await sql(`UPDATE media SET expires_at = NULL, expires_by = NULL WHERE name = 'unruled'`)
  const beside = await gateway.beside({ RETENTION_RULES: 'door:tus=P1D' })
  await beside.app.jobs.find(({ name }) => name === 'retention.apply')?.run({}, {} as never)
  await beside.close()
  expect(await retentionOf(await idOf('unruled'))).toMatchObject({ retention: { rule: 'door:bandwidth' } })
  expect(await retentionOf(marked.id)).toMatchObject({ retention: null })
})
