import pg from 'pg'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { put, ticketFor } from '../support/tickets.ts'

let gateway: TestApp
/** Somebody who holds what the gateway needs. */
let other: pg.Client
beforeAll(async () => {
  gateway = await startApp({ OPERATION_SECONDS: '2' })
  other = new pg.Client(gateway.environment.DATABASE_URL)
  await other.connect()
})
afterAll(async () => {
  await other.end()
  await gateway.close()
})
beforeEach(() => other.query('BEGIN'))
afterEach(() => other.query('ROLLBACK'))

const TIMEOUT = {
  status: 503,
  errors: [
    {
      message: expect.stringContaining('2 s'),
      extensions: { code: 'TIMEOUT', requestId: expect.any(String) },
    },
  ],
}

/** Statements of the gateway that wait for a lock. */
const waiting = async (): Promise<number> =>
  (
    await other.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rows.length

/** Asks until it is so; the test's own timeout ends it otherwise. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await other.query('SELECT 1')
}

describe('an operation that takes longer than OPERATION_SECONDS', () => {
  test('is given up, and its statement cancelled', async () => {
    await other.query('LOCK TABLE media')
    const answer = gateway.send('{ mediaItems { totalCount nodes { id } } }')
    await until(async () => (await waiting()) > 0)
    expect(await answer).toMatchObject(TIMEOUT)
    await until(async () => (await waiting()) === 0)
  })

  test('is given up within its transaction, of which nothing stays', async () => {
    const { media } = await gateway.upload({ bytes: Buffer.from('x') })
    await other.query('SELECT 1 FROM media WHERE id = $1 FOR UPDATE', [media.id])
    const mutation =
      'mutation($input: UpdateMediaInput!) { updateMedia(input: $input) { userErrors { code } } }'
    const answer = gateway.send(mutation, { input: { id: media.id, title: 'late' } })
    await until(async () => (await waiting()) > 0)
    expect(await answer).toMatchObject(TIMEOUT)
    await until(async () => (await waiting()) === 0)
    await other.query('ROLLBACK')
    const found = await gateway.query('query($id: ID!) { media(id: $id) { title } }', { id: media.id })
    expect(found).toEqual({ media: { title: null } })
  })

  test('is written to the log with its cost', async () => {
    await other.query('LOCK TABLE media')
    await gateway.send('query Slow { mediaItems(first: 3) { nodes { id } } }')
    await until(async () => gateway.log.some(line => line.operationName === 'Slow'))
    expect(gateway.log.find(line => line.operationName === 'Slow')).toMatchObject({
      msg: 'slow operation',
      operation: 'query',
      cost: 4,
      ms: expect.any(Number),
      requestId: expect.any(String),
    })
  })

  test('keeps no connection: as many as the pool has, and twice', async () => {
    for (let round = 0; round < 2; round++) {
      await other.query('LOCK TABLE media')
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => gateway.send('{ mediaItems { totalCount } }')),
      )
      for (const answer of answers) expect(answer).toMatchObject(TIMEOUT)
      await other.query('ROLLBACK')
      expect(await gateway.query('{ mediaItems { totalCount } }')).toEqual({
        mediaItems: { totalCount: expect.any(Number) },
      })
      await other.query('BEGIN')
    }
  })

  test('may take its time when it brings a file', async () => {
    await other.query('LOCK TABLE media')
    const upload = gateway.upload({ bytes: Buffer.from('slow') })
    await until(async () => (await waiting()) > 0)
    // When the deadline of a query has passed that came later, so would have that of the upload.
    expect(await gateway.send('{ mediaItems { totalCount } }')).toMatchObject(TIMEOUT)
    await other.query('ROLLBACK')
    expect((await upload).media.id).toEqual(expect.any(String))
  })
})

test('completing an upload may take its time, and what comes after it has the rest of its own', async () => {
  const ticket = await ticketFor(gateway)
  await put(ticket.putUrl, Buffer.from('ticket'))
  await other.query('LOCK TABLE media')
  const document = `mutation C($id: ID!) { completeUpload(input: { id: $id }) { media { id } }
    again: completeUpload(input: { id: $id }) { media { id } } }`
  const answer = gateway.send(document, { id: ticket.id })
  await until(async () => (await waiting()) > 0)
  // When the deadline of a query has passed that came later, so would have that of the mutation.
  expect(await gateway.send('{ mediaItems { totalCount } }')).toMatchObject(TIMEOUT)
  await other.query('ROLLBACK')
  const { data } = await answer
  expect(data.completeUpload.media).toEqual({ id: expect.any(String) })

  await other.query('BEGIN')
  await other.query('LOCK TABLE media')
  // The bytes are a media's already: what is left to do is a query, and has a query's deadline.
  expect(await gateway.send(document, { id: ticket.id })).toMatchObject(TIMEOUT)
})

test('other doors have no deadline of GraphQL', async () => {
  const { media } = await gateway.upload({ bytes: Buffer.from('content') })
  await other.query('LOCK TABLE media')
  const content = fetch(`${gateway.url}/media/${media.id}/content`, { headers: { authorization: ADMIN } })
  await until(async () => (await waiting()) > 0)
  expect(await gateway.send('{ mediaItems { totalCount } }')).toMatchObject(TIMEOUT)
  await other.query('ROLLBACK')
  expect(await (await content).text()).toBe('content')
})
