import { randomUUID } from 'node:crypto'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { type GraphQLClient, multipart } from '../support/gql.ts'
import { replaceContent } from '../support/replace.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

type Policy = 'KEEP' | 'REFUSE' | 'RETURN_EXISTING'
const ASKING = ['REFUSE', 'RETURN_EXISTING'] as const
const part = (content: string) => ({
  bytes: Buffer.from(content),
  fileName: 'a.txt',
  mimeType: 'text/plain',
})
const upload = (content: string, onDuplicate?: Policy | null, input: object = {}) =>
  uploadAs(gateway, content, { onDuplicate, ...input })
const uploadAs = (client: GraphQLClient, content: string, input: object = {}) =>
  client.upload(part(content), { ...input }, 'id title revision duplicateOf { id }')
const remove = (id: string) =>
  gateway.query(`mutation { deleteMedia(input: { id: "${id}" }) { deletedMediaId } }`)
const restore = (id: string) =>
  gateway.query(`mutation { restoreMedia(input: { id: "${id}" }) { media { id } } }`)

async function client(scopes: string[], ownerId?: string): Promise<GraphQLClient> {
  const owner = ownerId === undefined ? {} : { owner: { id: ownerId } }
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes, ...owner })
  return gateway.as(`Bearer mgw_${key.id}_${secret}`)
}

/** All that an upload which makes nothing must leave as it was. */
async function traces() {
  const tables = ['media', 'media_version', 'blob', 'outbox', 'idempotency']
  const counts = tables.map(table => `(SELECT count(*)::int FROM ${table}) AS ${table}`)
  const [row] = await gateway.app.foundation.database.query<Record<string, unknown>>(
    `SELECT ${counts.join(', ')}, (SELECT jsonb_agg(a ORDER BY id) FROM account a) AS accounts`,
  )
  return row
}

const refusal = (duplicateOf: string, field = ['input', 'onDuplicate']) => ({
  __typename: 'DuplicateContentError',
  code: 'DUPLICATE_CONTENT',
  field,
  duplicateOf,
})

describe('content that the account has in a media that the viewer may read', () => {
  test.each([undefined, null, 'KEEP'] as const)('is kept once more with %s', async policy => {
    const content = `kept with ${policy}`
    const { media } = await upload(content)
    const second = await upload(content, policy)
    expect(second).toMatchObject({ media: { duplicateOf: { id: media.id } }, userErrors: [] })
    expect(second.media.id).not.toBe(media.id)
  })

  test('is refused with REFUSE, by the id of the oldest media that has it, and leaves nothing behind', async () => {
    const { media } = await upload('refused', 'REFUSE')
    await upload('refused')
    const before = await traces()
    const { media: none, userErrors } = await upload('refused', 'REFUSE', { idempotencyKey: randomUUID() })
    expect([none, userErrors]).toMatchObject([null, [refusal(media.id)]])
    expect(userErrors[0]?.message).toContain(media.id)
    expect(await traces()).toEqual(before)
  })

  test('is answered with RETURN_EXISTING by the oldest media that has it, as it is; nothing is written', async () => {
    const { media } = await upload('returned', 'RETURN_EXISTING', { title: 'as it was', name: 'returned' })
    await upload('returned')
    const before = await traces()
    const input = { title: 'another', name: 'returned', tags: ['t'], idempotencyKey: randomUUID() }
    expect(await upload('returned', 'RETURN_EXISTING', input)).toEqual({ media, userErrors: [] })
    expect(await traces()).toEqual(before)
  })
})

describe.each(ASKING)('with %s', policy => {
  const isNew = async (client: GraphQLClient, content: string) => {
    const { media, userErrors } = await uploadAs(client, content, { onDuplicate: policy })
    expect(userErrors).toEqual([])
    expect(media.duplicateOf ?? null).toBeNull()
    return media.id as string
  }

  test('new content becomes a media', async () => {
    await isNew(gateway, `new with ${policy}`)
  })

  test('what another account has is no duplicate', async () => {
    const content = `foreign to ${policy}`
    await isNew(gateway.as(FOREIGN), content)
    await isNew(gateway, content)
  })

  test('what belongs to another owner is no duplicate; what is one’s own is', async () => {
    const content = `owned with ${policy}`
    const [anna, berta] = [
      await client(['media:create', 'media:read'], `anna ${policy}`),
      await client(['media:create', 'media:read'], `berta ${policy}`),
    ]
    await isNew(anna, content)
    const hers = await isNew(berta, content)
    const { media, userErrors } = await uploadAs(berta, content, { onDuplicate: policy })
    expect(media?.id ?? userErrors[0]?.duplicateOf).toBe(hers)
  })

  test('who may not read learns nothing, not even of what they uploaded', async () => {
    const content = `blind with ${policy}`
    const blind = await client(['media:create'])
    const ids = [(await upload(content)).media.id]
    for (const _ of [1, 2]) {
      const { media, userErrors } = await blind.upload(part(content), { onDuplicate: policy }, 'id')
      expect(userErrors).toEqual([])
      ids.push(media.id)
    }
    expect(new Set(ids).size).toBe(3)
  })

  test('what lies in the trash is no duplicate, and is one when it is restored', async () => {
    const content = `trashed with ${policy}`
    const { media } = await upload(content)
    await remove(media.id)
    const second = await isNew(gateway, content)
    await remove(second)
    await restore(media.id)
    const third = await upload(content, policy)
    expect(third.media?.id ?? third.userErrors[0]?.duplicateOf).toBe(media.id)
  })

  test('what was replaced is no duplicate; what replaced it is', async () => {
    const { media } = await upload(`before with ${policy}`)
    const target = { url: gateway.url, authorization: ADMIN }
    await replaceContent(target, part(`after with ${policy}`), { id: media.id })
    await isNew(gateway, `before with ${policy}`)
    const { media: same, userErrors } = await upload(`after with ${policy}`, policy)
    expect(same?.id ?? userErrors[0]?.duplicateOf).toBe(media.id)
  })
})

