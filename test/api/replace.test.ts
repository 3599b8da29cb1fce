import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { seededRandom } from '../faults/random.ts'
import { tryReads } from '../faults/read-trial.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { countOf } from '../support/counts.ts'
import { fixture } from '../support/fixtures.ts'
import { REPLACE, replaceContent } from '../support/replace.ts'
import { statementsOf } from '../support/statements.ts'

const LIMIT = 200_000

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ MAX_UPLOAD_BYTES: String(LIMIT) })
})
afterAll(() => gateway.close())

const NEVER = '01234567-89ab-7def-8123-456789abcdef'
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const text = (content: string) => ({
  bytes: Buffer.from(content),
  fileName: `${content}.txt`,
  mimeType: 'text/plain',
})
const replace = (part: ReturnType<typeof text>, input: Record<string, unknown>, authorization = ADMIN) =>
  replaceContent({ url: gateway.url, authorization }, part, input)
const newMedia = async (content = 'one', input: object = {}) =>
  (await gateway.upload(text(content), { ...input }, 'id revision etag sha256 createdAt')).media
const content = (id: string, query = '', headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}/media/${id}/content${query}`, { headers: { authorization: ADMIN, ...headers } })
const sql = <Row>(statement: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(statement, values)
/** All that a refused replacement must leave as it was. */
const traces = (id: string) =>
  sql(
    `SELECT m.*, (SELECT count(*) FROM outbox WHERE media_id = m.id) AS events,
            (SELECT count(*) FROM media_version WHERE media_id = m.id) AS versions,
            (SELECT count(*) FROM blob) AS blobs, (SELECT count(*) FROM idempotency) AS keys FROM media m WHERE m.id = $1`,
    [id],
  )

describe('a replacement', () => {
  test('changes the content and what follows from it, and nothing that was said about it', async () => {
    const said = { name: 'logo', title: 'T', tags: ['a'], metadata: { k: 1 }, public: true }
    const { media: before } = await gateway.upload(
      { bytes: fixture('photo.png').bytes(), fileName: 'photo.png', mimeType: 'image/png' },
      said,
      'id kind width revision contentUpdatedAt',
    )
    expect(before).toMatchObject({ kind: 'IMAGE', width: expect.any(Number) })
    const { media, userErrors, clientMutationId } = await replace(text('two'), {
      id: before.id,
      ifMatch: before.revision,
      clientMutationId: 'c',
    })
    expect([userErrors, clientMutationId]).toEqual([[], 'c'])
    expect(media).toMatchObject({
      id: before.id,
      contentVersion: 2,
      size: 3,
      sha256: sha256(Buffer.from('two')),
      mimeType: 'text/plain',
      kind: 'DOCUMENT',
      width: null,
      height: null,
      originalFileName: 'two.txt',
    })
    expect(media.revision).not.toBe(before.revision)
    expect(Date.parse(media.contentUpdatedAt)).toBeGreaterThanOrEqual(Date.parse(before.contentUpdatedAt))
    const { media: now } = await gateway.query(
      `query M($id: ID!) { media(id: $id) { name title tags metadata public revision } }`,
      { id: before.id },
    )
    expect(now).toEqual({ ...said, revision: media.revision })
    const events = await sql<{ type: string }>(`SELECT type FROM outbox WHERE media_id = $1 ORDER BY seq`, [
      before.id,
    ])
    expect(events.map(({ type }) => type)).toEqual(['media.created', 'media.replaced'])
  })

  test('is seen at the stable URL at once; each version has a URL of its own that never changes', async () => {
    const { id } = await newMedia()
    const first = await content(id)
    expect([await first.text(), first.headers.get('cache-control')]).toEqual(['one', 'private, no-cache'])
    const etag = first.headers.get('etag') ?? ''
    expect((await content(id, '', { 'if-none-match': etag })).status).toBe(304)
    await replace(text('two'), { id })
    const second = await content(id, '', { 'if-none-match': etag })
    expect([second.status, await second.text()]).toEqual([200, 'two'])
    const { media } = await gateway.query(
      `query V($id: ID!) { media(id: $id) { versions { totalCount nodes { contentVersion size sha256 mimeType originalFileName url } } } }`,
      { id },
    )
    expect(media.versions).toMatchObject({
      totalCount: 2,
      nodes: [
        { contentVersion: 2, sha256: sha256(Buffer.from('two')), originalFileName: 'two.txt' },
        { contentVersion: 1, size: 3, mimeType: 'text/plain', originalFileName: 'one.txt' },
      ],
    })
    const fetched = await Promise.all(
      media.versions.nodes.map(async ({ url }: { url: string }) => (await fetch(url)).text()),
    )
    expect(fetched).toEqual(['two', 'one'])
    const pinned = await content(id, '?v=1')
    expect([await pinned.text(), pinned.headers.get('etag')]).toEqual(['one', etag])
    expect(pinned.headers.get('cache-control')).toBe('private, max-age=31536000, immutable')
    expect((await content(id, '?v=3')).status).toBe(404)
  })

  test('under one idempotency key happens once, however often it is sent, and at one time', async () => {
    for (let round = 0; round < 5; round++) {
      const { id, revision } = await newMedia()
      const input = { id, ifMatch: revision, idempotencyKey: `once ${round}` }
      const answers = await Promise.all([1, 2, 3].map(() => replace(text('two'), input)))
      answers.push(await replace(text('two'), input))
      expect(answers.map(({ media, userErrors }) => [media?.contentVersion, userErrors])).toEqual(
        answers.map(() => [2, []]),
      )
      const [{ n } = { n: 0 }] = await sql<{ n: number }>(
        `SELECT count(*)::int AS n FROM media_version WHERE media_id = $1`,
        [id],
      )
      expect(n).toBe(2)
    }
    const { id, revision } = await newMedia()
    const input = { id, ifMatch: revision, idempotencyKey: 'other' }
    await replace(text('two'), input)
    expect((await replace(text('three'), input)).userErrors[0]?.code).toBe('IDEMPOTENCY_CONFLICT')
    expect((await replace(text('two'), { ...input, ifMatch: null })).userErrors[0]?.code).toBe(
      'IDEMPOTENCY_CONFLICT',
    )
  })
})

test('is given again to who may not read it, also when a hold has come since; deleted, it is gone', async () => {
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes: ['media:update'] })
  const { id } = await newMedia()
  const again = () => replace(text('two'), { id, idempotencyKey: 'blind' }, `Bearer mgw_${key.id}_${secret}`)
  const first = await again()
  expect(first.media).toMatchObject({ id, contentVersion: 2 })
  const { applyLegalHold } = await gateway.query(
    `mutation { applyLegalHold(input: { mediaId: "${id}", reason: "r" }) { legalHold { id } } }`,
  )
  expect(await again()).toEqual(first)
  await gateway.query(
    `mutation { releaseLegalHold(input: { id: "${applyLegalHold.legalHold.id}" }) { userErrors { code } } }`,
  )
  await gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { deletedMediaId } }`)
  expect((await again()).userErrors[0]?.code).toBe('IDEMPOTENCY_RESULT_GONE')
})

