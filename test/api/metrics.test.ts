import { METRIC_TABLE } from '../../src/metrics.ts'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { graphqlClient } from '../support/gql.ts'

const TOKEN = 'metrics-token-for-tests'
let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ METRICS_TOKEN: TOKEN, RATE_LIMIT: 'address=5/h' })
})
afterAll(() => gateway.close())

const get = (authorization?: string) =>
  fetch(`${gateway.url}/metrics`, { headers: authorization === undefined ? {} : { authorization } })
const read = async () => (await get(`Bearer ${TOKEN}`)).text()
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
  // A gateway beside it has read nothing yet: what the database says is kept for some seconds.
  const second = await gateway.beside({ METRICS_TOKEN: TOKEN })
  const response = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
  const there = await response.text()
  await second.close()
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

test('while the database cannot say it, nothing is told of lost blobs, and everything else is', async () => {
  const { database } = gateway.app.foundation
  const second = await gateway.beside({ METRICS_TOKEN: TOKEN })
  await database.query(`ALTER TABLE inspection RENAME TO away`)
  const response = await fetch(`${second.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
  await database.query(`ALTER TABLE away RENAME TO inspection`)
  const text = await response.text()
  await second.close()
  expect(response.status).toBe(200)
  expect(valueIn(text, 'media_gateway_reaper_expired_uploads_total')).toBe(0)
  expect(valueIn(text, 'media_gateway_blobs_awaiting_reaper')).toBeUndefined()
})

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
