import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startApp, type TestApp } from '../support/app.ts'
import { commandLine } from '../support/command-line.ts'
import { eddsa, edPair, forge, rs256, rsaPair, vonageClaims } from '../support/jwt.ts'

const [rsa, ed] = [rsaPair(), edPair()]
let gateway: TestApp
let cli: ReturnType<typeof commandLine>
let file: string
beforeAll(async () => {
  gateway = await startApp()
  cli = commandLine(gateway)
  file = join(gateway.dataDir, 'public.pem')
  await writeFile(file, rsa.pem)
})
afterAll(() => gateway.close())

const statusOf = async (token: string) => (await gateway.as(`Bearer ${token}`).send('{ __typename }')).status

test('an application is registered by a file, listed, and revoked beside a running gateway', async () => {
  const made = await cli(
    ...['application', 'create', '--account', 'acme', '--id', 'my-app', '--public-key', file],
    ...['--name', 'Mine', '--scopes', 'media:read', '--json'],
  )
  expect([made.code, made.json()]).toMatchObject([
    0,
    {
      id: 'my-app',
      accountId: 'acme',
      name: 'Mine',
      algorithm: 'RS256',
      scopes: ['media:read'],
      revokedAt: null,
    },
  ])
  const token = () => forge({ alg: 'RS256' }, vonageClaims('my-app'), rs256(rsa))
  expect(await statusOf(token())).toBe(200)
  expect((await cli('application', 'list', '--account', 'acme')).output).toContain(
    'my-app\tacme\tMine\tRS256\tmedia:read\tvalid',
  )
  expect((await cli('application', 'list', '--account', 'other', '--json')).json()).toEqual([])
  const revoked = await cli('application', 'revoke', 'my-app')
  expect([revoked.code, revoked.output]).toEqual([0, 'The application my-app is revoked.'])
  expect((await cli('application', 'list', '--json')).json()).toMatchObject([
    { id: 'my-app', revokedAt: expect.any(String) },
  ])
})

test('a public key may come from standard input, and the id may be left to the gateway', async () => {
  const fromInput = commandLine(gateway, `${JSON.stringify(ed.publicKey.export({ format: 'jwk' }))}\n`)
  const made = (
    await fromInput('application', 'create', '--account', 'acme', '--public-key', '-', '--json')
  ).json()
  expect(made.scopes).toEqual(['media:read', 'media:create', 'media:update', 'media:delete', 'media:share'])
  expect(await statusOf(forge({ alg: 'EdDSA' }, vonageClaims(made.id), eddsa(ed)))).toBe(200)
})

test.each<[string[], number, string]>([
  [['create', '--account', 'acme'], 2, '--public-key'],
  [['create', '--account', 'nobody', '--public-key', 'FILE'], 1, 'account create'],
  [['create', '--account', 'acme', '--public-key', '/nowhere'], 1, 'no such file'],
  [
    ['create', '--account', 'acme', '--public-key', 'FILE', '--scopes', 'media:all'],
    2,
    'Allowed are media:read',
  ],
  [['create', '--account', 'acme', '--public-key', 'FILE', '--id', 'a b'], 2, '1 to 64 letters'],
  [['create', '--account', 'acme', '--public-key', '-'], 2, 'private key'],
  [['revoke', 'nobody'], 1, 'no application'],
])('application %j ends with %i and says why', async (args, code, reason) => {
  const withPrivateKey = commandLine(
    gateway,
    rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  )
  const result = await withPrivateKey('application', ...args.map(arg => (arg === 'FILE' ? file : arg)))
  expect([result.code, result.output]).toEqual([code, ''])
  expect(result.errors).toContain(reason)
})