describe('is refused, and leaves everything as it was,', () => {
  test('with another revision, whose present one it names', async () => {
    const { id, revision } = await newMedia()
    const before = await traces(id)
    for (const ifMatch of ['', 'r0', `${revision} `, 'r1\0', '\ud800', 'r99999999999999999999']) {
      const { media, userErrors } = await replace(text('two'), { id, ifMatch, idempotencyKey: 'refused' })
      expect([media, userErrors]).toEqual([
        null,
        [
          {
            __typename: 'RevisionConflictError',
            code: 'REVISION_CONFLICT',
            field: ['input', 'ifMatch'],
            current: revision,
          },
        ],
      ])
    }
    expect(await traces(id)).toEqual(before)
  })

  test('before a byte of it is stored', async () => {
    const { id } = await newMedia()
    const statements = await statementsOf(gateway.app.foundation.database, async () => {
      await replace(text('two'), { id, ifMatch: 'r0' })
      await replace(text('two'), { id: NEVER })
    })
    expect(statements.filter(statement => /INSERT INTO blob/.test(statement))).toEqual([])
    const stored = await statementsOf(gateway.app.foundation.database, () => replace(text('two'), { id }))
    expect(stored.filter(statement => /INSERT INTO blob/.test(statement))).toHaveLength(1)
  })

  test('what is not there, of another account, or no id at all, in the same words', async () => {
    const { id } = await newMedia()
    const before = await traces(id)
    const answers = await Promise.all(
      [id, NEVER, '', 'a\0b', '\ud800', `col_${NEVER}`].map(wrong =>
        replace(text('x'), { id: wrong }, FOREIGN),
      ),
    )
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]?.userErrors).toEqual([
      { __typename: 'NotFoundError', code: 'NOT_FOUND', field: ['input', 'id'] },
    ])
    expect(await traces(id)).toEqual(before)
  })

  test('for who sees it through a group', async () => {
    const { id } = await newMedia('shared', { groupIds: ['g'] })
    const { key, secret } = await gateway.app.keys.create({
      accountId: 'acme',
      scopes: ['media:read', 'media:update'],
      owner: { id: 'carl' },
      groupIds: ['g'],
    })
    const before = await traces(id)
    const refused = replace(text('x'), { id }, `Bearer mgw_${key.id}_${secret}`)
    await expect(refused).rejects.toThrow('FORBIDDEN')
    expect(await traces(id)).toEqual(before)
  })

  test('a file that is too large, or that is not there', async () => {
    const { id } = await newMedia()
    const before = await traces(id)
    const { userErrors } = await replace({ ...text('x'), bytes: randomBytes(LIMIT + 1) }, { id })
    expect(userErrors).toEqual([
      { __typename: 'FileTooLargeError', code: 'FILE_TOO_LARGE', field: ['input', 'file'], limit: LIMIT },
    ])
    const { replaceMediaContent } = await gateway.query(REPLACE, { input: { id, file: null } })
    expect(replaceMediaContent).toMatchObject({
      media: null,
      userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'file'] }],
    })
    expect(await traces(id)).toEqual(before)
    expect(await (await content(id)).text()).toBe('one')
  })

  test('a media under legal hold, also one that is held while the bytes arrive', async () => {
    const hold = (id: string) =>
      gateway.query(
        `mutation { applyLegalHold(input: { mediaId: "${id}", reason: "r" }) { userErrors { code } } }`,
      )
    const { id } = await newMedia()
    await hold(id)
    const before = await traces(id)
    expect((await replace(text('two'), { id })).userErrors[0]).toMatchObject({
      __typename: 'LegalHoldError',
      code: 'LEGAL_HOLD',
    })
    expect(await traces(id)).toEqual(before)
    const { explainAccess } = await gateway.query(
      `{ explainAccess(mediaId: "${id}", action: REPLACE) { allowed rule } }`,
    )
    expect(explainAccess).toEqual({ allowed: false, rule: 'LEGAL_HOLD' })

    const { id: late } = await newMedia()
    const halves = slowly(late)
    const answer = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { ...halves.headers, authorization: ADMIN, 'apollo-require-preflight': 'true' },
      body: halves.body,
      duplex: 'half',
    } as unknown as RequestInit)
    while ((await sql(`SELECT 1 FROM blob WHERE state = 'staged'`)).length === 0);
    await hold(late)
    halves.finish()
    const { data } = (await (await answer).json()) as { data: { replaceMediaContent: object } }
    expect(data.replaceMediaContent).toMatchObject({ media: null, userErrors: [{ code: 'LEGAL_HOLD' }] })
    expect(await (await content(late)).text()).toBe('one')
    expect(await sql(`SELECT 1 FROM blob WHERE state <> 'live'`)).toEqual([])
  })
})

