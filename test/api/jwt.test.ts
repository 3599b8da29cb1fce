import { randomUUID } from 'node:crypto'
import { startApp, type TestApp } from '../support/app.ts'
import {
  ecPair,
  eddsa,
  edPair,
  es256,
  forge,
  hs256,
  rs256,
  rsaPair,
  type Signer,
  seconds,
  vonageClaims,
} from '../support/jwt.ts'

const [rsa, ec, ed, stranger] = [rsaPair(), ecPair(), edPair(), rsaPair()]
const HEADER = { typ: 'JWT', alg: 'RS256' }
const NEVER = '01234567-89ab-7def-8123-456789abcdef'

let gateway: TestApp
let [id, second] = ['', '']
beforeAll(async () => {
  gateway = await startApp({ PUBLIC_URL: 'https://media.example.org' })
  const { applications } = gateway.app
  for (const [name, key] of Object.entries({ rsa, ec, ed, revoked: rsaPair() }))
    await applications.create({ accountId: 'acme', id: `app-${name}`, publicKey: key.pem })
  await applications.revoke('app-revoked')
  id = (await gateway.upload({ bytes: Buffer.from('first'), fileName: '1.txt' })).media.id
  second = (await gateway.upload({ bytes: Buffer.from('second'), fileName: '2.txt' })).media.id
})
afterAll(() => gateway.close())

const ofRsa = (more: Record<string, unknown> = {}, header: object = HEADER, signer: Signer = rs256(rsa)) =>
  forge(header, vonageClaims('app-rsa', more), signer)
const as = (token: string) => gateway.as(`Bearer ${token}`)
const content = (token: string, which = id) =>
  fetch(`${gateway.url}/media/${which}/content`, { headers: { authorization: `Bearer ${token}` } })
const VIEWER = '{ viewer { account principal scopes } }'

describe('a token of an application', () => {
  test.each([
    ['RS256', () => ofRsa(), 'rsa'],
    ['ES256', () => forge({ typ: 'JWT', alg: 'ES256' }, vonageClaims('app-ec'), es256(ec)), 'ec'],
    ['EdDSA', () => forge({ typ: 'JWT', alg: 'EdDSA' }, vonageClaims('app-ed'), eddsa(ed)), 'ed'],
    ['RS256 without typ', () => ofRsa({}, { alg: 'RS256' }), 'rsa'],
    ['RS256 with typ in other letters', () => ofRsa({}, { alg: 'RS256', typ: 'jwt' }), 'rsa'],
    ['RS256 with a kid, which means nothing here', () => ofRsa({}, { ...HEADER, kid: 'any' }), 'rsa'],
    ['a day of life', () => ofRsa({ exp: seconds(86_400) }), 'rsa'],
    ['14 minutes of age and no exp', () => ofRsa({ iat: seconds(-14 * 60) }), 'rsa'],
    ['a clock that is 20 seconds ahead', () => ofRsa({ iat: seconds(20), nbf: seconds(20) }), 'rsa'],
    ['this gateway as its audience', () => ofRsa({ aud: ['x', 'https://media.example.org'] }), 'rsa'],
    ['a sub', () => ofRsa({ sub: 'alice' }), 'rsa'],
  ])('with %s is taken', async (_, token, name) => {
    const { viewer } = await as(token()).query(VIEWER)
    expect(viewer).toEqual({
      account: 'acme',
      principal: `application:app-${name}`,
      scopes: ['media:read', 'media:create', 'media:update', 'media:delete', 'media:share'],
    })
    const answer = await content(token())
    expect([answer.status, await answer.text()]).toEqual([200, 'first'])
  })

  test('is no administrator', async () => {
    const { errors } = await as(ofRsa()).send('{ applications { totalCount } }')
    expect(errors?.[0]).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
      message: expect.stringContaining('admin'),
    })
  })
})

const [head, body, signature] = ofRsa().split('.') as [string, string, string]
const unsigned: Signer = () => Buffer.alloc(0)
const jwk = stranger.publicKey.export({ format: 'jwk' })

