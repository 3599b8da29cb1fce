import { METRIC_TABLE } from '../../src/metrics.ts'
import { METRIC_PREFIX as M } from '../../src/platform/metrics.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { graphqlClient } from '../support/gql.ts'
import { put, ticketFor } from '../support/tickets.ts'

const TOKEN = 'metrics-token-for-tests'
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ METRICS_TOKEN: TOKEN, RATE_LIMIT: 'address=5/h' })
})
afterAll(() => gateway.close())

const get = (authorization?: string) =>
  fetch(`${gateway.url}/metrics`, { headers: authorization === undefined ? {} : { authorization } })
const read = async () => (await get(`Bearer ${TOKEN}`)).text()
/** What another gateway tells, which has read nothing yet: what the database says is kept for some seconds. */
async function readBeside(): Promise<string> {
  const second = await gateway.beside({ METRICS_TOKEN: TOKEN })
  const response = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
  const text = await response.text()
  await second.close()
  return text
}
/** The value of a series; undefined where there is none. */
const valueIn = (text: string, series: string) => {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}
const job = (name: string) => gateway.app.jobs.find(kind => kind.name === name)?.run({}, {} as never)

test('every metric of the table is told with its help, and nothing else of ours', async () => {
  const response = await get(`Bearer ${TOKEN}`)
  expect([
    response.status,
    response.headers.get('content-type'),
    response.headers.get('cache-control'),
  ]).toEqual([200, expect.stringContaining('text/plain; version=0.0.4'), 'no-store'])
  const text = await response.text()
  const told = [...text.matchAll(/^# TYPE media_gateway_(\w+) (\w+)$/gm)].map(([, name, type]) => [
    name,
    type,
  ])
  expect(told.sort()).toEqual(
    Object.entries(METRIC_TABLE)
      .map(([name, { type }]) => [name, type])
      .sort(),
  )
  expect(text).toContain('process_cpu_seconds_total')
})

test('requests are counted by the pattern of their route, calls of the store by their outcome', async () => {
  const { media } = await gateway.upload({ bytes: Buffer.from('counted') })
  await fetch(`${gateway.url}/media/${media.id}/content`, { headers: { authorization: ADMIN } })
  await fetch(`${gateway.url}/no/such/path/${media.id}`, { method: 'PROPFIND' })
  const text = await read()
  const requests = 'media_gateway_http_request_seconds_count'
  expect(valueIn(text, `${requests}{method="POST",route="/graphql",status="2xx"}`)).toBe(1)
  expect(text).toMatch(
    /http_request_seconds_count\{method="GET",route="\/media\/:\w+\/content",status="2xx"\} 1/,
  )
  expect(text).toMatch(/http_request_seconds_count\{method="other",route="none",status="4xx"\} 1/)
  const calls = 'media_gateway_storage_call_seconds_count'
  expect(valueIn(text, `${calls}{store="default",operation="write",outcome="ok"}`)).toBe(1)
  expect(valueIn(text, `${calls}{store="default",operation="read",outcome="ok"}`)).toBeGreaterThan(0)
})

test('no label and no value tells an account, a media, a key or a file', async () => {
  const { media } = await gateway.upload({ bytes: Buffer.from('nobody knows'), fileName: 'salaries.txt' })
  const text = await read()
  for (const secret of ['acme', 'root', 'salaries', media.id, TOKEN]) expect(text).not.toContain(secret)
})

test('what the reaper and inspections did is told, lost blobs by their store', async () => {
  const { media } = await gateway.upload({ bytes: Buffer.from('about to be lost') })
  const sql = (text: string, values: unknown[] = []) => gateway.app.foundation.database.query(text, values)
  const id = media.id
  await sql(`UPDATE blob SET state = 'lost' WHERE id = (SELECT blob_id FROM media WHERE id = $1)`, [id])
  await sql(
    `INSERT INTO blob (id, account_id, store_id, key, state, lease_until)
     VALUES (gen_random_uuid(), 'acme', 'default', 'aa/bb/expired', 'staged', now() - interval '1 minute')`,
  )
  await gateway.app.inspections.note('doctor', {
    findings: [
      { store: 'default', code: 'object-missing' },
      { store: 'default', code: 'object-missing' },
    ],
    bytesHashed: 77,
  })
  await job('blobs.reap')
  const there = await readBeside()
  expect(valueIn(there, 'media_gateway_lost_blobs{store="default"}')).toBe(1)
  expect(valueIn(there, 'media_gateway_blobs_awaiting_reaper')).toBe(0)
  const labels = '{source="doctor",store="default",invariant="I1",code="object-missing"}'
  expect(valueIn(there, `media_gateway_inspection_findings${labels}`)).toBe(2)
  expect(valueIn(there, 'media_gateway_inspection_hashed_bytes{source="doctor"}')).toBe(77)
  const here = await read()
  expect(valueIn(here, 'media_gateway_reaper_expired_uploads_total')).toBe(1)
  expect(valueIn(here, 'media_gateway_reaper_removed_blobs_total')).toBe(1)
  await sql(`UPDATE blob SET state = 'live' WHERE state = 'lost'`)
})

