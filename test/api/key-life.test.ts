import { lockAmongAdmins } from '../../src/features/access/key.rows.ts'
import type { Database } from '../../src/platform/db/database.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { graphqlClient } from '../support/gql.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp()
})
afterAll(() => gateway.close())

const KEY = 'id keyId revokedAt lastUsedAt liveSecrets'
const ERRORS = 'userErrors { __typename code field }'
const CREATE = `mutation C($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey { ${KEY} } token ${ERRORS} } }`
const ROTATE = `mutation R($input: RotateApiKeyInput!) { rotateApiKey(input: $input) { apiKey { ${KEY} } token ${ERRORS} } }`
const REVOKE = `mutation R($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { apiKey { ${KEY} } ${ERRORS} } }`

const create = async (input: object) => (await gateway.query(CREATE, { input })).createApiKey
const rotate = async (input: object) => (await gateway.query(ROTATE, { input })).rotateApiKey
const revoke = async (id: string) => (await gateway.query(REVOKE, { input: { id } })).revokeApiKey
const statusAt = async ({ url }: { url: string }, token: string) =>
  (await graphqlClient(url, `Bearer ${token}`).send('{ __typename }')).status

/** Until a statement waits for a lock that another one holds. */
async function somebodyWaits(database: Database): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await database.query(waiting)).length === 0);
}

describe('rotation', () => {
  test('ends the old secret when nothing else is said', async () => {
    const { apiKey, token } = await create({ scopes: ['media:read'] })
    const rotated = await rotate({ id: apiKey.id })
    expect(rotated.apiKey).toMatchObject({ id: apiKey.id, liveSecrets: 1 })
    expect(await statusAt(gateway, token)).toBe(401)
    expect(await statusAt(gateway, rotated.token)).toBe(200)
  })

  test('keeps the old secret beside the new one for as long as was asked, and never three', async () => {
    const { database } = gateway.app.foundation
    const { apiKey, token: first } = await create({ scopes: ['media:read'] })
    const second = await rotate({ id: apiKey.id, keepOldForSeconds: 3600 })
    expect(second.apiKey.liveSecrets).toBe(2)
    expect([await statusAt(gateway, first), await statusAt(gateway, second.token)]).toEqual([200, 200])
    const [old] = await database.query<{ left: number }>(
      `SELECT extract(epoch FROM expires_at - now())::float8 AS left FROM api_secret
       WHERE key_id = $1 AND expires_at IS NOT NULL`,
      [apiKey.keyId],
    )
    expect(Math.round((old?.left ?? 0) / 60)).toBe(60)

    const third = await rotate({ id: apiKey.id, keepOldForSeconds: 3600 })
    expect(third.apiKey.liveSecrets).toBe(2)
    const fresh = await gateway.beside()
    const statuses = [first, second.token, third.token].map(token => statusAt(fresh, token))
    expect(await Promise.all(statuses)).toEqual([401, 200, 200])

    await database.query(
      `UPDATE api_secret SET expires_at = now() WHERE key_id = $1 AND expires_at IS NOT NULL`,
      [apiKey.keyId],
    )
    await fresh.close()
    const later = await gateway.beside()
    expect(await Promise.all([second.token, third.token].map(token => statusAt(later, token)))).toEqual([
      401, 200,
    ])
    await later.close()
  })

  test.each([-1, 366 * 86_400])('keeps nothing for %i seconds', async keepOldForSeconds => {
    const { apiKey } = await create({ scopes: ['media:read'] })
    expect((await rotate({ id: apiKey.id, keepOldForSeconds })).userErrors).toEqual([
      { __typename: 'InvalidInputError', code: 'INVALID_KEY', field: ['input', 'keepOldForSeconds'] },
    ])
  })

  test('of a revoked key is refused', async () => {
    const { apiKey } = await create({ scopes: ['media:read'] })
    await revoke(apiKey.id)
    expect((await rotate({ id: apiKey.id })).userErrors).toMatchObject([
      { __typename: 'ConflictError', code: 'KEY_REVOKED' },
    ])
  })
})

