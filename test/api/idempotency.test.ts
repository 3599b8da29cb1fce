import { createHash, randomUUID } from 'node:crypto'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { multipart } from '../support/gql.ts'
import { ecPair } from '../support/jwt.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const bytes = (text: string) => ({ bytes: Buffer.from(text), fileName: 'a.txt', mimeType: 'text/plain' })
const CONFLICT = { media: null, userErrors: [{ __typename: 'ConflictError', code: 'IDEMPOTENCY_CONFLICT' }] }
const database = () => gateway.app.foundation.database

async function untilWaiting(count: number): Promise<void> {
  const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while (((await database().query<{ n: number }>(waiting))[0]?.n ?? 0) < count);
}

async function numberOf(table: 'media' | 'blob' | 'share_link' | 'api_key' | 'application'): Promise<number> {
  const [row] = await database().query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`)
  return row?.n ?? 0
}

/** One GraphQL request with a header Idempotency-Key; `input.file`s are sent as parts. */
describe('uploadMedia', () => {
  test('gives the same media, as it is now, for the same key and request, and stores nothing again', async () => {
    const idempotencyKey = randomUUID()
    const input = { idempotencyKey, name: 'keyed', metadata: { b: 1, a: { d: 2, c: [] } } }
    const first = await gateway.upload(bytes('same'), input)
    await gateway.query(
      `mutation ($id: ID!) { updateMedia(input: { id: $id, title: "now" }) { media { id } } }`,
      {
        id: first.media.id,
      },
    )
    const before = [await numberOf('media'), await numberOf('blob')]
    const reordered = { metadata: { a: { c: [], d: 2 }, b: 1 }, name: 'keyed', idempotencyKey }
    const again = await gateway.upload(bytes('same'), { ...reordered, clientMutationId: 'other' })
    expect(again).toMatchObject({ media: { id: first.media.id, title: 'now' }, userErrors: [] })
    expect([await numberOf('media'), await numberOf('blob')]).toEqual(before)
  })

  test.each([
    ['another content', bytes('two'), {}],
    ['another file name', { ...bytes('one'), fileName: 'b.txt' }, {}],
    ['another declared type', { ...bytes('one'), mimeType: 'text/html' }, {}],
    ['another field', bytes('one'), { title: 'x' }],
  ])('refuses the key for %s, and keeps nothing of it', async (_, part, more) => {
    const idempotencyKey = randomUUID()
    const { media } = await gateway.upload(bytes('one'), { idempotencyKey })
    const before = [await numberOf('media'), await numberOf('blob')]
    expect(await gateway.upload(part, { idempotencyKey, ...more })).toMatchObject(CONFLICT)
    expect([await numberOf('media'), await numberOf('blob')]).toEqual(before)
    expect((await gateway.upload(bytes('one'), { idempotencyKey })).media.id).toBe(media.id)
  })

  test('of many at once with one key makes one media, which all of them get', async () => {
    for (let round = 0; round < 3; round++) {
      const before = await numberOf('media')
      const idempotencyKey = randomUUID()
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => gateway.upload(bytes('at once'), { idempotencyKey })),
      )
      expect(new Set(answers.map(({ media }) => media?.id)).size).toBe(1)
      expect(answers[0]?.media.id).toBeDefined()
      expect((await numberOf('media')) - before).toBe(1)
    }
  })

  test('of two at once with one key and two contents, one is made and the other refused', async () => {
    const idempotencyKey = randomUUID()
    const before = await numberOf('media')
    const answers = await Promise.all(
      ['this', 'that'].map(text => gateway.upload(bytes(text), { idempotencyKey })),
    )
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual([
      'IDEMPOTENCY_CONFLICT',
    ])
    expect((await numberOf('media')) - before).toBe(1)
  })

  test('at two nodes makes one media, also when both come to their commit at once', async () => {
    const second = await gateway.beside()
    const query = `mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } } }`
    const idempotencyKey = randomUUID()
    const at = async (url: string): Promise<string> => {
      const input = { idempotencyKey, file: null }
      const headers = { authorization: ADMIN, 'apollo-require-preflight': 'true' }
      const body = multipart(query, { input }, { 'variables.input.file': bytes('nodes') })
      const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
      return ((await answer.json()) as { data: { uploadMedia: { media: { id: string } } } }).data.uploadMedia
        .media.id
    }
    let uploads: Promise<string[]> = Promise.resolve([])
    await database().transaction(async tx => {
      // Their commits both need this row: neither has made anything yet.
      await tx.query(`SELECT FROM account WHERE id = 'acme' FOR UPDATE`)
      uploads = Promise.all([at(gateway.url), at(second.url)])
      await untilWaiting(2)
    })
    expect(new Set(await uploads).size).toBe(1)
    const [row] = await database().query(`SELECT count(*)::int AS n FROM media WHERE sha256 = $1`, [
      createHash('sha256').update('nodes').digest('hex'),
    ])
    expect(row).toEqual({ n: 1 })
    await second.close()
  })

  test('that was refused leaves the key free for a request that is mended', async () => {
    const idempotencyKey = randomUUID()
    const refused = await gateway.upload(bytes('x'), { idempotencyKey, title: 'a\0b' })
    expect(refused.userErrors[0]?.code).toBe('INVALID_INPUT')
    expect((await gateway.upload(bytes('x'), { idempotencyKey, title: 'ab' })).userErrors).toEqual([])
  })

  test('says that what it made is deleted, and makes nothing again', async () => {
    const idempotencyKey = randomUUID()
    const { media } = await gateway.upload(bytes('x'), { idempotencyKey })
    await gateway.query(`mutation ($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, {
      id: media.id,
    })
    const before = await numberOf('media')
    expect(await gateway.upload(bytes('x'), { idempotencyKey })).toMatchObject({
      media: null,
      userErrors: [
        { __typename: 'NotFoundError', code: 'IDEMPOTENCY_RESULT_GONE', field: ['input', 'idempotencyKey'] },
      ],
    })
    expect(await numberOf('media')).toBe(before)
  })

  test('keeps the keys of principals and accounts apart', async () => {
    const idempotencyKey = randomUUID()
    const clients = [gateway as Pick<TestApp, 'upload'>]
    for (const accountId of ['acme', 'other']) {
      const { key, secret } = await gateway.app.keys.create({ accountId, scopes: ['*'] })
      clients.push(gateway.as(`Bearer mgw_${key.id}_${secret}`))
    }
    const uploads = []
    // One after the other: each finds the keys of those before it.
    for (const client of clients) uploads.push(await client.upload(bytes('x'), { idempotencyKey }))
    expect(new Set(uploads.map(({ media }) => media.id)).size).toBe(3)
  })

  test('shows who may create but not read what was made as long as it is as it was made', async () => {
    const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['media:create'] })
    const writer = gateway.as(`Bearer mgw_${key.id}_${secret}`)
    const idempotencyKey = randomUUID()
    const { media } = await writer.upload(bytes('x'), { idempotencyKey })
    expect((await writer.upload(bytes('x'), { idempotencyKey })).media.id).toBe(media.id)
    await gateway.query(
      `mutation ($id: ID!) { updateMedia(input: { id: $id, title: "theirs" }) { media { id } } }`,
      {
        id: media.id,
      },
    )
    expect((await writer.upload(bytes('x'), { idempotencyKey })).userErrors[0]?.code).toBe(
      'IDEMPOTENCY_RESULT_GONE',
    )
  })

  test.each(['', 'x'.repeat(256), 'ключ', 'a\0b', '\ud800', 'line\nbreak'])(
    'refuses %j as a key',
    async idempotencyKey => {
      expect((await gateway.upload(bytes('x'), { idempotencyKey })).userErrors).toMatchObject([
        {
          __typename: 'InvalidInputError',
          code: 'IDEMPOTENCY_KEY_INVALID',
          field: ['input', 'idempotencyKey'],
        },
      ])
    },
  )

  test('takes a key of 255 characters with blanks and quotes', async () => {
    const idempotencyKey = `${randomUUID()} "'\\${'~'.repeat(215)}`
    expect(idempotencyKey).toHaveLength(255)
    const [a, b] = [
      await gateway.upload(bytes('x'), { idempotencyKey }),
      await gateway.upload(bytes('x'), { idempotencyKey }),
    ]
    expect(b.media.id).toBe(a.media.id)
  })
})

