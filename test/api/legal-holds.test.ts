import { FOREIGN, startApp, type TestApp } from '../support/app.ts'
import type { GraphQLClient } from '../support/gql.ts'
import { seedMedia } from '../support/seed.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const HOLD = 'id mediaId reason author createdAt releasedAt releasedBy'
const ERRORS = 'userErrors { __typename code message field ... on LegalHoldError { legalHolds } }'
const APPLY = `mutation A($input: ApplyLegalHoldInput!) { applyLegalHold(input: $input) { clientMutationId legalHold { ${HOLD} } ${ERRORS} } }`
const RELEASE = `mutation R($input: ReleaseLegalHoldInput!) { releaseLegalHold(input: $input) { clientMutationId legalHold { ${HOLD} } ${ERRORS} } }`
const DELETE = `mutation D($input: DeleteMediaInput!) { deleteMedia(input: $input) { deletedMediaId ${ERRORS} } }`
const NEVER = '01234567-89ab-7def-8123-456789abcdef'

const newMedia = async (client: GraphQLClient = gateway): Promise<string> =>
  (await client.upload({ bytes: Buffer.from('evidence') })).media.id

const apply = async (mediaId: string, more: object = {}, client: GraphQLClient = gateway) =>
  (await client.query(APPLY, { input: { mediaId, reason: 'Case 7', ...more } })).applyLegalHold
const release = async (id: string, client: GraphQLClient = gateway) =>
  (await client.query(RELEASE, { input: { id } })).releaseLegalHold
const remove = async (id: string, client: GraphQLClient = gateway) =>
  (await client.query(DELETE, { input: { id } })).deleteMedia

const sql = <Row>(text: string, values: unknown[] = []) =>
  gateway.app.foundation.database.query<Row>(text, values)

async function clientWith(scopes: string[], more: { owner?: { id: string } } = {}): Promise<GraphQLClient> {
  const { key, secret } = await gateway.app.keys.create({ accountId: 'acme', scopes, ...more } as never)
  return gateway.as(`Bearer mgw_${key.id}_${secret}`)
}

describe('a held media', () => {
  test('is not deleted, by an administrator neither, until its last hold is released', async () => {
    const id = await newMedia()
    const { legalHold: first, userErrors, clientMutationId } = await apply(id, { clientMutationId: 'a1' })
    expect([userErrors, clientMutationId]).toEqual([[], 'a1'])
    expect(first).toMatchObject({
      id: expect.stringMatching(/^hold_[0-9a-f-]{36}$/),
      mediaId: id,
      reason: 'Case 7',
      author: 'key:root',
      releasedAt: null,
      releasedBy: null,
    })
    const { legalHold: second } = await apply(id, { reason: '  Case 8\n' })
    expect(second.reason).toBe('Case 8')

    expect(await remove(id)).toEqual({
      deletedMediaId: null,
      userErrors: [
        {
          __typename: 'LegalHoldError',
          code: 'LEGAL_HOLD',
          message: expect.stringContaining('2 legal holds keep this media'),
          field: ['input', 'id'],
          legalHolds: 2,
        },
      ],
    })
    await release(first.id)
    expect((await remove(id)).userErrors).toEqual([
      expect.objectContaining({ code: 'LEGAL_HOLD', legalHolds: 1 }),
    ])
    const { legalHold } = await release(second.id)
    expect(legalHold).toMatchObject({ releasedAt: expect.any(String), releasedBy: 'key:root' })
    expect(await remove(id)).toEqual({ deletedMediaId: id, userErrors: [] })
  })

  test('can be read, downloaded, shared, and described anew; its version and its time of change stay', async () => {
    const id = await newMedia()
    const facts = async () =>
      (await sql(`SELECT version, updated_at FROM media WHERE id = $1`, [id]))[0] as object
    const before = await facts()
    await apply(id)
    expect(await facts()).toEqual(before)
    const { updateMedia } = await gateway.query(
      `mutation { updateMedia(input: { id: "${id}", title: "T" }) { media { title } userErrors { code } } }`,
    )
    expect(updateMedia).toEqual({ media: { title: 'T' }, userErrors: [] })
    const { createShareLink } = await gateway.query(
      `mutation { createShareLink(input: { mediaId: "${id}", expiresIn: 60 }) { url } }`,
    )
    expect(await (await fetch(createShareLink.url)).text()).toBe('evidence')
  })

  test('says so by explainAccess to who might delete it, and to others what they lack', async () => {
    const id = await newMedia()
    await apply(id)
    const explain = async (client: GraphQLClient, action = 'DELETE') =>
      (await client.query(`{ explainAccess(mediaId: "${id}", action: ${action}) { allowed rule reason } }`))
        .explainAccess
    expect(await explain(gateway)).toEqual({
      allowed: false,
      rule: 'LEGAL_HOLD',
      reason: expect.stringContaining('legal hold'),
    })
    expect(await explain(gateway, 'UPDATE')).toMatchObject({ allowed: true, rule: 'ACCOUNT' })
    expect(await explain(gateway, 'HOLD')).toMatchObject({ allowed: true, rule: 'ACCOUNT' })
    const reader = await clientWith(['media:read'])
    expect(await explain(reader)).toMatchObject({ allowed: false, rule: 'MISSING_SCOPE' })
    expect(await explain(reader, 'RELEASE')).toMatchObject({ allowed: false, rule: 'MISSING_SCOPE' })
  })

  test('is told from one that never was only to who may know it', async () => {
    const anna = await clientWith(['media:read', 'media:create', 'media:delete'], { owner: { id: 'anna' } })
    const berta = await clientWith(['media:read', 'media:delete'], { owner: { id: 'berta' } })
    const blind = await clientWith(['media:delete'])
    const id = await newMedia(anna)
    await apply(id)
    for (const client of [gateway, anna, blind])
      expect((await remove(id, client)).userErrors[0]).toMatchObject({ code: 'LEGAL_HOLD', legalHolds: 1 })
    for (const client of [berta, gateway.as(FOREIGN)])
      expect(await remove(id, client)).toEqual(await remove(NEVER, client))
  })
})