test.each([
  ['inspection', 'blobs_awaiting_reaper'],
  ['audit_event', 'audit_unsealed_rows'],
  ['webhook_delivery', 'webhook_deliveries_waiting'],
  ['account', 'used_bytes'],
])(
  'while the database cannot say it, nothing is told of what is in %s, and everything else is',
  async (table, gauge) => {
    const { database } = gateway.app.foundation
    const second = await gateway.beside({ METRICS_TOKEN: TOKEN })
    await database.query(`ALTER TABLE ${table} RENAME TO away`)
    const response = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    await database.query(`ALTER TABLE away RENAME TO ${table}`)
    const text = await response.text()
    await second.close()
    expect(response.status).toBe(200)
    expect(valueIn(text, `${M}reaper_expired_uploads_total`)).toBe(0)
    expect(valueIn(text, `${M}${gauge}`)).toBeUndefined()
    expect(valueIn(await readBeside(), `${M}${gauge}`)).toEqual(expect.any(Number))
  },
)

describe('who may read them', () => {
  test('who sends the token, and nobody else: not with an API key, however often they ask', async () => {
    expect((await get(`Bearer ${TOKEN}`)).status).toBe(200)
    const statuses: number[] = []
    for (const authorization of [
      undefined,
      ADMIN,
      `Bearer ${TOKEN}x`,
      `Basic ${TOKEN}`,
      'Bearer',
      'Bearer x',
      'Bearer y',
    ])
      statuses.push((await get(authorization)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
    // Who guesses keeps nobody else from reading.
    expect((await get(`Bearer ${TOKEN}`)).status).toBe(200)
  })

  test('nobody at all where there is no token', async () => {
    const second = await gateway.beside({ METRICS_TOKEN: '' })
    const response = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    await second.close()
    expect(response.status).toBe(404)
  })

  test('the token opens nothing else', async () => {
    const second = await gateway.beside({ METRICS_TOKEN: TOKEN, RATE_LIMIT: 'off' })
    const { status } = await graphqlClient(second.url, `Bearer ${TOKEN}`).send('{ viewer { __typename } }')
    await second.close()
    expect(status).toBe(401)
  })
})

/** What a series has grown by while the work was done. */
async function growth(series: string, work: () => Promise<unknown>): Promise<number> {
  const before = valueIn(await read(), series) ?? 0
  await work()
  return (valueIn(await read(), series) ?? 0) - before
}

describe('what happens is counted', () => {
  const KEYED = 'mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { userErrors { code } } }'
  const createKey = (name: string) =>
    gateway.query(KEYED, { input: { scopes: ['media:read'], name, idempotencyKey: 'metrics-1' } })

  /** With a credential: what comes without one is counted by its address, and refused in the end. */
  const putAsAdmin = async (bytes: Buffer) =>
    put((await ticketFor(gateway, { size: 5 })).putUrl, bytes, { authorization: ADMIN })

  test.each<readonly [string, string, number, () => Promise<unknown>]>([
    [
      'an operation, by type and outcome',
      `${M}graphql_operation_seconds_count{type="query",outcome="ok"}`,
      1,
      () => gateway.send('query Named { viewer { principal } }'),
    ],
    [
      'an operation that the schema does not take',
      `${M}graphql_operation_seconds_count{type="none",outcome="refused"}`,
      1,
      () => gateway.send('{ nothing'),
    ],
    [
      'a file that comes with a GraphQL request',
      `${M}uploads_total{door="graphql",outcome="ok"}`,
      1,
      () => gateway.upload({ bytes: Buffer.from('counted upload') }),
    ],
    [
      'its bytes',
      `${M}upload_bytes_total{door="graphql"}`,
      11,
      () => gateway.upload({ bytes: Buffer.from('eleven long') }),
    ],
    [
      'a file for a ticket',
      `${M}uploads_total{door="put",outcome="ok"}`,
      1,
      async () => putAsAdmin(Buffer.from('right')),
    ],
    [
      'one that is larger than it may be',
      `${M}uploads_total{door="put",outcome="refused"}`,
      1,
      async () => putAsAdmin(Buffer.from('too long')),
    ],
    [
      'a request with a key that was used for the same one',
      `${M}idempotent_repeats_total{outcome="repeated"}`,
      1,
      async () => {
        await createKey('one')
        await createKey('one')
      },
    ],
    [
      'one with a key that was used for another one',
      `${M}idempotent_repeats_total{outcome="conflict"}`,
      1,
      () => createKey('another'),
    ],
    [
      'a credential that does not hold',
      `${M}failed_logins_total`,
      1,
      () => gateway.as('Bearer mgw_root_wrong').send('{ viewer { principal } }'),
    ],
    [
      'bytes that go out by a door',
      `${M}http_response_bytes_total{route="/media/:id/content"}`,
      50_000,
      async () => {
        const told = () => gateway.log.filter(({ route }) => route === '/media/:id/content').length
        const before = told()
        const { media } = await gateway.upload({ bytes: Buffer.alloc(50_000) })
        const url = `${gateway.url}/media/${media.id}/content`
        await fetch(url, { headers: { authorization: ADMIN } }).then(response => response.arrayBuffer())
        // It is counted when it has gone out, which the client may know first; its line in the log comes behind.
        while (told() === before) await new Promise(resolve => setImmediate(resolve))
      },
    ],
    ['a job', `${M}job_seconds_count{kind="blobs.reap",outcome="ok"}`, 1, async () => job('blobs.reap')],
    [
      'a connection that was waited for',
      `${M}database_connection_wait_seconds_count`,
      1,
      () => gateway.app.foundation.database.query('SELECT 1'),
    ],
  ])('%s', async (_what, series, least, work) => {
    const grown = await growth(series, work)
    expect(grown).toBeGreaterThanOrEqual(least)
    expect(grown).toBeLessThan(least + 5_000)
  })

  test('a task of an isolated process, whatever becomes of it', async () => {
    const tasks = async () =>
      [...(await read()).matchAll(/^media_gateway_isolated_task_seconds_count\{pool="probe",.*\} (\d+)$/gm)]
        .map(([, n]) => Number(n))
        .reduce((sum, n) => sum + n, 0)
    const before = await tasks()
    await gateway.upload({ bytes: fixture('photo.png').bytes() })
    expect((await tasks()) - before).toBe(1)
  })

  test('jobs, events, blobs and open uploads are told as the database has them', async () => {
    const begun = await fetch(`${gateway.url}/uploads`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'tus-resumable': '1.0.0', 'upload-length': '10' },
    })
    expect(begun.status).toBe(201)
    await gateway.app.foundation.database.query(
      `SELECT graphile_worker.add_job('media.process', '{}', run_at => now() - interval '1 hour', max_attempts => 3)`,
    )
    const text = await readBeside()
    expect(valueIn(text, `${M}tus_uploads_open`)).toBe(1)
    expect(valueIn(text, `${M}jobs{kind="media.process",state="waiting"}`)).toBeGreaterThan(0)
    expect(valueIn(text, `${M}job_oldest_due_seconds{kind="media.process"}`)).toBeGreaterThan(3_000)
    expect(valueIn(text, `${M}outbox_events`)).toBeGreaterThan(0)
    // transactions of other databases on the same server hold events back too, for as long as they last
    expect(valueIn(text, `${M}outbox_lag_seconds`)).toBeLessThan(60)
    expect(valueIn(text, `${M}blobs{store="default",state="live"}`)).toBeGreaterThan(0)
    expect(valueIn(text, `${M}blob_bytes{store="default",state="live"}`)).toBeGreaterThan(50_000)
    expect(valueIn(text, `${M}database_connections{state="busy"}`)).toBeGreaterThanOrEqual(0)
    expect(valueIn(text, `${M}http_connections`)).toBe(1)
    await fetch(`${gateway.url}${new URL(begun.headers.get('location') ?? '').pathname}`, {
      method: 'DELETE',
      headers: { authorization: ADMIN, 'tus-resumable': '1.0.0' },
    })
  })

  test('an event that a transaction holds back is told by its age', async () => {
    const { database } = gateway.app.foundation
    const client = database.newClient()
    await client.connect()
    await client.query('BEGIN')
    await client.query(`INSERT INTO account (id, name) VALUES ('holding', 'back')`)
    await gateway.upload({ bytes: Buffer.from('held back') })
    await database.query(`UPDATE outbox SET occurred_at = now() - interval '5 minutes' WHERE xid >=
      pg_snapshot_xmin(pg_current_snapshot())::text::bigint`)
    const text = await readBeside()
    await client.query('ROLLBACK')
    await client.end()
    expect(valueIn(text, `${M}outbox_lag_seconds`)).toBeGreaterThan(290)
  })
})

test('a server for operators alone, as a worker has, answers health and metrics, and nothing else', async () => {
  const server = await gateway.app.createServer({ draining: () => false, operatorsOnly: true })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const paths = [
    '/health/live',
    '/health/ready',
    '/metrics',
    '/graphql',
    '/playground',
    '/uploads',
    '/media/x/content',
  ]
  const ask = (path: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })
  const statuses = await Promise.all(paths.map(async path => [path, (await ask(path)).status]))
  await server.close()
  expect(statuses).toEqual(paths.map((path, i) => [path, i < 3 ? 200 : 404]))
})