describe('a forged or malformed token is refused at every door:', () => {
  test.each<[string, () => string]>([
    ['alg none without a signature', () => ofRsa({}, { typ: 'JWT', alg: 'none' }, unsigned)],
    ['alg nOnE without a signature', () => ofRsa({}, { typ: 'JWT', alg: 'nOnE' }, unsigned)],
    ['alg none with a good signature', () => ofRsa({}, { typ: 'JWT', alg: 'none' })],
    ['no alg', () => ofRsa({}, { typ: 'JWT' })],
    ['alg as a list', () => ofRsa({}, { typ: 'JWT', alg: ['RS256'] })],
    ['HS256 with the public key in PEM as its secret', () => ofRsa({}, { alg: 'HS256' }, hs256(rsa.pem))],
    ['HS256 with the same, trimmed', () => ofRsa({}, { alg: 'HS256' }, hs256(rsa.pem.trim()))],
    ['HS256 with an empty secret', () => ofRsa({}, { alg: 'HS256' }, hs256(''))],
    ['the key of a stranger', () => ofRsa({}, HEADER, rs256(stranger))],
    ['the key of another application', () => forge(HEADER, vonageClaims('app-ec'), rs256(rsa))],
    ['ES256 that is named for an RSA key', () => ofRsa({}, { alg: 'ES256' }, es256(ec))],
    ['RS256 for an application with ES256', () => forge(HEADER, vonageClaims('app-ec'), rs256(stranger))],
    ['PS256 for an RSA key', () => ofRsa({}, { alg: 'PS256' })],
    ['RS512 for an RSA key', () => ofRsa({}, { alg: 'RS512' })],
    ['an ES256 signature in DER', () => forge({ alg: 'ES256' }, vonageClaims('app-ec'), es256(ec, 'der'))],
    [
      'an ES256 signature of zeros',
      () => forge({ alg: 'ES256' }, vonageClaims('app-ec'), () => Buffer.alloc(64)),
    ],
    ['an empty signature', () => `${head}.${body}.`],
    ['a signature cut short', () => `${head}.${body}.${signature.slice(0, -8)}`],
    ['the signature of another token', () => `${ofRsa({ sub: 'me' }).split('.', 2).join('.')}.${signature}`],
    ['no signature at all', () => `${head}.${body}`],
    ['a fourth segment', () => `${head}.${body}.${signature}.${signature}`],
    ['five segments, as encryption has them', () => `${head}.${body}.${body}.${body}.${signature}`],
    ['no payload', () => `${head}..${signature}`],
    ['a header that is no JSON', () => forge('{"alg":', vonageClaims('app-rsa'), rs256(rsa))],
    ['a payload that is no JSON', () => forge(HEADER, '{"application_id":', rs256(rsa))],
    ['a payload that is an array', () => forge(HEADER, [vonageClaims('app-rsa')], rs256(rsa))],
    ['a payload that is a text', () => forge(HEADER, '"app-rsa"', rs256(rsa))],
    ['a payload that is null', () => forge(HEADER, 'null', rs256(rsa))],
    ['an empty payload', () => forge(HEADER, {}, rs256(rsa))],
    ['padding behind a segment', () => `${head}=.${body}.${signature}`],
    ['a blank within', () => `${head}. ${body}.${signature}`],
    ['base64 where base64url belongs', () => `${head}.${body}.${signature.replace(/.{4}$/, '+/+/')}`],
    ['an unknown extension in crit', () => ofRsa({}, { ...HEADER, crit: ['x'], x: 1 })],
    ['an extension in crit that libraries know', () => ofRsa({}, { ...HEADER, crit: ['b64'], b64: true })],
    ['an empty crit', () => ofRsa({}, { ...HEADER, crit: [] })],
    ['another typ', () => ofRsa({}, { ...HEADER, typ: 'secevent+jwt' })],
    ['a typ that is no text', () => ofRsa({}, { ...HEADER, typ: 1 })],
    ['a key that it brings along', () => ofRsa({}, { ...HEADER, jwk }, rs256(stranger))],
    ['an application that nobody knows', () => forge(HEADER, vonageClaims('app-nobody'), rs256(rsa))],
    ['an application that is revoked', () => forge(HEADER, vonageClaims('app-revoked'), rs256(rsa))],
    ['an application id with U+0000', () => forge(HEADER, vonageClaims('app-rsa\0'), rs256(rsa))],
    ['an application id as SQL', () => forge(HEADER, vonageClaims("' OR '1'='1"), rs256(rsa))],
    ['an application id as a list', () => ofRsa({ application_id: ['app-rsa'] })],
    ['an application id that is null', () => ofRsa({ application_id: null })],
    ['an exp that has passed', () => ofRsa({ iat: seconds(-600), exp: seconds(-60) })],
    ['no exp and an age of 16 minutes', () => ofRsa({ iat: seconds(-16 * 60) })],
    ['more than 24 hours of life', () => ofRsa({ exp: seconds(86_401) })],
    ['an exp beyond all numbers', () => forge(HEADER, huge('exp'), rs256(rsa))],
    ['an iat beyond all numbers', () => forge(HEADER, huge('iat'), rs256(rsa))],
    ['an exp that is a text', () => ofRsa({ exp: String(seconds(600)) })],
    ['an exp that is null', () => ofRsa({ exp: null })],
    ['an nbf in the future', () => ofRsa({ nbf: seconds(120) })],
    ['an iat in the future', () => ofRsa({ iat: seconds(120), exp: seconds(600) })],
    ['no iat', () => ofRsa({ iat: undefined, exp: seconds(600) })],
    ['no jti', () => ofRsa({ jti: undefined })],
    ['another audience', () => ofRsa({ aud: 'https://api.example.com' })],
    ['an empty list of audiences', () => ofRsa({ aud: [] })],
    ['an acl that cannot be read', () => ofRsa({ acl: { paths: ['/**'] } })],
    ['an acl that is null', () => ofRsa({ acl: null })],
    [
      'an issuer and no application',
      () => ofRsa({ application_id: undefined, iss: 'https://idp.example.org' }),
    ],
  ])('%s', async (_, token) => {
    const authorization = `Bearer ${token()}`
    const answers = await Promise.all([
      fetch(`${gateway.url}/graphql?query={__typename}`, {
        headers: { authorization, 'apollo-require-preflight': 'true' },
      }),
      fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization } }),
      fetch(`${gateway.url}/media/${id}/content`, { method: 'HEAD', headers: { authorization } }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
    for (const answer of answers.slice(0, 2))
      expect(await answer.text()).toContain('This credential is not valid.')
  })

  test('none of them is written to the log', () => {
    const log = JSON.stringify(gateway.log)
    expect(log).not.toContain(signature.slice(0, 40))
    expect(log).not.toContain(body.slice(0, 60))
    expect(gateway.log.filter(({ level }) => level === 'error')).toEqual([])
  })
})