describe('applyLegalHold', () => {
  test('finds neither the media of another account nor one that never was', async () => {
    const id = await newMedia()
    const foreign = gateway.as(FOREIGN)
    for (const mediaId of [NEVER, '', 'no id', 'a\0b', '\ud800', `hold_${NEVER}`])
      expect(await apply(mediaId, {}, foreign)).toEqual(await apply(id, {}, foreign))
    expect((await apply(id, {}, foreign)).userErrors).toEqual([
      expect.objectContaining({ __typename: 'NotFoundError', field: ['input', 'mediaId'] }),
    ])
  })

  test.each([
    ['nothing', ''],
    ['blanks', ' \t\n'],
    ['U+0000', 'a\0b'],
    ['half a surrogate pair', 'a\ud800'],
    ['1 001 characters', 'x'.repeat(1001)],
  ])('refuses %s as a reason', async (_, reason) => {
    expect((await apply(await newMedia(), { reason })).userErrors).toEqual([
      expect.objectContaining({ code: 'INVALID_INPUT', field: ['input', 'reason'] }),
    ])
  })

  test('takes 1 000 characters of any script', async () => {
    expect((await apply(await newMedia(), { reason: '🗄'.repeat(1000) })).userErrors).toEqual([])
  })

  test('takes at most 100 at once', async () => {
    const id = await newMedia()
    const holds = await Promise.all(Array.from({ length: 105 }, () => apply(id)))
    const refused = holds.filter(({ legalHold }) => !legalHold)
    expect(refused.map(({ userErrors }) => userErrors[0].code)).toEqual(Array(5).fill('TOO_MANY_HOLDS'))
    await release(holds.find(({ legalHold }) => legalHold).legalHold.id)
    expect((await apply(id)).userErrors).toEqual([])
  })
})

describe('releaseLegalHold', () => {
  test('keeps the time and the name of the first release', async () => {
    const { legalHold } = await apply(await newMedia())
    const first = await release(legalHold.id)
    const second = await release(legalHold.id, await clientWith(['admin']))
    expect(second).toEqual(first)
  })

  test('finds neither the hold of another account nor one that never was', async () => {
    const { legalHold } = await apply(await newMedia())
    const foreign = gateway.as(FOREIGN)
    for (const id of [`hold_${NEVER}`, NEVER, '', 'hold_', 'hold_x\0', `shr_${legalHold.id.slice(5)}`])
      expect(await release(id, foreign)).toEqual(await release(legalHold.id, foreign))
    const [row] = await sql<{ releasedAt: Date | null }>(
      `SELECT released_at AS "releasedAt" FROM legal_hold WHERE id = $1`,
      [legalHold.id.slice(5)],
    )
    expect(row?.releasedAt).toBeNull()
  })
})

