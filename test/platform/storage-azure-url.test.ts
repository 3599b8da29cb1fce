import { azureAccount, azureConnection } from '../../src/platform/storage/drivers/azure-account.ts'
import { azureOptions } from '../../src/platform/storage/drivers/azure-url.ts'
import { checkStorageUrl, openDriver } from '../../src/platform/storage/storage-url.ts'
import { readSourceTree } from '../support/source-tree.ts'

const key = Buffer.alloc(64, 'secret').toString('base64')

describe('the URL of a container', () => {
  it('may be just that: then the account says where it is', () => {
    const options = { container: 'media', prefix: '', createContainer: false }
    expect(azureOptions('azure://media')).toEqual(options)
    expect(azureOptions('azure://media/')).toEqual(options)
  })

  it('has all that is special about a store as parameters', () => {
    const url = 'azure://my-media-2/a/B_c/v1.2?endpoint=http://127.0.0.1:10000/acme/&createContainer=true'
    expect(azureOptions(url)).toEqual({
      container: 'my-media-2',
      prefix: 'a/B_c/v1.2/',
      endpoint: 'http://127.0.0.1:10000/acme',
      createContainer: true,
    })
    expect(azureOptions('azure://media?endpoint=https%3A%2F%2Facme.blob.example').endpoint).toBe(
      'https://acme.blob.example',
    )
  })

  it.each([
    ['azure:', 'allowed is: azure://CONTAINER/PREFIX'],
    ['azure:media', 'allowed is: azure://CONTAINER/PREFIX'],
    ['azure://media#part', 'allowed is: azure://CONTAINER/PREFIX'],
    ['azure://', "a container's name has 3 to 63"],
    ['azure://Media', "a container's name has 3 to 63"],
    ['azure://me', "a container's name has 3 to 63"],
    ['azure://my--media', "a container's name has 3 to 63"],
    ['azure://media-', "a container's name has 3 to 63"],
    ['azure://my.media', "a container's name has 3 to 63"],
    [`azure://${'m'.repeat(64)}`, "a container's name has 3 to 63"],
    ['azure://account:secret@media', 'set AZURE_STORAGE_ACCOUNT'],
    ['azure://media/../other', 'a prefix has segments'],
    ['azure://media//double', 'a prefix has segments'],
    ['azure://media/.unfinished', 'a prefix has segments'],
    ['azure://media/dot.', 'a prefix has segments'],
    ['azure://media/%41', 'a prefix has segments'],
    [`azure://media/${'x'.repeat(250)}`, 'a prefix has segments'],
    ['azure://media?sig=secret', 'there is no such parameter; allowed are: endpoint, createContainer'],
    ['azure://media?constructor=secret', 'there is no such parameter'],
    ['azure://media?endpoint=https://a&endpoint=https://b', 'endpoint is given twice'],
    [
      'azure://media?endpoint=acme.blob.example',
      'endpoint is wrong; allowed is: http://HOST:PORT/ACCOUNT or',
    ],
    ['azure://media?endpoint=ftp://host', 'endpoint is wrong'],
    ['azure://media?endpoint=http://acme:secret@host', 'endpoint is wrong'],
    ['azure://media?endpoint=http://host/acme/media', 'endpoint is wrong'],
    ['azure://media?endpoint=https://host?sig=secret', 'endpoint is wrong'],
    ['azure://media?createContainer', 'createContainer is wrong; allowed is: true or false'],
  ])('%s is refused with what is wrong and what is allowed', async (url, message) => {
    expect(() => checkStorageUrl(url)).toThrow(message)
    await expect(openDriver(url)).rejects.toThrow(message)
    expect(() => checkStorageUrl(url)).not.toThrow('secret')
  })

  it('is not opened without credentials, and says what is missing', async () => {
    const missing = 'no credentials were found: set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT'
    await expect(openDriver('azure://media')).rejects.toThrow(missing)
    const account = { AZURE_STORAGE_ACCOUNT: 'acme' }
    await expect(openDriver('azure://media', account)).rejects.toThrow(missing)
    await (await openDriver('azure://media', { ...account, AZURE_STORAGE_KEY: key })).close()
  })
})

describe('an account of Azure', () => {
  it.each([
    [`AccountName=acme;AccountKey=${key}`, 'https://acme.blob.core.windows.net'],
    [
      `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${key};EndpointSuffix=core.chinacloudapi.cn`,
      'https://acme.blob.core.chinacloudapi.cn',
    ],
    [
      `DefaultEndpointsProtocol=http; AccountName=acme; AccountKey=${key}; BlobEndpoint=http://127.0.0.1:10000/acme;`,
      'http://127.0.0.1:10000/acme',
    ],
  ])('is read from %s', (text, endpoint) => {
    const account = { name: 'acme', key, endpoint }
    expect(azureConnection(text)).toEqual(account)
    const variables = { AZURE_STORAGE_CONNECTION_STRING: account, AZURE_STORAGE_ACCOUNT: 'other' }
    expect(azureAccount(variables)).toEqual(account)
    expect(azureAccount(variables, 'https://elsewhere.example')).toMatchObject({ name: 'acme', key })
    expect(azureAccount(variables, 'https://elsewhere.example').endpoint).toBe('https://elsewhere.example')
  })

  it('is one of the public cloud when only its name is known', () => {
    const variables = { AZURE_STORAGE_ACCOUNT: 'acme', AZURE_STORAGE_KEY: key }
    expect(azureAccount(variables)).toEqual({
      name: 'acme',
      key,
      endpoint: 'https://acme.blob.core.windows.net',
    })
    expect(azureAccount(variables, 'http://host/acme').endpoint).toBe('http://host/acme')
  })

  it.each([
    'nonsense',
    'UseDevelopmentStorage=true',
    'AccountName=acme',
    'AccountName=acme;AccountKey=not a key',
    `AccountName=Acme!;AccountKey=${key}`,
    'BlobEndpoint=https://acme.blob.core.windows.net;SharedAccessSignature=sv=secret',
    `AccountName=acme;AccountKey=${key};BlobEndpoint=https://acme:secret@host`,
  ])('is not read from %s, which is not repeated', text => {
    expect(() => azureConnection(text)).toThrow(/AccountName=NAME;AccountKey=KEY|https:\/\/ACCOUNT\.HOST/)
    expect(() => azureConnection(text)).not.toThrow('secret')
  })
})

test('the SDK is loaded by the driver alone, and the driver only when a store is opened', async () => {
  const tree = await readSourceTree()
  const users = [...tree].filter(([, text]) => text.includes('@azure/')).map(([file]) => file)
  expect(users.length).toBeGreaterThan(0)
  for (const file of users) expect(file).toMatch(/^platform\/storage\/drivers\/azure/)
  const importers = [...tree].filter(([file]) => !file.startsWith('platform/storage/drivers/azure'))
  const named = importers.flatMap(([, text]) => text.match(/drivers\/azure[a-z-]*\.ts(?=')/g) ?? [])
  const light = ['drivers/azure-account.ts', 'drivers/azure-url.ts']
  expect(new Set(named)).toEqual(new Set([...light, 'drivers/azure.ts']))
  for (const file of light) expect(users).not.toContain(`platform/storage/${file}`)
  expect(tree.get('platform/storage/storage-url.ts')).toContain("await import('./drivers/azure.ts')")
})
