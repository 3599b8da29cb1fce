import type { RequestListener } from 'node:http'
import { ADMIN, startApp, type TestApp } from './app.ts'
import { type Origin, startOrigin } from './origin.ts'

/** Bytes that an import may have. */
export const LIMIT = 20_000_000

/** All that a media says, but for what two of the same content differ in. */
export const FIELDS = `name originalFileName title description altText kind mimeType declaredType status statusReason sourceType size sha256 etag
  contentVersion width height durationSeconds pageCount groupIds tags metadata public maxDownloads storeId cacheControl`

const MUTATION = `mutation Import($input: ImportMediaInput!) { importMedia(input: $input) {
  media { id revision ${FIELDS} } userErrors { __typename code message field } clientMutationId } }`

/** For the tests of one file: a gateway that may import from one address, and an origin there. */
export function importSite() {
  let gateway: TestApp
  let origin: Origin
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

  const request = async (input: Record<string, unknown>, client: Pick<TestApp, 'query'> = gateway) =>
    (await client.query(MUTATION, { input })).importMedia
  const sql = <Row>(text: string, values: unknown[] = []) =>
    gateway.app.foundation.database.query<Row>(text, values)
  return {
    get gateway() {
      return gateway
    },
    get origin() {
      return origin
    },
    /** Where no import leads to: allowed by nobody, and listening. */
    get canary() {
      return canary
    },
    request,
    async announce(input: Record<string, unknown>): Promise<string> {
      const { media, userErrors } = await request(input)
      expect(userErrors).toEqual([])
      return media.id
    },
    /** Does the import's job, as a worker does it the n-th time. */
    work: (mediaId: string, attempts = 1, { app }: Pick<TestApp, 'app'> = gateway) =>
      app.jobs
        .find(({ name }) => name === 'media.import')
        ?.run({ mediaId }, { job: { attempts }, abortSignal: new AbortController().signal } as never),
    read: async (id: string) =>
      (await gateway.query(`query($id: ID!) { media(id: $id) { revision ${FIELDS} } }`, { id })).media,
    content: (id: string) =>
      fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } }),
    sql,
    eventsOf: async (id: string) =>
      (
        await sql<{ type: string }>(`SELECT type FROM outbox WHERE media_id = $1 ORDER BY xid, seq`, [id])
      ).map(({ type }) => type),
  }
}

/** Answers with this body. */
export const serve =
  (body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body)
