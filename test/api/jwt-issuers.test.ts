import { loadConfig } from '../../src/config.ts'
import { issuerKeys } from '../../src/features/access/jwt/issuer-keys.ts'
import { verifiedClaims } from '../../src/features/access/jwt/verify-token.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { type IdentityProvider, startIdentityProvider, tokenOf } from '../support/identity-provider.ts'
import { ecPair, es256, hs256, rs256, rsaPair, seconds } from '../support/jwt.ts'

const [first, next, ec, stranger] = [rsaPair(), rsaPair(), ecPair(), rsaPair()]
const signer = rs256(first)

let provider: IdentityProvider
let tenants: IdentityProvider
let gateway: TestApp
let id: string
beforeAll(async () => {
  provider = await startIdentityProvider()
  tenants = await startIdentityProvider()
  provider.publish({ k1: first, e1: ec })
  tenants.publish({ t1: first })
  gateway = await startApp({
    JWT_ISSUERS: JSON.stringify([
      {
        issuer: provider.issuer,
        name: 'idp',
        jwksUrl: provider.jwksUrl,
        audience: 'media-gateway',
        account: 'acme',
        ownerNameClaim: 'name',
        groupsClaim: 'https://example.org/groups',
      },
      {
        issuer: tenants.issuer,
        jwksUrl: tenants.jwksUrl,
        audience: ['media-gateway', 'other-name'],
        algorithms: ['RS256'],
        accountClaim: 'tenant',
        ownerClaim: 'user.id',
        scopesClaim: 'realm_access.roles',
      },
    ]),
  })
  id = (await gateway.upload({ bytes: Buffer.from('of the account') }, { groupIds: ['staff'] })).media.id
})
afterAll(async () => {
  await gateway.close()
  await provider.close()
  await tenants.close()
})

const token = (claims: Record<string, unknown> = {}, header: Parameters<typeof tokenOf>[1] = { kid: 'k1' }) =>
  tokenOf(provider, header, { signer, ...claims })
const as = (given: string) => gateway.as(`Bearer ${given}`)
const status = async (given: string) => (await as(given).send('{ __typename }')).status
const VIEWER = '{ viewer { account principal scopes } }'

describe('a token of an outside issuer', () => {
  test('acts for its subject in the account of the issuer, with the scopes that the gateway knows', async () => {
    const { viewer } = await as(token()).query(VIEWER)
    expect(viewer).toEqual({
      account: 'acme',
      principal: 'issuer:idp/alice',
      scopes: ['media:read', 'media:create'],
    })
  })

  test('is taken in each algorithm of the published keys, and with typ JWT too', async () => {
    expect(await status(token({ signer: es256(ec) }, { kid: 'e1', alg: 'ES256', typ: 'JWT' }))).toBe(200)
  })

  test('reaches what its owner has uploaded, and what belongs to its groups', async () => {
    const { media } = await as(token({ name: 'Alice A.' })).upload(
      { bytes: Buffer.from('of alice') },
      {},
      'id owner { id name }',
    )
    expect(media.owner).toEqual({ id: 'alice', name: 'Alice A.' })
    const list = async (given: string) => {
      const { mediaItems } = await as(given).query('{ mediaItems { totalCount nodes { id } } }')
      expect(mediaItems.totalCount).toBe(mediaItems.nodes.length)
      return mediaItems.nodes.map((node: { id: string }) => node.id).sort()
    }
    expect(await list(token())).toEqual([media.id])
    expect(await list(token({ sub: 'bob' }))).toEqual([])
    expect(await list(token({ 'https://example.org/groups': ['staff', 7] }))).toEqual([id, media.id].sort())
  })

  test('is narrowed by an acl as any other', async () => {
    const { errors } = await as(token({ acl: { paths: { '/v3/other': {} } } })).send(
      '{ mediaItems { totalCount } }',
    )
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect(await status(token({ acl: [] }))).toBe(401)
  })

  test('may name account, owner and scopes by claims of any name', async () => {
    const given = (claims: object) =>
      tokenOf(tenants, { kid: 't1' }, { signer, aud: ['x', 'other-name'], ...claims } as never)
    const claims = { tenant: 'other', user: { id: 42 }, realm_access: { roles: ['media:read', '*', 'root'] } }
    const { viewer } = await as(given(claims)).query(VIEWER)
    expect(viewer).toEqual({
      account: 'other',
      principal: expect.stringMatching(/^issuer:127\.0\.0\.1:\d+\/42$/),
      scopes: ['media:read'],
    })
    for (const tenant of ['nobody', '', null, undefined, ['other'], 'o\0', 'o\ud800'])
      expect(await status(given({ ...claims, tenant }))).toBe(401)
    for (const id of [undefined, '', null, 'u\0', 'u\ud800', '\udc00u', 'u'.repeat(201)])
      expect(await status(given({ ...claims, user: { id } }))).toBe(401)
    for (const user of [undefined, {}]) expect(await status(given({ ...claims, user }))).toBe(401)
  })

  test.each<[string, () => string]>([
    ['another audience', () => token({ aud: 'somebody-else' })],
    ['no audience', () => token({ aud: undefined })],
    ['an issuer that is not configured', () => token({ iss: `${provider.issuer}/` })],
    ['the key of another issuer that is not published here', () => token({ signer: rs256(stranger) })],
    ['an unknown kid', () => token({ signer: rs256(stranger) }, { kid: 'nobody' })],
    ['a kid that is a path', () => token({ signer: hs256('') }, { kid: '../../dev/null', alg: 'HS256' })],
    [
      'HS256 with the public key as its secret',
      () => token({ signer: hs256(first.pem) }, { kid: 'k1', alg: 'HS256' }),
    ],
    ['the algorithm of another key', () => token({ signer: es256(ec) }, { kid: 'k1', alg: 'ES256' })],
    ['no exp', () => token({ exp: undefined })],
    ['an exp that has passed', () => token({ exp: seconds(-60) })],
    ['an iat in the future', () => token({ iat: seconds(120) })],
    ['an nbf in the future', () => token({ nbf: seconds(120) })],
    ['the typ of something else', () => token({}, { kid: 'k1', typ: 'logout+jwt' })],
    ['no subject', () => token({ sub: undefined })],
    [
      'an application, but the signature of the issuer for another one',
      () => token({ iss: undefined, application_id: 'a' }),
    ],
    ['more groups than anybody has', () => token({ 'https://example.org/groups': Array(101).fill('g') })],
  ])('with %s is refused', async (_, given) => {
    expect(await status(given())).toBe(401)
    const answer = await fetch(`${gateway.url}/media/${id}/content`, {
      headers: { authorization: `Bearer ${given()}` },
    })
    expect(answer.status).toBe(401)
  })
})

