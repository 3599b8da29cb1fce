import { CONFIG_TABLE, loadConfig, printableConfig } from '../src/config.ts'
import { ConfigError } from '../src/platform/config.ts'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

test('without any variable the defaults hold', () => {
  expect(loadConfig({})).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 4000,
    MAX_UPLOAD_BYTES: 10 * 2 ** 30,
    PLAYGROUND: true,
    TRASH_DAYS: 30,
  })
})

test('an empty variable is an absent one', () => {
  expect(loadConfig({ PORT: '', HOST: '  ' })).toMatchObject({ HOST: '127.0.0.1', PORT: 4000 })
})

test('all wrong variables are named at once, with the value that was seen and what is allowed', () => {
  const problems = problemsOf({
    PORT: '70000',
    LOG_LEVEL: 'loud',
    PLAYGROUND: 'perhaps',
    CORS_ORIGINS: 'example.org',
    STORAGE_URL: 'ftp://x',
  })
  expect(problems).toHaveLength(5)
  expect(problems.join('\n')).toMatch(/PORT is "70000": a whole number from 0 to 65535/)
  expect(problems.join('\n')).toMatch(/LOG_LEVEL is "loud": one of fatal, error/)
  expect(problems.join('\n')).toMatch(/PLAYGROUND is "perhaps": on or off/)
  expect(problems.join('\n')).toMatch(/CORS_ORIGINS is "example.org"/)
  expect(problems.join('\n')).toMatch(/STORAGE_URL is "ftp:\/\/x"/)
})

test.each([
  ['PORT', ['-1', '4e3', '80a', '0x50']],
  ['MAX_UPLOAD_BYTES', ['0', '-5', '10 PB', 'much', '1.2.3']],
  ['PUBLIC_URL', ['example.org', 'ftp://example.org', 'https://u:p@example.org', 'https://example.org/?q']],
  ['TRUST_PROXY', ['everybody', '10.0.0.0/8, x']],
  ['DATABASE_URL', ['mysql://x/y', 'nonsense']],
  [
    'SIGNING_KEYS',
    [
      'only-a-secret',
      'k:short',
      ':a-secret-without-a-kid',
      'k:sixteen-letters-1,',
      'k:sixteen-letters-1,k:sixteen-letters-2',
    ],
  ],
  ['BOOTSTRAP_API_KEY', ['a:b', 'a:b:c_d', 'a b:c:d', 'a:b:']],
  ['CLAMAV_URL', ['clamav:3310', 'tcp://clamav', 'tcp://user:hidden@clamav:3310', 'unix:clamd.ctl']],
  ['SCAN_POLICY', ['ajar', 'CLOSED']],
  ['SCAN_INFECTED', ['burn']],
  ['SCAN_MAX_BYTES', ['0', 'all']],
  ['SCAN_SECONDS', ['0', '1.5']],
  ['UPLOAD_LEASE_SECONDS', ['0', '99999']],
  [
    'STORES',
    ['archive', 'Archive=memory:', 'default=memory:', 'a=memory: a=memory:', 'a=ftp://x', 'a=memory:x', 'a='],
  ],
  ['STORAGE_DRIVERS', ['s3=./mine.js', 'x', 'x=a x=b', 'X=a']],
  [
    'STORE_RULES',
    [
      'account:a',
      'kind:video=default',
      'owner:a=default',
      'kind:VIDEO=nowhere',
      'account:a+account:b=default',
    ],
  ],
  ['STORES_OFFERED', ['nowhere', 'A']],
  ['STORAGE_URL', ['azure://', 'azure://a:b@media', 'azure://media?endpoint=media.example']],
  ['AZURE_STORAGE_ACCOUNT', ['Acme', 'https://acme.blob.core.windows.net']],
  ['AZURE_STORAGE_CONNECTION_STRING', ['acme', 'AccountName=acme', 'SharedAccessSignature=sv=1']],
])('%s refuses %j', (name, values) => {
  for (const value of values)
    expect(problemsOf({ [name]: value, KEY_PEPPER: 'x'.repeat(16) })).toHaveLength(1)
})

test('several stores, what opens them, and which uploads go where', () => {
  expect(
    loadConfig({
      STORES: 'archive=s3://bucket/a?endpoint=http://127.0.0.1:9000  tapes=pgbytes:postgres://h/d',
      STORAGE_DRIVERS: 'pgbytes=./driver.js',
      STORE_RULES: 'account:a_1+kind:VIDEO=tapes kind:IMAGE=default',
      STORES_OFFERED: 'archive, default',
    }),
  ).toMatchObject({
    STORES: { archive: 's3://bucket/a?endpoint=http://127.0.0.1:9000', tapes: 'pgbytes:postgres://h/d' },
    STORAGE_DRIVERS: { pgbytes: './driver.js' },
    STORE_RULES: [
      { accountId: 'a_1', kind: 'VIDEO', storeId: 'tapes' },
      { kind: 'IMAGE', storeId: 'default' },
    ],
    STORES_OFFERED: ['archive', 'default'],
  })
  expect(problemsOf({ STORES: 'tapes=pgbytes:x' })[0]).toMatch(
    /STORES: tapes is "pgbytes:x": there is no storage scheme "pgbytes:"; allowed are: file:PATH/,
  )
})

