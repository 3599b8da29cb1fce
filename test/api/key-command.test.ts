import { startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'
import { projectFile } from '../support/project-file.ts'

let gateway: TestApp
let cli: ReturnType<typeof commandLine>
beforeAll(async () => {
  gateway = await startApp()
  cli = commandLine(gateway)
})
afterAll(() => gateway.close())

const basic = (key: string, secret: string) => `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`
const viewerOf = async (authorization: string) => {
  const { status, data } = await gateway.as(authorization).send('{ viewer { account principal scopes } }')
  return status === 200 ? data.viewer : status
}

describe('accounts', () => {
  test('are made and listed', async () => {
    const made = await cli('account', 'create', 'shop', '--name', 'The Shop', '--json')
    expect([made.code, made.json()]).toMatchObject([0, { id: 'shop', name: 'The Shop', usedBytes: 0 }])
    const listed = (await cli('account', 'list', '--json')).json()
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(['acme', 'other', 'shop'])
    expect((await cli('account', 'list')).output).toContain('shop\tThe Shop')
  })

  test.each([
    [['acme'], 1, 'There is an account "acme" already.'],
    [['no spaces'], 2, '1 to 64 letters'],
    [['fine', '--name', ''], 2, '1 to 200 characters'],
    [[], 2, 'missing required argument'],
  ])('account create %j ends with %i and says why', async (args, code, text) => {
    const result = await cli('account', 'create', ...args)
    expect([result.code, result.output, result.errors]).toEqual([code, '', expect.stringContaining(text)])
  })
})

describe('account quota', () => {
  const NONE = { bytes: { used: 0, reserved: 0, limit: null }, items: { used: 0, limit: null } }

  test('sets what is given and leaves the rest; default is what the configuration says', async () => {
    await cli('account', 'create', 'limited')
    const json = async (...args: string[]) =>
      (await cli('account', 'quota', 'limited', '--json', ...args)).json()
    expect(await json()).toEqual({ account: 'limited', ...NONE })
    expect(await json('--bytes', '5GB', '--items', '1000')).toEqual({
      account: 'limited',
      bytes: { used: 0, reserved: 0, limit: 5_000_000_000 },
      items: { used: 0, limit: 1000 },
    })
    expect(await json('--items', '0')).toMatchObject({ bytes: { limit: 5_000_000_000 }, items: { limit: 0 } })
    expect((await cli('account', 'quota', 'limited')).output).toBe(
      '0 bytes of 5000000000, 0 held for uploads\n0 media of 0',
    )
    expect((await cli('account', 'list')).output).toContain('limited\tlimited\t0 bytes of 5000000000')
    const listed = (await cli('account', 'list', '--json')).json()
    expect(listed.find(({ id }: { id: string }) => id === 'limited')).toMatchObject({
      usedBytes: 0,
      items: { used: 0, limit: 0 },
    })
    expect(await json('--bytes', 'default', '--items', 'none')).toEqual({ account: 'limited', ...NONE })

    const configured = commandLine({
      ...gateway,
      environment: { ...gateway.environment, QUOTA_BYTES: '1GiB', QUOTA_ITEMS: '7' },
    })
    const beside = async (...args: string[]) =>
      (await configured('account', 'quota', 'limited', '--json', ...args)).json()
    expect(await beside()).toMatchObject({ bytes: { limit: 2 ** 30 }, items: { limit: null } })
    expect(await beside('--items', 'default')).toMatchObject({ items: { limit: 7 } })
  })

  test.each([
    [['nobody', '--items', '1'], 2, 'There is no account "nobody"'],
    [
      ['acme', '--bytes', 'much'],
      2,
      'A quota is a size such as 1048576, 100MB or 10GiB, "none" or "default".',
    ],
    [['acme', '--items', '-1'], 2, 'whole number'],
    [[], 2, 'missing required argument'],
  ])('account quota %j ends with %i and says why', async (args, code, text) => {
    const result = await cli('account', 'quota', ...args)
    expect([result.code, result.output, result.errors]).toEqual([code, '', expect.stringContaining(text)])
  })
})

describe('key create', () => {
  test('prints the secret once, with --json on standard output alone', async () => {
    const result = await cli(
      ...['key', 'create', '--account', 'acme', '--scopes', 'media:read, media:create', '--name', 'CI'],
      ...['--owner', 'ann', '--owner-name', 'Ann', '--groups', 'a,b', '--expires', '30d', '--json'],
    )
    expect(result.code).toBe(0)
    const key = result.json()
    expect(key).toMatchObject({
      accountId: 'acme',
      label: 'CI',
      scopes: ['media:read', 'media:create'],
      ownerId: 'ann',
      ownerName: 'Ann',
      groupIds: ['a', 'b'],
      token: `mgw_${key.id}_${key.secret}`,
    })
    expect(Math.round((Date.parse(key.expiresAt) - Date.now()) / 86_400_000)).toBe(30)
    expect(await viewerOf(`Bearer ${key.token}`)).toMatchObject({ principal: `key:${key.id}` })
    const listed = await cli('key', 'list', '--json')
    expect(listed.output).not.toContain(key.secret)
    expect(listed.output).not.toContain('hash')
  })

  test('says the same to people', async () => {
    const { output } = await cli('key', 'create', '--account', 'acme', '--scopes', 'media:read')
    const token = /^Token +(\S+)$/m.exec(output)?.[1]
    expect(await viewerOf(`Bearer ${token}`)).toMatchObject({ account: 'acme' })
  })

  test.each([
    [['--account', 'acme', '--scopes', 'media:fly'], 2, /no scope "media:fly".*media:read.*admin, \*/],
    [['--account', 'acme', '--scopes', ','], 2, /at least one/],
    [['--account', 'nowhere', '--scopes', 'admin'], 1, /no account "nowhere".*account create/],
    [['--account', 'acme', '--scopes', 'admin', '--expires', 'soon'], 2, /2026-01-31T12:00:00Z/],
    [['--account', 'acme', '--scopes', 'admin', '--expires', '2020-01-01T00:00:00Z'], 2, /expired already/],
    [['--account', 'acme', '--scopes', 'admin', '--id', 'a:b'], 2, /no colon/],
    [['--account', 'acme', '--scopes', 'admin', '--id', 'foreign'], 1, /in use/],
    [['--account', 'acme', '--scopes', 'admin', '--token', 'short'], 2, /20 characters/],
    [['--account', 'acme', '--scopes', 'admin', '--token', 'mgw_looks_likeourowntokens'], 2, /mgw_/],
    [
      ['--account', 'acme', '--scopes', 'admin', '--token', 'x'.repeat(30), '--secret', 'y'],
      2,
      /cannot be used/,
    ],
    [['--scopes', 'admin'], 2, /--account/],
  ])('%j ends with %i and says why', async (args, code, message) => {
    const result = await cli('key', 'create', ...args)
    expect([result.code, result.output, result.errors]).toEqual([code, '', expect.stringMatching(message)])
  })
})

describe('credentials of another system', () => {
  test('keep working: a key with a secret that somebody chose', async () => {
    const secret = 'correct horse: battery'
    const made = await cli(
      ...[
        'key',
        'create',
        '--account',
        'acme',
        '--scopes',
        'media:read',
        '--id',
        'user@example.com',
        '--secret',
      ],
      ...[secret, '--json'],
    )
    expect(made.json()).toMatchObject({ id: 'user@example.com', secret: null, token: null })
    expect(made.output).not.toContain(secret)
    const many = await Promise.all(
      Array.from({ length: 20 }, () => viewerOf(basic('user@example.com', secret))),
    )
    expect(new Set(many.map(viewer => viewer.principal))).toEqual(new Set(['key:user@example.com']))
    expect(await viewerOf(basic('user@example.com', `${secret}!`))).toBe(401)
    const [stored] = await gateway.app.foundation.database.query(
      `SELECT algorithm, octet_length(salt) AS salt FROM api_secret WHERE key_id = 'user@example.com'`,
    )
    expect(stored).toEqual({ algorithm: 'argon2id', salt: 16 })
  })

  test('keep working: an opaque token, also one that looks like a JWT', async () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"user":7}').toString('base64url')}.c2lnbmF0dXJlLW9mLWFub3RoZXI`
    const fromInput = commandLine(gateway, `${token}\n`)
    const args = [
      'key',
      'create',
      '--account',
      'acme',
      '--scopes',
      'media:read',
      '--id',
      'cms',
      '--token',
      '-',
    ]
    expect((await fromInput(...args)).code).toBe(0)
    expect(await viewerOf(`Bearer ${token}`)).toMatchObject({ principal: 'key:cms', scopes: ['media:read'] })
    expect(await viewerOf(`Bearer ${token}x`)).toBe(401)
    expect(await viewerOf(basic('cms', token))).toBe(401)
    const again = await fromInput(...args.map(arg => (arg === 'cms' ? 'cms2' : arg)))
    expect([again.code, again.errors]).toEqual([1, expect.stringContaining('in use')])
  })

  test('may be two for one key, as during a rotation that began elsewhere', async () => {
    await cli(
      'key',
      'create',
      '--account',
      'acme',
      '--scopes',
      'media:read',
      '--id',
      'a1b2',
      '--secret',
      'older',
    )
    const rotated = await cli(
      'key',
      'rotate',
      'a1b2',
      '--secret',
      'newer',
      '--keep-old-for',
      '365d',
      '--json',
    )
    expect(rotated.json()).toMatchObject({ id: 'a1b2', liveSecrets: 2, secret: null })
    for (const secret of ['older', 'newer']) {
      expect(await viewerOf(basic('a1b2', secret))).toMatchObject({ principal: 'key:a1b2' })
    }
    expect(await viewerOf(basic('a1b2', 'neither'))).toBe(401)
  })
})

