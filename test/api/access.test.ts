import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'

let gateway: TestApp
let id: string
beforeAll(async () => {
  gateway = await startApp()
  id = (await gateway.upload({ bytes: Buffer.from('mine'), fileName: 'mine.txt' }, { name: 'mine' })).media.id
})
afterAll(() => gateway.close())

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
const NEVER = '01234567-89ab-7def-8123-456789abcdef'

describe('a credential', () => {
  test.each([
    ['Bearer', ADMIN],
    ['Basic', basic('root:secretsecretsecret')],
    ['a scheme in other letters', ADMIN.replace('Bearer', 'bEARER')],
  ])('as %s is the same principal', async (_, authorization) => {
    const { viewer } = await gateway.as(authorization).query('{ viewer { account principal scopes } }')
    expect(viewer).toEqual({ account: 'acme', principal: 'key:root', scopes: ['*'] })
  })

  test.each([
    ['a wrong secret', 'Bearer mgw_root_wrong'],
    ['a secret with more behind it', `${ADMIN}x`],
    ['half a secret', ADMIN.slice(0, -1)],
    ['an unknown key', 'Bearer mgw_nobody_secretsecretsecret'],
    ['no secret', 'Bearer mgw_root_'],
    ['another scheme', 'Digest username="root"'],
    ['Basic without a colon', basic('root')],
    ['Basic that is no base64', 'Basic ???'],
    ['a key with U+0000', basic('ro\0ot:secretsecretsecret')],
    ['an empty header', ''],
    ['a header of 9 000 characters', `Bearer ${'x'.repeat(9_000)}`],
  ])('with %s is refused at every door, and never taken for anonymous', async (_, authorization) => {
    for (const path of ['/graphql', `/media/${id}/content`]) {
      const answer = await fetch(gateway.url + path, {
        headers: { authorization, 'apollo-require-preflight': 'true' },
      })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toContain('Bearer')
      expect(await answer.text()).toContain('"UNAUTHENTICATED"')
    }
  })

  test('that is revoked is refused as soon as it is forgotten', async () => {
    const { keys, foundation } = gateway.app
    await keys.ensure({ accountId: 'acme', keyId: 'shortlived', secret: 'shortlivedsecret' })
    await foundation.database.query(`UPDATE api_key SET revoked_at = now() WHERE id = 'shortlived'`)
    expect((await gateway.as('Bearer mgw_shortlived_shortlivedsecret').send('{ __typename }')).status).toBe(
      401,
    )
  })

  test('that has expired is refused', async () => {
    const { keys, foundation } = gateway.app
    await keys.ensure({ accountId: 'acme', keyId: 'expired', secret: 'expiredsecret' })
    await foundation.database.query(
      `UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = 'expired'`,
    )
    expect((await gateway.as('Bearer mgw_expired_expiredsecret').send('{ __typename }')).status).toBe(401)
  })

  test('that lacks a scope is told which', async () => {
    const { keys, foundation } = gateway.app
    await keys.ensure({ accountId: 'acme', keyId: 'reader', secret: 'readersecret' })
    await foundation.database.query(`UPDATE api_key SET scopes = '{media:read}' WHERE id = 'reader'`)
    const reader = gateway.as('Bearer mgw_reader_readersecret')
    expect((await reader.query('query M($id: ID!) { media(id: $id) { id } }', { id })).media).toEqual({ id })
    const { errors } = await reader.send(
      'mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }',
      { id },
    )
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('media:delete'),
      extensions: { code: 'FORBIDDEN' },
    })
  })

  test('is stored as a keyed hash only, and written to no log', async () => {
    const { foundation } = gateway.app
    const rows = await foundation.database.query<{ text: string }>(
      `SELECT api_key::text AS text FROM api_key`,
    )
    expect(rows.map(({ text }) => text).join()).not.toContain('secretsecret')
    expect(gateway.log.length).toBeGreaterThan(10)
    expect(JSON.stringify(gateway.log)).not.toContain('secretsecret')
    expect(JSON.stringify(gateway.log)).not.toContain(
      Buffer.from('root:secretsecret').toString('base64').slice(0, 20),
    )
  })
})

describe('without a credential', () => {
  test.each([
    ['GET', '/graphql?query={__typename}', 401],
    ['POST', '/graphql', 401],
    ['GET', '/health/live', 200],
    ['GET', '/health/ready', 200],
    ['GET', '/playground', 200],
    ['GET', '/nowhere', 404],
  ])('%s %s answers %i', async (method, path, status) => {
    const body = method === 'POST' ? JSON.stringify({ query: '{ __schema { types { name } } }' }) : undefined
    const headers = { 'content-type': 'application/json', 'apollo-require-preflight': 'true' }
    expect((await fetch(gateway.url + path, { method, headers, body, redirect: 'manual' })).status).toBe(
      status,
    )
  })

  test('the content of a media is there when it is public, and only then', async () => {
    const open = await gateway.upload({ bytes: Buffer.from('for all') }, { public: true })
    const answer = await fetch(`${gateway.url}/media/${open.media.id}/content`)
    expect([answer.status, await answer.text()]).toEqual([200, 'for all'])
    expect(answer.headers.get('cache-control')).toBe('public, no-cache')
    const closed = await fetch(`${gateway.url}/media/${id}/content`)
    expect(closed.status).toBe(404)
    await closed.text()
  })
})

describe('a media of another account', () => {
  const asStranger = () => gateway.as(FOREIGN)

  test('is not found, by the same answer as one that never was', async () => {
    const READ = `query R($id: ID!, $name: String!) { media(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } mediaByName(name: $name) { id } }`
    expect(await asStranger().query(READ, { id, name: 'mine' })).toEqual(
      await asStranger().query(READ, { id: NEVER, name: 'never' }),
    )
    const UPDATE = `mutation U($id: ID!) { updateMedia(input: { id: $id, title: "x" }) { media { id } userErrors { code message field } } }`
    expect(await asStranger().query(UPDATE, { id })).toEqual(await asStranger().query(UPDATE, { id: NEVER }))
    const DELETE = `mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId userErrors { code message field } } }`
    expect(await asStranger().query(DELETE, { id })).toEqual(await asStranger().query(DELETE, { id: NEVER }))
    const [theirs, none, odd] = await Promise.all(
      [id, NEVER, 'odd'].map(async which => {
        const answer = await fetch(`${gateway.url}/media/${which}/content`, {
          headers: { authorization: FOREIGN },
        })
        return [answer.status, (await answer.text()).replace(/"requestId":"[^"]*"/, '')]
      }),
    )
    expect(theirs).toEqual(none)
    expect(odd).toEqual(none)
    expect((await gateway.query('query M($id: ID!) { media(id: $id) { title } }', { id })).media).toEqual({
      title: null,
    })
  })

  test('is in no list, no count, no search', async () => {
    const { all, found } = await asStranger().query(
      `{ all: mediaItems { totalCount nodes { id } } found: mediaItems(filter: { search: "mine" }) { totalCount } }`,
    )
    expect(all.nodes).toEqual([])
    expect([all.totalCount, found.totalCount]).toEqual([0, 0])
  })

  test('does not stand in the way of its name', async () => {
    const { userErrors } = await asStranger().upload({ bytes: Buffer.from('also mine') }, { name: 'mine' })
    expect(userErrors).toEqual([])
  })
})
