import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const KEY =
  'id keyId name scopes owner { id name } groupIds createdAt expiresAt revokedAt lastUsedAt liveSecrets'
const ERRORS = 'userErrors { __typename code message field }'
const CREATE = `mutation C($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { ${KEY} } secret token ${ERRORS} } }`
const ROTATE = `mutation R($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { apiKey { ${KEY} } secret token ${ERRORS} } }`
const REVOKE = `mutation R($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { ${KEY} } ${ERRORS} } }`

const as = (token: string) => gateway.as(`Bearer ${token}`)
const create = async (input: object, who = ADMIN) =>
  (await gateway.as(who).query(CREATE, { input })).createApiKey
const rotate = async (input: object) => (await gateway.query(ROTATE, { input })).rotateApiKey
const revoke = async (id: string, who = ADMIN) =>
  (await gateway.as(who).query(REVOKE, { input: { id } })).revokeApiKey
const statusOf = async (authorization: string) =>
  (await gateway.as(authorization).send('{ __typename }')).status

test('a key is made, is shown with its secret once, and works in both forms', async () => {
  const expiresAt = '2100-01-01T00:00:00.000Z'
  const made = await create({ name: 'CI', scopes: ['media:read', 'media:read', 'media:create'], expiresAt })
  expect(made.userErrors).toEqual([])
  expect(made.apiKey).toEqual({
    id: `key_${made.apiKey.keyId}`,
    keyId: expect.stringMatching(/^k[0-9A-Za-z]{15}$/),
    name: 'CI',
    scopes: ['media:read', 'media:create'],
    owner: null,
    groupIds: [],
    createdAt: expect.any(String),
    expiresAt,
    revokedAt: null,
    lastUsedAt: null,
    liveSecrets: 1,
  })
  expect(made.secret).toMatch(/^[0-9A-Za-z]{43}$/)
  const basic = `Basic ${Buffer.from(`${made.apiKey.keyId}:${made.secret}`).toString('base64')}`
  for (const authorization of [`Bearer ${made.token}`, basic]) {
    const { viewer } = await gateway.as(authorization).query('{ viewer { account principal scopes } }')
    expect(viewer).toEqual({
      account: 'acme',
      principal: `key:${made.apiKey.keyId}`,
      scopes: ['media:read', 'media:create'],
    })
  }
})

describe('what is asked for a key', () => {
  test.each([
    [{ scopes: [] }, 'INVALID_KEY', 'scopes'],
    [{ scopes: ['media:read', 'media:fly'] }, 'UNKNOWN_SCOPE', 'scopes'],
    [{ scopes: ['toString'] }, 'UNKNOWN_SCOPE', 'scopes'],
    [{ scopes: ['media:read'], expiresAt: '2020-01-01T00:00:00Z' }, 'INVALID_KEY', 'expiresAt'],
    [{ scopes: ['media:read'], groupIds: ['g'] }, 'INVALID_KEY', 'groupIds'],
    [{ scopes: ['media:read'], owner: { id: '' } }, 'INVALID_KEY', 'owner'],
    [{ scopes: ['media:read'], name: 'x'.repeat(201) }, 'INVALID_KEY', 'name'],
    [{ scopes: ['media:read'], owner: { id: 'a\0b' } }, 'BAD_REQUEST', 'owner'],
  ])('%j is refused with %s', async (input, code, field) => {
    const { apiKey, secret, userErrors } = await create(input)
    expect([apiKey, secret]).toEqual([null, null])
    expect(userErrors).toEqual([
      { __typename: 'InvalidInputError', code, message: expect.any(String), field: ['input', field] },
    ])
  })

  test('names the scopes that there are', async () => {
    const { userErrors } = await create({ scopes: ['media:fly'] })
    expect(userErrors[0].message).toMatch(/"media:fly".*media:read, media:create.*admin, \*/)
  })
})

