import { ADMIN, startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const FIELDS = `id name title description altText tags metadataPrimary metadataSecondary metadata geolocation { latitude longitude }
  conversationId groupIds sourceType public maxDownloads cacheControl updatedAt etag contentVersion`
const UPDATE = `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) {
  clientMutationId media { ${FIELDS} } userErrors { __typename code message field } } }`
const DELETE = `mutation D($input: DeleteMediaInput!) { deleteMedia(input: $input) {
  clientMutationId deletedMediaId userErrors { __typename code field } } }`

const FULL = {
  name: 'full',
  title: 'T',
  description: 'D',
  altText: 'A',
  tags: ['x'],
  metadataPrimary: 'p',
  metadataSecondary: 's',
  metadata: { a: 1 },
  geolocation: { latitude: 1, longitude: 2 },
  conversationId: 'c',
  groupIds: ['g'],
  sourceType: 'recording',
  public: true,
  maxDownloads: 3,
  cacheControl: 'no-store',
}
const CLEARED = {
  name: null,
  title: null,
  description: null,
  altText: null,
  tags: [],
  metadataPrimary: null,
  metadataSecondary: null,
  metadata: {},
  geolocation: null,
  conversationId: null,
  groupIds: [],
  sourceType: 'unknown',
  public: false,
  maxDownloads: 0,
  cacheControl: null,
}

async function newMedia(input: Record<string, unknown> = {}): Promise<string> {
  return (await gateway.upload({ bytes: Buffer.from('content') }, input)).media.id
}

describe('updateMedia', () => {
  test('leaves absent fields as they are', async () => {
    const id = await newMedia({ ...FULL, name: 'untouched' })
    const { updateMedia } = await gateway.query(UPDATE, {
      input: { id, title: 'New', clientMutationId: 'c1' },
    })
    expect(updateMedia).toMatchObject({
      clientMutationId: 'c1',
      media: { ...FULL, id, name: 'untouched', title: 'New' },
      userErrors: [],
    })
  })

  test.each(Object.keys(FULL) as (keyof typeof FULL)[])('clears %s with null', async field => {
    const id = await newMedia({ ...FULL, name: null })
    const { updateMedia } = await gateway.query(UPDATE, { input: { id, [field]: null } })
    expect(updateMedia.media).toMatchObject({ ...FULL, name: null, [field]: CLEARED[field] })
  })

  test('changes updatedAt, and neither etag nor content version', async () => {
    const { media } = await gateway.upload({ bytes: Buffer.from('content') }, {}, FIELDS)
    const { updateMedia } = await gateway.query(UPDATE, { input: { id: media.id, title: 'Later' } })
    expect(Date.parse(updateMedia.media.updatedAt)).toBeGreaterThanOrEqual(Date.parse(media.updatedAt))
    expect(updateMedia.media).toMatchObject({ etag: media.etag, contentVersion: 1 })
  })

  test('refuses a name that another media has, and takes it once that one is deleted', async () => {
    const first = await newMedia({ name: 'wanted' })
    const id = await newMedia()
    const refused = await gateway.query(UPDATE, { input: { id, name: 'wanted' } })
    expect(refused.updateMedia).toMatchObject({
      media: null,
      userErrors: [{ __typename: 'ConflictError', code: 'NAME_TAKEN' }],
    })
    await gateway.query(DELETE, { input: { id: first } })
    const taken = await gateway.query(UPDATE, { input: { id, name: 'wanted' } })
    expect(taken.updateMedia).toMatchObject({ media: { name: 'wanted' }, userErrors: [] })
  })

  test.each([
    [100, 100, []],
    [101, null, ['INVALID_INPUT']],
    [30_000, null, ['OPERATION_TOO_LARGE']],
  ])('takes metadata that is nested up to 100 deep: %i', async (depth, taken, codes) => {
    const id = await newMedia()
    // Written by hand: to build or print such a value takes the stack of whoever tries.
    const metadata = `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    const query = `mutation U($input: UpdateMediaInput!) { updateMedia(input: $input) { media { id } userErrors { code } } }`
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'content-type': 'application/json' },
      body: `{"query":${JSON.stringify(query)},"variables":{"input":{"id":"${id}","metadata":${metadata}}}}`,
    })
    const { data, errors } = (await answer.json()) as {
      data?: { updateMedia: { media: unknown; userErrors: { code: string }[] } }
      errors?: { extensions: { code: string } }[]
    }
    if (!data) return expect(errors?.map(({ extensions }) => extensions.code)).toEqual(codes)
    expect(data.updateMedia).toEqual({ media: taken && { id }, userErrors: codes.map(code => ({ code })) })
  })

  test('cannot reach what is not a field of the input', async () => {
    const id = await newMedia()
    for (const field of [
      'accountId',
      'ownerId',
      'timesDownloaded',
      'etag',
      'storeId',
      'sha256',
      'deletedAt',
    ]) {
      const { status } = await gateway.send(UPDATE, { input: { id, [field]: 'x' } })
      expect(status).toBe(400)
    }
  })
})

describe('deleteMedia', () => {
  test('takes the media out of every read at once', async () => {
    const id = await newMedia({ name: 'gone', public: true })
    const { deleteMedia } = await gateway.query(DELETE, { input: { id, clientMutationId: 'd1' } })
    expect(deleteMedia).toEqual({ clientMutationId: 'd1', deletedMediaId: id, userErrors: [] })
    const read = await gateway.query(
      `query R($id: ID!) { media(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } mediaByName(name: "gone") { id }
        mediaItems(filter: { search: "gone" }) { totalCount } }`,
      { id },
    )
    expect(read).toEqual({
      media: null,
      node: null,
      nodes: [null],
      mediaByName: null,
      mediaItems: { totalCount: 0 },
    })
    for (const headers of [{ authorization: ADMIN }, {}] as Record<string, string>[]) {
      expect((await fetch(`${gateway.url}/media/${id}/content`, { headers })).status).toBe(404)
    }
    const again = await gateway.query(DELETE, { input: { id } })
    expect(again.deleteMedia).toMatchObject({
      deletedMediaId: null,
      userErrors: [{ __typename: 'NotFoundError', code: 'NOT_FOUND' }],
    })
  })

  test('keeps the bytes until the time in the trash is over, then removes them all', async () => {
    const { database } = gateway.app.foundation
    const id = await newMedia()
    await gateway.query(DELETE, { input: { id } })
    expect(await gateway.app.trash.empty()).toBe(0)
    const key = await database.query<{ key: string }>(
      `SELECT b.key FROM blob b JOIN media m ON m.blob_id = b.id WHERE m.id = $1`,
      [id],
    )
    await database.query(`UPDATE media SET purge_at = now() WHERE id = $1`, [id])
    expect(await gateway.app.trash.empty()).toBe(1)
    await gateway.app.reaper.run()
    expect(
      await gateway.app.foundation.storage.stat({ storeId: 'default', key: key[0]?.key ?? '' }),
    ).toBeNull()
    expect(await database.query(`SELECT 1 FROM media WHERE id = $1`, [id])).toEqual([])
  })
})

test('each change writes its event in the transaction of the change', async () => {
  const id = await newMedia()
  await gateway.query(UPDATE, { input: { id, title: 'x' } })
  await gateway.query(UPDATE, { input: { id, title: 'a\0b' } })
  await gateway.query(DELETE, { input: { id } })
  const events = await gateway.app.foundation.database.query<{ type: string }>(
    `SELECT type FROM outbox WHERE media_id = $1 ORDER BY xid, seq`,
    [id],
  )
  expect(events.map(({ type }) => type)).toEqual(['media.created', 'media.updated', 'media.deleted'])
})

describe('node', () => {
  test('gives a media by its id, with its type', async () => {
    const id = await newMedia({ title: 'as node' })
    const { node } = await gateway.query(
      `query N($id: ID!) { node(id: $id) { __typename id ... on Media { title } } }`,
      { id },
    )
    expect(node).toEqual({ __typename: 'Media', id, title: 'as node' })
  })

  test('nodes keeps the order of the ids, with null in the place of what is not there', async () => {
    const [a, b] = [await newMedia(), await newMedia()]
    const ids = [b, 'no id at all', a, '01234567-89ab-7def-8123-456789abcdef', b]
    const { nodes } = await gateway.query(`query N($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids })
    expect(nodes).toEqual([{ id: b }, null, { id: a }, null, { id: b }])
  })

  test('nodes takes at most 100 ids', async () => {
    const { errors } = await gateway.send(`query N($ids: [ID!]!) { nodes(ids: $ids) { id } }`, {
      ids: Array(101).fill('x'),
    })
    expect(errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
  })
})