/** A replacement whose file arrives in two parts, the second of them when it is told to. */
function slowly(id: string) {
  const boundary = 'part-boundary'
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const gate = Promise.withResolvers<void>()
  async function* parts() {
    yield field('operations', JSON.stringify({ query: REPLACE, variables: { input: { id, file: null } } })) +
      field('map', '{"0":["variables.input.file"]}') +
      `--${boundary}\r\nContent-Disposition: form-data; name="0"; filename="a.txt"\r\n\r\nhalf`
    await gate.promise
    yield ` and half\r\n--${boundary}--\r\n`
  }
  return {
    body: Readable.toWeb(Readable.from(parts(), { objectMode: false })),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    finish: () => gate.resolve(),
  }
}

describe('at the same time', () => {
  test('of replacements that expect the same revision exactly one happens', async () => {
    const { id, revision } = await newMedia()
    let ifMatch: string = revision
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map(racer => replace(text(`${racer}${round}`), { id, ifMatch })),
      )
      const won = answers.filter(({ media }) => media)
      expect(won.map(({ media }) => media.contentVersion)).toEqual([round + 2])
      const lost = answers.filter(({ media }) => !media).map(({ userErrors }) => userErrors[0])
      ifMatch = won[0]?.media.revision
      expect(lost.map(error => [error?.code, error?.current])).toEqual(
        lost.map(() => ['REVISION_CONFLICT', ifMatch]),
      )
      expect(sha256(Buffer.from(await (await content(id)).arrayBuffer()))).toBe(won[0]?.media.sha256)
    }
  })

  // A sample, also of the thorough run: `npm run test:long -- --only replaced-under-readers` has 1 000 readers and 100 replacements.
  test('readers get whole contents whose ETag is theirs, and after an answer none that is older', async () => {
    const readers = countOf({ daily: 40, thorough: 100 })
    const replacements = countOf({ daily: 8, thorough: 20 })
    const second = await gateway.beside()
    const { reads, overtaken, seen } = await tryReads({
      origin: gateway.url,
      // At the gateway that all read from each waits in line with them.
      replacedAt: version => (version % 4 === 0 ? gateway.url : second.url),
      bearer: ADMIN.replace('Bearer ', ''),
      readers,
      replacements,
      random: seededRandom(20),
    }).finally(() => second.close())
    expect(seen).toBeGreaterThan(2)
    expect(overtaken).toBeGreaterThan(0)
    process.stdout.write(
      `${readers} readers during ${replacements} replacements saw ${seen} contents in ${reads} reads\n`,
    )
  }, 180_000)
})