describe('uploadMediaBatch', () => {
  const BATCH = `mutation B($input: UploadMediaBatchInput!) { uploadMediaBatch(input: $input) {
    count results { media { id } userErrors { code field } } userErrors { code field } } }`
  const batch = async (texts: readonly string[], input: object, items: readonly object[] = []) => {
    const parts = texts.map((text, i) => [`variables.input.items.${i}.file`, bytes(text)] as const)
    const variables = { input: { ...input, items: texts.map((_, i) => ({ ...items[i], file: null })) } }
    const headers = { authorization: ADMIN, 'apollo-require-preflight': 'true' }
    const body = multipart(BATCH, variables, Object.fromEntries(parts))
    const answer = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body })
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
    return ((await answer.json()) as any).data.uploadMediaBatch
  }
  const idsOf = (payload: { results: { media: { id: string } | null }[] }) =>
    payload.results.map(({ media }) => media?.id)

  test('takes up under its key where it was left: what was made is given, what was refused is done', async () => {
    const idempotencyKey = randomUUID()
    const taken = `taken ${idempotencyKey}`
    const { media } = await gateway.upload(bytes('x'), { name: taken })
    const items = [{}, { name: taken }, {}]
    const first = await batch(['a', 'b', 'a'], { idempotencyKey }, items)
    expect(first).toMatchObject({ count: 2, userErrors: [] })
    expect(first.results[1].userErrors).toEqual([
      { code: 'NAME_TAKEN', field: ['input', 'items', '1', 'name'] },
    ])
    await gateway.query(`mutation ($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`, {
      id: media.id,
    })
    const second = await batch(['a', 'b', 'a'], { idempotencyKey }, items)
    expect(second.count).toBe(3)
    expect([idsOf(second)[0], idsOf(second)[2]]).toEqual([idsOf(first)[0], idsOf(first)[2]])
    expect(idsOf(await batch(['a', 'b', 'a'], { idempotencyKey }, items))).toEqual(idsOf(second))
  })

  test('refuses the key for other files, more files, or a single upload', async () => {
    const idempotencyKey = randomUUID()
    await batch(['a', 'b'], { idempotencyKey })
    const before = await numberOf('media')
    const others = await batch(['a', 'c'], { idempotencyKey })
    expect(others.results[1]).toMatchObject({ media: null, userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }] })
    expect(await batch(['a', 'b', 'c'], { idempotencyKey })).toMatchObject({ count: 0 })
    expect(await gateway.upload(bytes('a'), { idempotencyKey })).toMatchObject(CONFLICT)
    expect(await numberOf('media')).toBe(before)
  })

  test('takes a key for each item, under which it is the same request as alone', async () => {
    const [one, two] = [randomUUID(), randomUUID()]
    const { media } = await gateway.upload(bytes('one'), { idempotencyKey: one })
    const items = [{ idempotencyKey: one }, { idempotencyKey: two }]
    const first = await batch(['one', 'two'], {}, items)
    expect(idsOf(first)[0]).toBe(media.id)
    expect(idsOf(await batch(['two', 'one'], {}, [...items].reverse()))).toEqual([...idsOf(first)].reverse())
    const both = await batch(['one'], { idempotencyKey: randomUUID() }, [{ idempotencyKey: one }])
    expect(both.results[0].userErrors[0].code).toBe('BAD_REQUEST')
  })
})