describe('revocation', () => {
  test('reaches a node that knows the key within 5 seconds', async () => {
    let passed = 0
    const node = await gateway.beside({}, { clock: { now: () => new Date(Date.now() + passed) } })
    const { apiKey, token } = await create({ scopes: ['media:read'] })
    expect(await statusAt(node, token)).toBe(200)
    const revoked = await revoke(apiKey.id)
    expect(revoked.apiKey).toMatchObject({ revokedAt: expect.any(String), liveSecrets: 0 })
    passed = 4_000
    expect(await statusAt(node, token)).toBe(401)
    await node.close()
  })

  test('is for good, and can be asked for twice', async () => {
    const { apiKey } = await create({ scopes: ['media:read'] })
    const { revokedAt } = (await revoke(apiKey.id)).apiKey
    expect((await revoke(apiKey.id)).apiKey.revokedAt).toBe(revokedAt)
  })

  test('spares the last key that can administer the account', async () => {
    expect((await revoke('key_root')).userErrors).toEqual([
      { __typename: 'ConflictError', code: 'LAST_ADMIN_KEY', field: ['input', 'id'] },
    ])
    const expired = await create({ scopes: ['admin'] })
    await gateway.app.foundation.database.query('UPDATE api_key SET expires_at = now() WHERE id = $1', [
      expired.apiKey.keyId,
    ])
    expect((await revoke('key_root')).userErrors).toMatchObject([{ code: 'LAST_ADMIN_KEY' }])
  })

  test('leaves one of the last two keys that can administer the account when both are revoked at once', async () => {
    const { keys, accounts, foundation } = gateway.app
    const { database } = foundation
    await accounts.create('pair')
    for (const id of ['pair-1', 'pair-2']) await keys.create({ accountId: 'pair', id, scopes: ['admin'] })
    const second = await database.transaction(async tx => {
      await lockAmongAdmins(tx, 'pair-1')
      await tx.query(`UPDATE api_key SET revoked_at = now() WHERE id = 'pair-1'`)
      const pending = keys.revoke('pair-2').then(
        () => 'revoked',
        error => error.code as string,
      )
      await Promise.race([pending, somebodyWaits(database)])
      return () => pending
    })
    expect(await second()).toBe('LAST_ADMIN_KEY')
  })
})

test('a key that has expired, by the clock of the database, is refused like one that never was', async () => {
  const { apiKey, token } = await create({ scopes: ['media:read'], expiresAt: '2100-01-01T00:00:00Z' })
  await gateway.app.foundation.database.query(
    `UPDATE api_key SET expires_at = now() - interval '1 millisecond' WHERE id = $1`,
    [apiKey.keyId],
  )
  const refusals = await Promise.all(
    [token, token.replace('mgw_', 'mgw_never')].map(async one => {
      const { status, errors } = await gateway.as(`Bearer ${one}`).send('{ __typename }')
      return { status, message: errors?.[0]?.message, code: errors?.[0]?.extensions.code }
    }),
  )
  expect(refusals[0]).toEqual(refusals[1])
  expect(refusals[0]).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
})

test('when a key was used last is known, written off the way of the requests and at the latest when the node ends', async () => {
  const { apiKey, token } = await create({ scopes: ['media:read'] })
  const node = await gateway.beside()
  await statusAt(node, token)
  await statusAt(node, `${token}x`)
  const lastUsed = async () => (await gateway.app.keys.get(apiKey.keyId)).lastUsedAt
  expect(await lastUsed()).toBeNull()
  await node.close()
  expect(await lastUsed()).toBeInstanceOf(Date)
})

test('a key that acts for an owner sees what is theirs, and what their groups share', async () => {
  const scopes = ['media:read', 'media:create']
  const [ann, bob] = await Promise.all([
    create({ scopes, owner: { id: 'ann', name: 'Ann' } }),
    create({ scopes, owner: { id: 'bob' }, groupIds: ['team'] }),
  ])
  const upload = (token: string, input: Record<string, unknown>) =>
    gateway.as(`Bearer ${token}`).upload({ bytes: Buffer.from('x') }, input, 'id owner { id name }')
  const alone = (await upload(ann.token, {})).media
  expect(alone.owner).toEqual({ id: 'ann', name: 'Ann' })
  const shared = (await upload(ann.token, { groupIds: ['team'] })).media
  const LIST = '{ mediaItems { totalCount nodes { id } } }'
  const seenBy = async (token: string) =>
    (await gateway.as(`Bearer ${token}`).query(LIST)).mediaItems.nodes.map(({ id }: { id: string }) => id)
  expect(new Set(await seenBy(ann.token))).toEqual(new Set([alone.id, shared.id]))
  expect(await seenBy(bob.token)).toEqual([shared.id])
})