function huge(claim: string): string {
  return JSON.stringify({ ...vonageClaims('app-rsa'), [claim]: '1e999' }).replace('"1e999"', '1e999')
}

describe('an application', () => {
  test('that is revoked gets no further, at this node within four seconds', async () => {
    let now = Date.now()
    const late = await startApp({}, { clock: { now: () => new Date(now) } })
    try {
      const { applications } = late.app
      await applications.create({ accountId: 'acme', id: 'late', publicKey: rsa.pem })
      const token = () => forge(HEADER, vonageClaims('late'), rs256(rsa))
      const known = token()
      const status = async (given: string) => (await late.as(`Bearer ${given}`).send('{ __typename }')).status
      expect([await status(known), await status(token())]).toEqual([200, 200])
      await applications.revoke('late')
      now += 3_999
      expect([await status(known), await status(token())]).toEqual([401, 401])
    } finally {
      await late.close()
    }
  })

  test('is registered, listed and revoked by an administrator, within the own account', async () => {
    const CREATE = `mutation C($input: CreateApplicationInput!) { createApplication(input: $input) {
      application { id name algorithm scopes revokedAt } userErrors { __typename code field } clientMutationId } }`
    const create = async (input: object) => (await gateway.query(CREATE, { input })).createApplication
    const { application, userErrors, clientMutationId } = await create({
      name: 'Player',
      publicKey: JSON.stringify(ed.publicKey.export({ format: 'jwk' })),
      scopes: ['media:read'],
      clientMutationId: 'c1',
    })
    expect([userErrors, clientMutationId]).toEqual([[], 'c1'])
    expect(application).toMatchObject({
      name: 'Player',
      algorithm: 'EDDSA',
      scopes: ['media:read'],
      revokedAt: null,
    })
    const token = () => forge({ alg: 'EdDSA' }, vonageClaims(application.id), eddsa(ed))
    expect((await as(token()).query(VIEWER)).viewer.scopes).toEqual(['media:read'])

    const list = `{ applications(first: 1) { totalCount nodes { id publicKey } pageInfo { hasNextPage } } }`
    const { applications } = await gateway.query(list)
    expect(applications).toMatchObject({
      totalCount: 5,
      nodes: [{ id: application.id, publicKey: ed.pem }],
      pageInfo: { hasNextPage: true },
    })
    const REVOKE = `mutation R($id: ID!) { revokeApplication(input: { id: $id }) {
      application { id revokedAt } userErrors { __typename field } } }`
    const stranger = gateway.as('Bearer mgw_foreign_secretsecretsecret')
    expect((await stranger.query('{ applications { totalCount } }')).applications.totalCount).toBe(0)
    for (const which of [application.id, 'never', 'n\0'])
      expect((await stranger.query(REVOKE, { id: which })).revokeApplication).toEqual({
        application: null,
        userErrors: [{ __typename: 'NotFoundError', field: ['input', 'id'] }],
      })
    const { revokeApplication } = await gateway.query(REVOKE, { id: application.id })
    expect(revokeApplication.application).toEqual({ id: application.id, revokedAt: expect.any(String) })

    for (const [input, field] of [
      [{ publicKey: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) }, 'publicKey'],
      [{ publicKey: ed.pem, scopes: ['media:everything'] }, 'scopes'],
      [{ publicKey: ed.pem, scopes: [] }, 'scopes'],
      [{ publicKey: ed.pem, name: 'n'.repeat(201) }, 'name'],
    ] as const)
      expect((await create(input)).userErrors).toEqual([
        { __typename: 'InvalidInputError', code: expect.any(String), field: ['input', field] },
      ])
  })

  test('is given no scope that its administrator lacks', async () => {
    await gateway.app.applications.create({
      accountId: 'acme',
      id: 'app-admin',
      publicKey: rsa.pem,
      scopes: ['admin', 'media:read'],
    })
    const token = forge(HEADER, vonageClaims('app-admin'), rs256(rsa))
    const create = (scopes: string) =>
      as(token).send(
        `mutation C($key: String!) { createApplication(input: { publicKey: $key ${scopes} }) { application { scopes } } }`,
        { key: ec.pem },
      )
    expect((await create('')).data.createApplication.application).toEqual({ scopes: ['media:read'] })
    expect((await create('scopes: ["media:delete"]')).errors?.[0]?.message).toContain('media:delete')
    const narrowed = forge(HEADER, vonageClaims('app-admin', { acl: { paths: { '/**': {} } } }), rs256(rsa))
    expect((await as(narrowed).send('{ applications { totalCount } }')).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    )
  })

  test('of an id that is taken, or of no account, is not registered', async () => {
    const { applications } = gateway.app
    const create = (accountId: string, name: string) =>
      applications.create({ accountId, id: name, publicKey: rsa.pem })
    await expect(create('other', 'app-rsa')).rejects.toMatchObject({ code: 'APPLICATION_TAKEN' })
    await expect(create('nobody', randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(create('acme', 'a b')).rejects.toMatchObject({ code: 'INVALID_APPLICATION' })
  })
})

describe('the acl of a token', () => {
  const narrowed = (paths: object) => as(ofRsa({ acl: { paths } }))
  const READ = `query R($id: ID!) { media(id: $id) { id } }`
  const LIST = `{ mediaItems { totalCount nodes { id } } }`
  const UPDATE = `mutation U($id: ID!) { updateMedia(input: { id: $id, title: "t" }) { media { id } userErrors { code } } }`
  const code = (answer: { errors?: readonly { extensions: Record<string, unknown> }[] }) =>
    answer.errors?.[0]?.extensions.code

  test.each([['/*/media/**'], ['/v3/media/**'], ['/**']])('%s covers everything', async path => {
    const client = narrowed({ [path]: {} })
    expect((await client.query(READ, { id })).media).toEqual({ id })
    expect((await client.query(UPDATE, { id })).updateMedia).toEqual({ media: { id }, userErrors: [] })
    expect((await client.upload({ bytes: Buffer.from('x') })).userErrors).toEqual([])
    expect((await content(ofRsa({ acl: { paths: { [path]: {} } } }))).status).toBe(200)
  })

  test('with GET alone reads and changes nothing', async () => {
    const paths = { '/*/media/**': { methods: ['GET'] } }
    expect((await narrowed(paths).query(READ, { id })).media).toEqual({ id })
    const update = await narrowed(paths).send(UPDATE, { id })
    expect(code(update)).toBe('FORBIDDEN')
    expect(update.errors?.[0]?.message).toContain('PUT /v3/media/{id}/info')
    const DELETE = `mutation D($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }`
    expect(code(await narrowed(paths).send(DELETE, { id }))).toBe('FORBIDDEN')
    await expect(narrowed(paths).upload({ bytes: Buffer.from('x') })).rejects.toThrow('POST /v3/media')
  })

  test.each([[{}], [{ '/*/users/**': {} }], [{ '/*/media/**': { filters: { owner: 'x' } } }]])(
    '%j covers nothing, at no door',
    async paths => {
      expect(code(await narrowed(paths).send(READ, { id }))).toBe('FORBIDDEN')
      expect(code(await narrowed(paths).send(LIST))).toBe('FORBIDDEN')
      expect((await content(ofRsa({ acl: { paths } }))).status).not.toBe(200)
    },
  )

  test('of information alone gives no content, and the other way round', async () => {
    const info = { '/v3/media/*/info': {} }
    expect((await narrowed(info).query(READ, { id })).media).toEqual({ id })
    expect((await content(ofRsa({ acl: { paths: info } }))).status).not.toBe(200)
    const bytes = { '/v3/media/*': {} }
    expect(code(await narrowed(bytes).send(READ, { id }))).toBe('FORBIDDEN')
    expect((await content(ofRsa({ acl: { paths: bytes } }))).status).toBe(200)
  })

  test('that names one media narrows gets, contents, lists and counts to it', async () => {
    const paths = { '/v3/media': { methods: ['GET'] }, [`/v3/media/${id}/**`]: {} }
    const client = narrowed(paths)
    expect((await client.query(LIST)).mediaItems).toEqual({ totalCount: 1, nodes: [{ id }] })
    expect((await client.query(READ, { id })).media).toEqual({ id })
    const [hidden, never] = await Promise.all([second, NEVER].map(which => client.send(READ, { id: which })))
    expect(hidden?.data).toEqual({ media: null })
    expect(never?.data).toEqual({ media: null })
    const token = ofRsa({ acl: { paths } })
    expect((await content(token)).status).toBe(200)
    expect((await content(token, second)).status).toBe((await content(token, NEVER)).status)
  })
})