test('credentials in the URL of a store are neither printed nor repeated when something is wrong with it', () => {
  const config = loadConfig({
    STORAGE_URL: 'pgbytes:postgres://user:hidden@host/files',
    STORES: 'two=pgbytes:postgres://:hidden@[::1]:5432/files three=file:/mnt/a@b',
    STORAGE_DRIVERS: 'pgbytes=./driver.js',
  })
  const printed = printableConfig(config)
  expect(printed).toMatchObject({
    STORAGE_URL: 'pgbytes:postgres://…@host/files',
    STORES: { two: 'pgbytes:postgres://…@[::1]:5432/files', three: 'file:/mnt/a@b' },
  })
  const problems = [
    ...problemsOf({ STORAGE_URL: 's3://id:hidden@media', STORES: 'two=azure://id:hidden@media' }),
    ...problemsOf({ STORES: 'Two=s3://id:hidden@media' }),
  ]
  expect(problems).toHaveLength(3)
  expect(JSON.stringify([printed, problems])).not.toContain('hidden')
})

test.each([
  ['MAX_UPLOAD_BYTES', '100MB', 100_000_000],
  ['MAX_UPLOAD_BYTES', '1.5 GiB', 1.5 * 2 ** 30],
  ['MAX_UPLOAD_BYTES', '1048576', 1_048_576],
  [
    'CORS_ORIGINS',
    'https://a.example, http://b.example:8080',
    ['https://a.example', 'http://b.example:8080'],
  ],
  ['CORS_ORIGINS', '*', ['*']],
  ['TRUST_PROXY', 'loopback,10.0.0.0/8,::1', ['loopback', '10.0.0.0/8', '::1']],
  ['PUBLIC_URL', 'https://example.org/media/', 'https://example.org/media'],
  ['INTROSPECTION', 'OFF', false],
  [
    'SIGNING_KEYS',
    'new:sixteen:letters-1, old:sixteen-letters-2',
    [
      { kid: 'new', secret: 'sixteen:letters-1' },
      { kid: 'old', secret: 'sixteen-letters-2' },
    ],
  ],
  [
    'AZURE_STORAGE_CONNECTION_STRING',
    'AccountName=acme;AccountKey=c2VjcmV0c2VjcmV0;BlobEndpoint=http://127.0.0.1:10000/acme',
    { name: 'acme', key: 'c2VjcmV0c2VjcmV0', endpoint: 'http://127.0.0.1:10000/acme' },
  ],
  ['BOOTSTRAP_API_KEY', 'acme:k_1:s3cret', { accountId: 'acme', keyId: 'k_1', secret: 's3cret' }],
])('%s=%s is understood', (name, text, value) => {
  expect(loadConfig({ [name]: text })).toHaveProperty(name, value)
})

test('an outside database needs the shared secrets', () => {
  expect(problemsOf({ DATABASE_URL: 'postgres://u:p@h/d' })).toEqual([
    expect.stringContaining('KEY_PEPPER is missing'),
    expect.stringContaining('SIGNING_KEYS is missing'),
  ])
  expect(
    problemsOf({ DATABASE_URL: 'postgres://u:p@h/d', KEY_PEPPER: 'short', SIGNING_KEYS: 'k:short' }),
  ).toEqual([
    expect.stringContaining('KEY_PEPPER is not usable: at least 8'),
    expect.stringContaining('SIGNING_KEYS is not usable: kid:secret'),
  ])
})

test('no secret is printed, neither at start-up nor in a complaint', () => {
  const secrets = {
    KEY_PEPPER: 'pepper-canary-1234',
    DATABASE_URL: 'postgres://u:url-canary@h/d',
    BOOTSTRAP_API_KEY: 'a:k:bootcanary',
    SIGNING_KEYS: 'k:signing-canary-1234',
    AZURE_STORAGE_KEY: 'canary00canary00canary00',
    AZURE_STORAGE_CONNECTION_STRING: 'AccountName=acme;AccountKey=canary11canary11canary11',
  }
  expect(JSON.stringify(printableConfig(loadConfig(secrets)))).not.toMatch(/canary/)
  expect(problemsOf({ BOOTSTRAP_API_KEY: 'boot:canary' }).join()).not.toMatch(/canary/)
  const wrong = { AZURE_STORAGE_KEY: 'canary!', AZURE_STORAGE_CONNECTION_STRING: 'AccountKey=canary' }
  expect(problemsOf(wrong)).toHaveLength(2)
  expect(problemsOf(wrong).join()).not.toMatch(/canary/)
})

test('every variable says what it means', () => {
  for (const [name, variable] of Object.entries(CONFIG_TABLE)) {
    expect(name).toMatch(/^[A-Z][A-Z_]+$/)
    expect(variable.about).toMatch(/\.$/)
  }
})