test('who lacks the scope admin may do nothing with keys, and is told so', async () => {
  const { token } = await create({ scopes: ['media:read', 'media:create', 'media:update', 'media:delete'] })
  const attempts = await Promise.all([
    as(token).send('{ apiKeys { totalCount } }'),
    as(token).send(CREATE, { input: { scopes: ['media:read'] } }),
    as(token).send(ROTATE, { input: { id: 'key_root' } }),
    as(token).send(REVOKE, { input: { id: 'key_root' } }),
  ])
  for (const { errors } of attempts) {
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', details: { missingScope: 'admin' } })
  }
})

test('an administrator hands out nothing that it lacks: neither by a new key nor by the secret of another one', async () => {
  const { token } = await create({ scopes: ['admin', 'media:read'] })
  const strong = await create({ scopes: ['*'] })
  const [every, one] = await Promise.all([
    as(token).send(CREATE, { input: { scopes: ['*'] } }),
    as(token).send(CREATE, { input: { scopes: ['media:read', 'media:delete'] } }),
  ])
  expect(every.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', details: { missingScope: '*' } })
  expect(one.errors?.[0]?.extensions).toMatchObject({ details: { missingScope: 'media:delete' } })
  const stolen = await as(token).send(ROTATE, { input: { id: strong.apiKey.id } })
  expect(stolen.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  expect(await statusOf(`Bearer ${strong.token}`)).toBe(200)
  expect((await create({ scopes: ['media:read'] }, `Bearer ${token}`)).userErrors).toEqual([])
})

test('keys of another account are in no list, and not found by the same answer as those that never were', async () => {
  const { apiKey, token } = await create({ scopes: ['media:read'] })
  const list = await gateway.as(FOREIGN).query('{ apiKeys { totalCount nodes { keyId } } }')
  expect(list.apiKeys).toEqual({ totalCount: 1, nodes: [{ keyId: 'foreign' }] })
  expect(await revoke(apiKey.id, FOREIGN)).toEqual(await revoke('key_never', FOREIGN))
  expect((await revoke(apiKey.id, FOREIGN)).userErrors[0]).toMatchObject({
    __typename: 'NotFoundError',
    code: 'NOT_FOUND',
  })
  for (const id of [apiKey.keyId, 'key_', 'key_\0', ' ']) {
    expect((await revoke(id)).userErrors[0]).toMatchObject({ code: 'NOT_FOUND' })
    expect((await rotate({ id })).userErrors[0]).toMatchObject({ code: 'NOT_FOUND' })
  }
  expect(await statusOf(`Bearer ${token}`)).toBe(200)
})

interface KeyPage {
  readonly totalCount: number
  readonly nodes: readonly { readonly keyId: string }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly endCursor: string
  }
}

test('keys are listed newest first, page by page', async () => {
  const { app } = gateway
  await app.accounts.create('lists')
  await app.keys.ensure({ accountId: 'lists', keyId: 'lister', secret: 'listersecret' })
  for (const n of [1, 2, 3, 4]) {
    await app.keys.create({ accountId: 'lists', id: `listed-${n}`, scopes: ['media:read'] })
  }
  const lister = as('mgw_lister_listersecret')
  const LIST = `query L($first: Int, $after: String) { apiKeys(first: $first, after: $after) {
    totalCount nodes { keyId } pageInfo { hasNextPage hasPreviousPage endCursor } } }`
  const pages: string[][] = []
  let after: string | null = null
  do {
    const { apiKeys }: { apiKeys: KeyPage } = await lister.query(LIST, { first: 2, after })
    expect(apiKeys.totalCount).toBe(5)
    expect(apiKeys.pageInfo.hasPreviousPage).toBe(after !== null)
    pages.push(apiKeys.nodes.map(({ keyId }) => keyId))
    after = apiKeys.pageInfo.hasNextPage ? apiKeys.pageInfo.endCursor : null
  } while (after)
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1])
  expect(new Set(pages.flat())).toEqual(new Set(['lister', 'listed-1', 'listed-2', 'listed-3', 'listed-4']))
  expect(pages[2]).toEqual(['lister'])
})