test('keys are rotated, listed and revoked', async () => {
  await cli('account', 'create', 'solo')
  const key = (await cli('key', 'create', '--account', 'solo', '--scopes', 'admin', '--json')).json()
  const rotated = (await cli('key', 'rotate', key.id, '--json')).json()
  expect(await viewerOf(`Bearer ${key.token}`)).toBe(401)
  expect(await viewerOf(`Bearer ${rotated.token}`)).toMatchObject({ account: 'solo' })

  const spared = await cli('key', 'revoke', key.id)
  expect([spared.code, spared.errors]).toEqual([1, expect.stringContaining('last key that can administer')])
  expect((await cli('key', 'revoke', key.id, '--force', '--json')).json()).toMatchObject({
    id: key.id,
    revokedAt: expect.any(String),
  })
  expect((await cli('key', 'list', '--account', 'solo')).output).toMatch(
    `${key.id}\tsolo\t\tadmin\twhole account\trevoked`,
  )
  expect((await cli('key', 'list', '--account', 'solo', '--json')).json()).toHaveLength(1)
  expect(await cli('key', 'revoke', 'never')).toMatchObject({
    code: 1,
    errors: expect.stringContaining('no API key'),
  })
})

test.each([
  [['--version'], 0, JSON.parse(await projectFile('package.json')).version],
  [['key', '--help'], 0, 'rotate'],
  [['key', 'create', '--help'], 0, 'media:share'],
  [['key', 'rotate', '--help'], 0, '--keep-old-for'],
  [['account', 'create', '--help'], 0, '--json'],
  [['key'], 2, 'Usage'],
  [['key', 'nonsense'], 2, 'nonsense'],
  [['key', 'revoke', 'a', '--nonsense'], 2, '--nonsense'],
])('media-gateway %j ends with %i and says %j', async (args, code, text) => {
  const result = await cli(...args)
  expect([result.code, result.output + result.errors]).toEqual([code, expect.stringContaining(text)])
})