describe('the keys of an issuer', () => {
  const verify = (keys: ReturnType<typeof issuerKeys>, given: string) =>
    verifiedClaims(given, { key: keys, algorithms: ['RS256', 'ES256'], types: ['at+jwt'], now: new Date() })
  let own: IdentityProvider
  beforeEach(async () => {
    own = await startIdentityProvider()
    own.publish({ k1: first })
  })
  afterEach(() => own.close())
  const keysOf = (cooldownMs: number) =>
    issuerKeys({ name: 'own', jwksUrl: new URL(own.jwksUrl) }, cooldownMs)
  const by = (kid: string, pair = first) => tokenOf(own, { kid }, { signer: rs256(pair) })

  test('are fetched once, and again when a token names a new one: they rotate without a restart', async () => {
    const keys = keysOf(0)
    await Promise.all([verify(keys, by('k1')), verify(keys, by('k1')), verify(keys, by('k1'))])
    expect(own.fetches).toBe(1)
    own.publish({ k1: first, k2: next })
    await expect(verify(keys, by('k2', next))).resolves.toMatchObject({ sub: 'alice' })
    await verify(keys, by('k1'))
    expect(own.fetches).toBe(2)
    own.publish({ k2: next })
    await expect(verify(keys, by('k3'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(verify(keys, by('k1'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  test('are not fetched for every forged token', async () => {
    const keys = keysOf(60_000)
    await verify(keys, by('k1'))
    for (let i = 0; i < 20; i++)
      await expect(verify(keys, by(`forged-${i}`))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    expect(own.fetches).toBe(1)
  })

  test.each([
    ['an error', { status: 500 }],
    ['a redirection', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
    ['no JSON', { body: '<html>' }],
    ['no set', { body: '{"keys":{}}' }],
    ['more than a megabyte', { body: JSON.stringify({ keys: [], pad: 'x'.repeat(1024 * 1024) }) }],
  ])('cannot be had when the issuer answers with %s: that is told, and mends itself', async (_, answer) => {
    const keys = keysOf(0)
    own.misbehave(answer)
    await expect(verify(keys, by('k1'))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfter: 5 })
    own.misbehave(null)
    await expect(verify(keys, by('k1'))).resolves.toMatchObject({ sub: 'alice' })
  })

  test('that are too weak or cannot be read are not used', async () => {
    const weak = rsaPair(1024)
    own.publish({ weak })
    await expect(verify(keysOf(0), by('weak', weak))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
    own.misbehave({ body: JSON.stringify({ keys: [{ kty: 'RSA', kid: 'k1', n: '!', e: 'AQAB' }] }) })
    await expect(verify(keysOf(0), by('k1'))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })

  test('that are for encryption, or for another algorithm, verify nothing', async () => {
    own.publish({ k1: first }, { use: 'enc' })
    await expect(verify(keysOf(0), by('k1'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    own.publish({ k1: first }, { alg: 'PS256' })
    await expect(verify(keysOf(0), by('k1'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })
})

test('while an issuer cannot be reached its tokens are answered with 503 at every door, and others work on', async () => {
  const gone = await startIdentityProvider()
  await gone.close()
  const other = await startApp({
    JWT_ISSUERS: JSON.stringify([
      { issuer: gone.issuer, jwksUrl: gone.jwksUrl, audience: 'media-gateway', account: 'acme' },
    ]),
  })
  try {
    const authorization = `Bearer ${tokenOf(gone, { kid: 'k1' }, { signer })}`
    for (const path of ['/graphql?query={__typename}', `/media/${id}/content`]) {
      const answer = await fetch(other.url + path, {
        headers: { authorization, 'apollo-require-preflight': 'true' },
      })
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
      expect(await answer.text()).not.toContain('jwks')
    }
    expect((await other.query('{ viewer { account } }')).viewer.account).toBe('acme')
  } finally {
    await other.close()
  }
})

describe('JWT_ISSUERS', () => {
  const one = {
    issuer: 'https://idp.example.org/',
    jwksUrl: 'https://idp.example.org/jwks',
    audience: 'media',
  }
  const load = (value: unknown) =>
    loadConfig({ JWT_ISSUERS: typeof value === 'string' ? value : JSON.stringify(value) }).JWT_ISSUERS

  test('has a default for all that can be left out', () => {
    expect(load([{ ...one, account: 'acme' }])).toEqual([
      {
        issuer: one.issuer,
        name: 'idp.example.org',
        jwksUrl: new URL(one.jwksUrl),
        audience: ['media'],
        algorithms: ['RS256', 'ES256', 'EdDSA'],
        account: { id: 'acme' },
        ownerClaim: 'sub',
        ownerNameClaim: null,
        scopesClaim: 'scope',
        groupsClaim: null,
      },
    ])
  })

  test.each<[string, unknown, string]>([
    ['no JSON', 'https://idp.example.org', 'JSON array'],
    ['an object', one, 'JSON array'],
    ['no object within', ['x'], 'issuer 1: a JSON object'],
    ['no account', [one], 'either account or accountClaim'],
    [
      'two ways to the account',
      [{ ...one, account: 'a', accountClaim: 'b' }],
      'either account or accountClaim',
    ],
    ['no audience', [{ ...one, account: 'a', audience: undefined }], 'audience must be'],
    ['an empty audience', [{ ...one, account: 'a', audience: [] }], 'audience must be'],
    ['keys over plain http', [{ ...one, account: 'a', jwksUrl: 'http://idp.example.org/jwks' }], 'https URL'],
    [
      'keys over plain http at a name like ours',
      [{ ...one, account: 'a', jwksUrl: 'http://127.0.0.1.nip.io/' }],
      'https URL',
    ],
    ['a symmetric algorithm', [{ ...one, account: 'a', algorithms: ['HS256'] }], 'out of RS256'],
    ['a member that is not known', [{ ...one, account: 'a', audiance: 'x' }], 'there is no "audiance"'],
    [
      'an issuer twice',
      [
        { ...one, account: 'a' },
        { ...one, name: 'b', account: 'b' },
      ],
      'issuer only once',
    ],
    [
      'a host twice',
      [
        { ...one, account: 'a' },
        { ...one, issuer: `${one.issuer}b`, account: 'a' },
      ],
      'name only once',
    ],
    ['two faults', [{ ...one }, { account: 'a' }], 'issuer 2: issuer must be'],
  ])('with %s is refused, and says why', (_, value, reason) => {
    expect(() => load(value)).toThrow(reason)
  })

  test('may fetch keys from this machine itself without TLS', () => {
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:80'])
      expect(load([{ ...one, account: 'a', jwksUrl: `http://${host}/jwks` }])).toHaveLength(1)
  })
})
