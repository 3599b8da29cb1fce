import { s3Options } from '../../src/platform/storage/drivers/s3-url.ts'
import { checkStorageUrl, openDriver } from '../../src/platform/storage/storage-url.ts'
import { readSourceTree } from '../support/source-tree.ts'

describe('the URL of a bucket', () => {
  it('may be just that: then it is one of Amazon, with the SDK as its vendor means it', () => {
    const options = {
      bucket: 'media',
      prefix: '',
      forcePathStyle: false,
      createBucket: false,
      delivery: 'proxy',
    }
    expect(s3Options('s3://media')).toEqual({ ...options, checksums: 'when_supported' })
    expect(s3Options('s3://media/')).toEqual({ ...options, checksums: 'when_supported' })
  })

  it('has all that is special about a store as parameters', () => {
    const url =
      's3://my.media-2/a/B_c/v1.2?endpoint=https://s3.example.org:9000/&region=eu-1&forcePathStyle=true&createBucket=true&sse=aws:kms&delivery=redirect'
    expect(s3Options(url)).toEqual({
      bucket: 'my.media-2',
      prefix: 'a/B_c/v1.2/',
      endpoint: 'https://s3.example.org:9000',
      region: 'eu-1',
      forcePathStyle: true,
      createBucket: true,
      checksums: 'when_required',
      sse: 'aws:kms',
      delivery: 'redirect',
    })
    expect(s3Options(`${url}&checksums=when_supported`).checksums).toBe('when_supported')
    expect(s3Options('s3://media?endpoint=http%3A%2F%2F%5B%3A%3A1%5D%3A80').endpoint).toBe('http://[::1]')
  })

  it.each([
    ['s3:', 'allowed is: s3://BUCKET/PREFIX?endpoint=URL'],
    ['s3:media', 'allowed is: s3://BUCKET/PREFIX'],
    ['s3://media#part', 'allowed is: s3://BUCKET/PREFIX'],
    ['s3://', "a bucket's name has 3 to 63"],
    ['s3://Media', "a bucket's name has 3 to 63"],
    ['s3://me', "a bucket's name has 3 to 63"],
    ['s3://id:secret@media', 'set AWS_ACCESS_KEY_ID'],
    ['s3://media/../other', 'a prefix has segments'],
    ['s3://media//double', 'a prefix has segments'],
    ['s3://media/.unfinished', 'a prefix has segments'],
    ['s3://media/%41', 'a prefix has segments'],
    [`s3://media/${'x'.repeat(500)}`, 'a prefix has segments'],
    ['s3://media?acl=secret', 'there is no such parameter; allowed are: endpoint, region'],
    ['s3://media?constructor=secret', 'there is no such parameter'],
    ['s3://media?region=a&region=b', 'region is given twice'],
    ['s3://media?region=', 'region is wrong'],
    ['s3://media?endpoint=s3.example.org', 'endpoint is wrong; allowed is: http://HOST:PORT or https://HOST'],
    ['s3://media?endpoint=ftp://host', 'endpoint is wrong'],
    ['s3://media?endpoint=http://id:secret@host', 'endpoint is wrong'],
    ['s3://media?endpoint=http://host/path', 'endpoint is wrong'],
    ['s3://media?forcePathStyle=yes', 'forcePathStyle is wrong; allowed is: true or false'],
    ['s3://media?createBucket', 'createBucket is wrong; allowed is: true or false'],
    ['s3://media?checksums=never', 'checksums is wrong; allowed is: when_required or when_supported'],
    ['s3://media?sse=none', 'sse is wrong; allowed is: AES256 or aws:kms'],
  ])('%s is refused with what is wrong and what is allowed', async (url, message) => {
    expect(() => checkStorageUrl(url)).toThrow(message)
    await expect(openDriver(url)).rejects.toThrow(message)
    expect(() => checkStorageUrl(url)).not.toThrow('secret')
  })

  describe('without what requests are signed with', () => {
    const before = { ...process.env }

    beforeEach(() => {
      for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
      // No files of whoever runs this, and no questions to the machine's cloud.
      process.env.AWS_CONFIG_FILE = '/dev/null'
      process.env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null'
      process.env.AWS_EC2_METADATA_DISABLED = 'true'
    })

    afterEach(() => {
      for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
      Object.assign(process.env, before)
    })

    it('does not open the store, and says what is missing', async () => {
      await expect(openDriver('s3://media')).rejects.toThrow('the region is missing: set AWS_REGION')
      await expect(openDriver('s3://media?region=eu-1')).rejects.toThrow('no credentials were found')
      process.env.AWS_ACCESS_KEY_ID = 'id'
      process.env.AWS_SECRET_ACCESS_KEY = 'secret'
      process.env.AWS_REGION = 'eu-1'
      await (await openDriver('s3://media')).close()
    })
  })
})

test('the SDK is loaded by the driver alone, and the driver only when a store is opened', async () => {
  const tree = await readSourceTree()
  const users = [...tree].filter(([, text]) => text.includes('@aws-sdk/')).map(([file]) => file)
  expect(users.length).toBeGreaterThan(0)
  for (const file of users) expect(file).toMatch(/^platform\/storage\/drivers\/s3/)
  const importers = [...tree].filter(
    ([file, text]) => !users.includes(file) && /from '.*\/s3-?[a-z]*\.ts'/.test(text),
  )
  const named = importers.flatMap(([, text]) => text.match(/drivers\/s3[a-z-]*\.ts(?=')/g) ?? [])
  expect(new Set(named)).toEqual(new Set(['drivers/s3-url.ts', 'drivers/s3.ts']))
  expect(tree.get('platform/storage/storage-url.ts')).toContain("await import('./drivers/s3.ts')")
})