describe('under an idempotency key', () => {
  test.each(ASKING)('the upload that made the media is no duplicate of it with %s', async onDuplicate => {
    const input = { onDuplicate, idempotencyKey: randomUUID() }
    const content = `keyed with ${onDuplicate}`
    const atOnce = await Promise.all(Array.from({ length: 4 }, () => uploadAs(gateway, content, input)))
    const answers = [...atOnce, await uploadAs(gateway, content, input)]
    expect(answers).toEqual(Array(5).fill({ media: answers[0]?.media, userErrors: [] }))
    expect(answers[0]?.media.id).toBeDefined()
  })

  test('a refused upload is refused again, and done when the other media is gone', async () => {
    const { media } = await upload('key refused')
    const again = () => upload('key refused', 'REFUSE', { idempotencyKey: 'key refused' })
    for (const _ of [1, 2]) expect((await again()).userErrors).toMatchObject([refusal(media.id)])
    await remove(media.id)
    const made = await again()
    expect(made.userErrors).toEqual([])
    expect(await again()).toEqual(made)
  })

  test('a returned media is returned again, and made anew when it is gone', async () => {
    const { media } = await upload('key returned')
    const again = () => upload('key returned', 'RETURN_EXISTING', { idempotencyKey: 'key returned' })
    for (const _ of [1, 2]) expect(await again()).toEqual({ media, userErrors: [] })
    await remove(media.id)
    const made = await again()
    expect([made.media.id === media.id, made.userErrors]).toEqual([false, []])
    await restore(media.id)
    expect((await again()).media.id).toBe(made.media.id)
  })

  test('the policy is a part of the request; none at all is KEEP', async () => {
    const idempotencyKey = randomUUID()
    const { media } = await upload('policies', undefined, { idempotencyKey })
    for (const policy of [null, 'KEEP'] as const)
      expect((await upload('policies', policy, { idempotencyKey })).media.id).toBe(media.id)
    for (const policy of ASKING)
      expect((await upload('policies', policy, { idempotencyKey })).userErrors).toMatchObject([
        { code: 'IDEMPOTENCY_CONFLICT' },
      ])
  })
})

describe('in a batch', () => {
  const BATCH = `mutation B($input: UploadMediaBatchInput!) { uploadMediaBatch(input: $input) { count
    results { media { id } userErrors { __typename code field ... on DuplicateContentError { duplicateOf } } } } }`
  const batch = async (
    items: readonly (readonly [content: string, onDuplicate: Policy])[],
    input: object = {},
  ) => {
    const parts = items.map(([content], i) => [`variables.input.items.${i}.file`, part(content)] as const)
    const said = items.map(([, onDuplicate]) => ({ onDuplicate, file: null }))
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: ADMIN, 'apollo-require-preflight': 'true' },
      body: multipart(BATCH, { input: { ...input, items: said } }, Object.fromEntries(parts)),
    })
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
    return ((await answer.json()) as any).data.uploadMediaBatch
  }

  test('a refused item does not stop the others', async () => {
    const { media } = await upload('batch refused')
    const { count, results } = await batch([
      ['batch first', 'REFUSE'],
      ['batch refused', 'REFUSE'],
      ['batch third', 'REFUSE'],
    ])
    expect(count).toBe(2)
    expect(results).toMatchObject([
      { media: { id: expect.any(String) }, userErrors: [] },
      { media: null, userErrors: [refusal(media.id, ['input', 'items', '1', 'onDuplicate'])] },
      { media: { id: expect.any(String) }, userErrors: [] },
    ])
  })

  test('two equal files are one media in both results with RETURN_EXISTING, also when the batch comes again', async () => {
    const items = [
      ['batch twins', 'RETURN_EXISTING'],
      ['batch twins', 'RETURN_EXISTING'],
    ] as const
    const input = { idempotencyKey: randomUUID() }
    const first = await batch(items, input)
    expect(first).toMatchObject({ count: 2, results: [first.results[1], { userErrors: [] }] })
    const before = await traces()
    expect(await batch(items, input)).toEqual(first)
    expect(await traces()).toEqual(before)
  })

  test('each item has its own policy', async () => {
    const { results } = await batch([
      ['batch mixed', 'KEEP'],
      ['batch mixed', 'KEEP'],
      ['batch mixed', 'RETURN_EXISTING'],
      ['batch mixed', 'REFUSE'],
    ])
    const [first, second, third, fourth] = results
    expect(second.media.id).not.toBe(first.media.id)
    expect(third.media.id).toBe(first.media.id)
    expect(fourth.userErrors[0].duplicateOf).toBe(first.media.id)
  })
})