describe('holds are shown', () => {
  test('on their media, released ones on demand, to administrators alone', async () => {
    const id = await newMedia()
    const [a, b] = [
      (await apply(id, { reason: 'a' })).legalHold,
      (await apply(id, { reason: 'b' })).legalHold,
    ]
    const released = (await release(a.id)).legalHold
    const query = `{ media(id: "${id}") { legalHolds { ${HOLD} } all: legalHolds(includeReleased: true) { ${HOLD} } } }`
    expect((await gateway.query(query)).media).toEqual({ legalHolds: [b], all: [b, released] })
    const reader = await clientWith(['media:read'])
    const { data, errors } = await reader.send(query)
    expect(data).toEqual({ media: { legalHolds: null, all: null } })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  test('for a whole list by one statement', async () => {
    const client = await clientWith(['media:read', 'media:create', 'admin'])
    for (let i = 0; i < 3; i++) await apply(await newMedia(client), { reason: `list ${i}` })
    const { pool } = gateway.app.foundation.database
    const count = async (selection: string) => {
      let statements = 0
      const counted = () => void statements++
      pool.on('acquire', counted)
      const { mediaItems } = await client.query(`{ mediaItems(first: 50) { nodes { id ${selection} } } }`)
      pool.off('acquire', counted)
      return { statements, nodes: mediaItems.nodes }
    }
    // What the gateway does beside it (the credential is looked at again after a while, refusals are recorded) comes into some of them.
    const fewest = async (selection: string) => {
      const counts = []
      for (let n = 0; n < 5; n++) counts.push(await count(selection))
      return counts.reduce((one, other) => (other.statements < one.statements ? other : one))
    }
    const bare = await fewest('')
    const { statements, nodes } = await fewest('legalHolds { reason mediaId }')
    expect(statements - bare.statements).toBe(1)
    expect(nodes.slice(0, 3).map((node: { legalHolds: { reason: string }[] }) => node.legalHolds)).toEqual(
      [2, 1, 0].map(i => [{ reason: `list ${i}`, mediaId: nodes[2 - i].id }]),
    )
  })

  test('for the account, page by page, newest first', async () => {
    const other = gateway.as(FOREIGN)
    const mediaId = await newMedia(other)
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.unshift((await apply(mediaId, {}, other)).legalHold.id)
    await release(ids[1] as string, other)
    const page = async (args: string) =>
      (
        await other.query(
          `{ legalHolds${args} { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
        )
      ).legalHolds
    const open = [ids[0], ids[2], ids[3], ids[4]].map(id => ({ id }))
    const first = await page('(first: 3)')
    expect(first).toMatchObject({ totalCount: 4, nodes: open.slice(0, 3), pageInfo: { hasNextPage: true } })
    expect(await page(`(first: 3, after: "${first.pageInfo.endCursor}")`)).toMatchObject({
      nodes: open.slice(3),
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
    })
    expect((await page('(includeReleased: true)')).nodes).toEqual(ids.map(id => ({ id })))
    expect((await page(`(mediaId: "${mediaId}")`)).totalCount).toBe(4)
    for (const never of [NEVER, '', 'x\\u0000'])
      expect((await page(`(mediaId: "${never}")`)).nodes).toEqual([])
    expect((await other.send('{ legalHolds(after: "forged") { totalCount } }')).errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_REQUEST' },
    })
  })

  test('by node, to administrators of their account', async () => {
    const { legalHold } = await apply(await newMedia())
    const node = (client: GraphQLClient) =>
      client.send(`{ node(id: "${legalHold.id}") { __typename id ... on LegalHold { reason } } }`)
    expect((await node(gateway)).data).toEqual({
      node: { __typename: 'LegalHold', id: legalHold.id, reason: 'Case 7' },
    })
    expect((await node(gateway.as(FOREIGN))).data).toEqual({ node: null })
    expect((await node(await clientWith(['media:read']))).errors?.[0]).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    })
  })
})

test('each hold and each first release is an event, in the transaction of the change', async () => {
  const id = await newMedia()
  const { legalHold } = await apply(id)
  await apply(id, { reason: '' })
  await release(legalHold.id)
  await release(legalHold.id)
  const events = await sql<{ type: string }>(
    `SELECT type FROM outbox WHERE media_id = $1 ORDER BY xid, seq`,
    [id],
  )
  expect(events.map(({ type }) => type)).toEqual(['media.created', 'media.held', 'media.released'])
})

test('the lists of holds are read along their indexes', async () => {
  const [id] = await seedMedia(gateway.app.foundation.database, { count: 1 })
  await sql(
    `INSERT INTO legal_hold (id, account_id, media_id, reason, author, released_at, released_by)
     SELECT gen_random_uuid(), 'acme', $1, 'r', 'key:k', now(), 'key:k' FROM generate_series(1, 20000)`,
    [id],
  )
  await sql('ANALYZE legal_hold')
  const plan = await gateway.app.foundation.database.transaction(async tx => {
    // Of few rows the planner may sort them: asked for is that an index has them in the order of the list.
    await tx.query('SET LOCAL enable_sort = off')
    return (await tx.query(
      `EXPLAIN SELECT h.id FROM legal_hold h JOIN media m ON m.id = h.media_id
       WHERE h.account_id = 'acme' AND m.account_id = 'acme' AND h.released_at IS NULL ORDER BY h.created_at DESC, h.id DESC LIMIT 21`,
    )) as { 'QUERY PLAN': string }[]
  })
  expect(plan.map(row => row['QUERY PLAN']).join('\n')).toContain('legal_hold_open')
})
