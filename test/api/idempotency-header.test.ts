import { randomUUID } from 'node:crypto'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { multipart } from '../support/gql.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const bytes = (text: string) => ({ bytes: Buffer.from(text), fileName: 'a.txt', mimeType: 'text/plain' })
const database = () => gateway.app.foundation.database

async function numberOf(table: 'media' | 'blob' | 'share_link' | 'api_key' | 'application'): Promise<number> {
  const [row] = await database().query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)
  return row?.n ?? 0
}

/** One GraphQL request with a header Idempotency-Key; `input.file`s are sent as parts. */
async function send(
  header: string,
  query: string,
  { input = {}, files = {} }: { input?: object; files?: Record<string, string> } = {},
) {
  const headers: Record<string, string> = {
    authorization: ADMIN,
    'apollo-require-preflight': 'true',
    'idempotency-key': header,
  }
  const parts = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, bytes(text)]))
  const body =
    Object.keys(files).length > 0
      ? multipart(query, { input }, parts)
      : JSON.stringify({ query, variables: { input } })
  if (typeof body === 'string') headers['content-type'] = 'application/json'
  const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
  return { status: answer.status, ...((await answer.json()) as { data: never; errors?: never }) } as {
    status: number
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
    data: any
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
    errors?: any
  }
}

describe('the header Idempotency-Key', () => {
  const UPLOAD = `mutation U($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } userErrors { code } } }`
  const upload = (header: string, input: object = {}) =>
    send(header, UPLOAD, { input: { ...input, file: null }, files: { 'variables.input.file': 'header' } })

  test('is the same as the field, quoted or plain', async () => {
    const key = randomUUID()
    const ids = [await upload(`"${key}"`), await upload(key), await upload(` "${key}" `)].map(
      ({ data }) => data.uploadMedia.media.id,
    )
    const byField = await gateway.upload(bytes('header'), { idempotencyKey: key })
    expect(new Set([...ids, byField.media.id]).size).toBe(1)
    const escaped = await upload(`"${key} \\"\\\\"`)
    const unescaped = await gateway.upload(bytes('header'), { idempotencyKey: `${key} "\\` })
    expect(unescaped.media.id).toBe(escaped.data.uploadMedia.media.id)
  })

  test('is refused beside a key in the input', async () => {
    const { data } = await upload('a', { idempotencyKey: 'b' })
    expect(data.uploadMedia).toEqual({ media: null, userErrors: [{ code: 'BAD_REQUEST' }] })
  })

  test.each([
    '""',
    '"a',
    'a"b',
    'a b',
    '"a", "b"',
    'a, b',
    '"a\\b"',
    '"a";p=1',
    'x'.repeat(256),
    `"${'x'.repeat(256)}"`,
  ])('is refused as %s', async header => {
    const before = await numberOf('media')
    expect(await upload(header)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    })
    expect(await numberOf('media')).toBe(before)
  })

  test.each([
    [
      'two mutations',
      `mutation { a: createApiKey(input: { scopes: ["media:read"] }) { secret } b: createApiKey(input: { scopes: ["media:read"] }) { secret } }`,
    ],
    [
      'two mutations in fragments',
      `mutation { ...F ... on Mutation { ...F } } fragment F on Mutation { createApiKey(input: { scopes: ["media:read"] }) { secret } }`,
    ],
    ['a mutation that makes nothing', `mutation { deleteMedia(input: { id: "x" }) { deletedMediaId } }`],
    ['no mutation at all', `mutation { __typename }`],
  ])('is refused for %s', async (_, query) => {
    const before = await numberOf('api_key')
    const { status, errors } = await send('k', query)
    expect([status, errors[0].extensions]).toMatchObject([
      400,
      { code: 'BAD_REQUEST', requestId: expect.any(String) },
    ])
    expect(await numberOf('api_key')).toBe(before)
  })

  test('means nothing to a query', async () => {
    expect(await send('k', '{ viewer { account } }')).toMatchObject({
      status: 200,
      data: { viewer: { account: 'acme' } },
    })
  })

  test('counts __typename as no mutation', async () => {
    const query = UPLOAD.replace('{ uploadMedia', '{ __typename uploadMedia')
    const answer = await send('with-typename', query, {
      input: { file: null },
      files: { 'variables.input.file': 'header' },
    })
    expect(answer.data.uploadMedia.userErrors).toEqual([])
  })
})