describe('what has a secret', () => {
  test('createShareLink gives the same link, without its URL', async () => {
    const { media } = await gateway.upload(bytes('x'))
    const query = `mutation S($input: CreateShareLinkInput!) { createShareLink(input: $input) {
      shareLink { id expiresAt } url userErrors { code } } }`
    const input = { mediaId: media.id, expiresIn: 60, idempotencyKey: randomUUID() }
    const first = (await gateway.query(query, { input })).createShareLink
    const before = await numberOf('share_link')
    const again = (await gateway.query(query, { input })).createShareLink
    expect(first.url).toContain('/s/')
    expect(again).toEqual({ shareLink: first.shareLink, url: null, userErrors: [] })
    const other = (await gateway.query(query, { input: { ...input, expiresIn: 61 } })).createShareLink
    expect(other.userErrors).toEqual([{ code: 'IDEMPOTENCY_CONFLICT' }])
    expect(await numberOf('share_link')).toBe(before)
  })

  test('createApiKey gives the same key, without its secret, which is kept nowhere', async () => {
    const query = `mutation K($input: CreateApiKeyInput!) { createApiKey(input: $input) {
      apiKey { id keyId } secret token userErrors { code } } }`
    const input = { scopes: ['media:read'], name: 'k', idempotencyKey: randomUUID() }
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => (await gateway.query(query, { input })).createApiKey),
    )
    expect(new Set(answers.map(({ apiKey }) => apiKey.id)).size).toBe(1)
    const secrets = answers.flatMap(({ secret }) => secret ?? [])
    expect(secrets).toHaveLength(1)
    const rows = JSON.stringify(await database().query('SELECT * FROM idempotency'))
    expect(rows).not.toContain(secrets[0])
    const before = await numberOf('api_key')
    const other = await gateway.query(query, { input: { ...input, scopes: ['admin'] } })
    expect(other.createApiKey).toMatchObject({ apiKey: null, userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }] })
    expect(await numberOf('api_key')).toBe(before)
  })

  test('createApplication gives the same application', async () => {
    const query = `mutation A($input: CreateApplicationInput!) { createApplication(input: $input) {
      application { id } userErrors { code } } }`
    const input = { publicKey: ecPair().pem, scopes: ['media:read'], idempotencyKey: randomUUID() }
    const first = (await gateway.query(query, { input })).createApplication
    const before = await numberOf('application')
    expect((await gateway.query(query, { input })).createApplication).toEqual(first)
    expect(await numberOf('application')).toBe(before)
    // A key belongs to one kind of request.
    const apiKey = `mutation K($input: CreateApiKeyInput!) { createApiKey(input: $input) { userErrors { code } } }`
    const crossed = { scopes: ['media:read'], idempotencyKey: input.idempotencyKey }
    expect((await gateway.query(apiKey, { input: crossed })).createApiKey.userErrors).toEqual([
      { code: 'IDEMPOTENCY_CONFLICT' },
    ])
  })
})

