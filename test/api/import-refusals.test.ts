import type { RequestListener } from 'node:http'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { type Origin, startOrigin } from '../support/origin.ts'

const LIMIT = 20_000_000

let gateway: TestApp
let origin: Origin
/** Where no import leads to: allowed by nobody, and listening. */
let canary: Origin
beforeAll(async () => {
  origin = await startOrigin('127.0.0.1')
  canary = await startOrigin('127.0.0.2')
  gateway = await startApp({
    IMPORT_FROM_URL: '127.0.0.1/32',
    MAX_UPLOAD_BYTES: String(LIMIT),
  })
})
afterAll(async () => {
  await gateway.close()
  origin.close()
  canary.close()
})

/** All that a media says, but for what two of the same content differ in. */
const FIELDS = `name originalFileName title description altText kind mimeType declaredType status statusReason sourceType size sha256 etag
  contentVersion width height durationSeconds pageCount groupIds tags metadata public maxDownloads storeId cacheControl`

const MUTATION = `mutation Import($input: ImportMediaInput!) { importMedia(input: $input) {
  media { id revision ${FIELDS} } userErrors { __typename code message field } clientMutationId } }`

const request = async (input: Record<string, unknown>, client: Pick<TestApp, 'query'> = gateway) =>
  (await client.query(MUTATION, { input })).importMedia

async function announce(input: Record<string, unknown>): Promise<string> {
  const { media, userErrors } = await request(input)
  expect(userErrors).toEqual([])
  return media.id
}

/** Does the import's job, as a worker does it the n-th time. */
const work = (mediaId: string, attempts = 1, { app } = gateway) =>
  app.jobs
    .find(({ name }) => name === 'media.import')
    ?.run({ mediaId }, { job: { attempts }, abortSignal: new AbortController().signal } as never)

const read = async (id: string) =>
  (await gateway.query(`query($id: ID!) { media(id: $id) { revision ${FIELDS} } }`, { id })).media

const content = (id: string) =>
  fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)

const eventsOf = async (id: string) =>
  (await sql<{ type: string }>(`SELECT type FROM outbox WHERE media_id = $1 ORDER BY xid, seq`, [id])).map(
    ({ type }) => type,
  )

const serve =
  (body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body)

describe('what cannot be fetched', () => {
  async function failure(listener: RequestListener, path = '/x'): Promise<string> {
    origin.answer(listener)
    const id = await announce({ url: origin.url + path })
    await work(id)
    const media = await read(id)
    expect(media).toMatchObject({ status: 'FAILED', size: null })
    expect(await eventsOf(id)).toEqual(['media.created', 'media.failed'])
    const answer = await content(id)
    expect([answer.status, (await answer.json()).error?.code]).toEqual([409, 'CONTENT_NEVER_CAME'])
    return media.statusReason
  }

  test('because it is not there fails at once, and says so', async () => {
    expect(await failure((_, response) => void response.writeHead(404).end())).toContain('404')
  })

  test('because it is too large by what its server says, is not read', async () => {
    const reason = await failure((_, response) => {
      response.writeHead(200, { 'content-length': String(LIMIT + 1) })
      response.flushHeaders()
    })
    expect(reason).toContain('larger')
  })

  test('because it turns out too large, is not read on', async () => {
    const chunk = Buffer.alloc(1_000_000)
    const reason = await failure((_, response) => {
      const more = () => {
        if (!response.destroyed) response.write(chunk, more)
      }
      more()
    })
    expect(reason).toContain('larger')
  })

  test('because it is endless, ends with the time', async () => {
    origin.answer((_, response) => {
      const drip = setInterval(() => response.write('x'), 50)
      response.on('close', () => clearInterval(drip))
    })
    const hasty = await startApp({ IMPORT_FROM_URL: '127.0.0.1', IMPORT_SECONDS: '1' })
    try {
      const { media } = await request({ url: origin.url }, hasty)
      await work(media.id, 1, hasty)
      const query = `{ media(id: "${media.id}") { status statusReason } }`
      expect((await hasty.query(query)).media).toEqual({
        status: 'FAILED',
        statusReason: 'Fetching the file took longer than 1 s.',
      })
    } finally {
      await hasty.close()
    }
  })

  test('because it is encoded, says so', async () => {
    expect(await failure(serve('x', { 'content-encoding': 'br' }))).toContain('encoded')
  })

  test('because it leads elsewhere, says not where to, and asks nobody there', async () => {
    const before = canary.seen.connections
    const reason = await failure((_, response) => {
      response.writeHead(302, { location: `${canary.url}/secret` }).end()
    })
    expect(reason).toBe('The URL leads to a place that this gateway does not fetch from.')
    expect(canary.seen.connections).toBe(before)
  })

  test('is left out of an archive, which says why', async () => {
    origin.answer((_, response) => void response.writeHead(410).end())
    const failed = await announce({ url: origin.url })
    await work(failed)
    const pending = await announce({ url: origin.url })
    const answer = await fetch(`${gateway.url}/media/archive`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'content-type': 'application/json' },
      body: JSON.stringify({ ids: [failed, pending] }),
    })
    const zip = Buffer.from(await answer.arrayBuffer()).toString('latin1')
    expect(zip).toContain('CONTENT_NEVER_CAME')
    expect(zip).toContain('CONTENT_PENDING')
  })

  test('has nothing to give through a share link either', async () => {
    const pending = await announce({ url: origin.url })
    const { createShareLink } = await gateway.query(
      `mutation($id: ID!) { createShareLink(input: { mediaId: $id, expiresIn: 60, maxDownloads: 1 }) { url userErrors { code } } }`,
      { id: pending },
    )
    const { pathname } = new URL(createShareLink.url)
    for (const _ of [1, 2]) {
      const answer = await fetch(gateway.url + pathname)
      expect([answer.status, (await answer.json()).error?.code]).toEqual([409, 'CONTENT_PENDING'])
    }
  })
})