test('keys are forgotten after 24 hours, and only then', async () => {
  const [old, recent] = [randomUUID(), randomUUID()]
  const first = await gateway.upload(bytes('x'), { idempotencyKey: old })
  const kept = await gateway.upload(bytes('x'), { idempotencyKey: recent })
  const age = (key: string, interval: string) =>
    database().query(`UPDATE idempotency SET created_at = now() - $2::interval WHERE key = $1`, [
      key,
      interval,
    ])
  await age(old, '24 hours 1 second')
  await age(recent, '23 hours 59 minutes')
  const job = gateway.app.jobs.find(({ name }) => name === 'idempotency.forget')
  await job?.run({}, {} as never)
  expect((await gateway.upload(bytes('x'), { idempotencyKey: old })).media.id).not.toBe(first.media.id)
  expect((await gateway.upload(bytes('x'), { idempotencyKey: recent })).media.id).toBe(kept.media.id)
})

test('a row tells neither the input nor the content, only their hash', async () => {
  const idempotencyKey = randomUUID()
  await gateway.upload(bytes('content of the file'), { idempotencyKey, title: 'a title' })
  const [row] = await database().query<{ requestHash: string }>(
    `SELECT request_hash AS "requestHash" FROM idempotency WHERE key = $1`,
    [idempotencyKey],
  )
  expect(row?.requestHash).toMatch(/^[0-9a-f]{64}$/)
  expect(row?.requestHash).not.toBe(createHash('sha256').update('content of the file').digest('hex'))
})
