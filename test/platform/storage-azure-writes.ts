import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { StorageDriver } from '../../src/platform/storage/driver.ts'
import { openAzureDriver } from '../../src/platform/storage/drivers/azure.ts'
import { azureOptions } from '../../src/platform/storage/drivers/azure-url.ts'
import { Storage } from '../../src/platform/storage/storage.ts'
import { openDriver } from '../../src/platform/storage/storage-url.ts'
import { all, bodyOf, freshKey } from '../../src/platform/storage/suite/store-under-test.ts'
import { breakableLine } from '../clients/breakable-line.ts'
import { AZURITE_ACCOUNT, type Azurite } from '../support/azurite.ts'
import { type AzureStore, azureStore } from './storage-azure-store.ts'
import { MEBIBYTE } from './storage-object-writes.ts'

/** What is true of writes to a container beyond the contract of all drivers. */
export function describeAzureWrites(azurite: () => Azurite): void {
  let store: AzureStore
  let driver: StorageDriver

  beforeEach(async () => {
    store = await azureStore(azurite())
    driver = store.driver
  })

  afterEach(async () => store.dispose())

  it('keeps the type of an object', async () => {
    for (const size of [1, 9 * MEBIBYTE]) {
      const key = freshKey()
      await driver.write(key, bodyOf(randomBytes(size)), { mimeType: 'video/mp4' })
      const { contentType } = await store.container.getBlobClient(`media/files/${key}`).getProperties()
      expect(contentType).toBe('video/mp4')
    }
  })

  it('lists blocks that have lost their claim as unfinished, but no empty object, and deletes them', async () => {
    const [lost, empty] = [freshKey(), freshKey()]
    await driver.write(empty, bodyOf(Buffer.alloc(0)), {})
    await store.container.getBlockBlobClient(`media/files/${lost}`).stageBlock('AAAA', 'lost', 4)
    expect(await all(driver.listUnfinished())).toEqual([lost])
    expect(await all(driver.list(''))).toEqual([empty])
    await driver.delete(lost)
    expect(await store.left()).toEqual([empty])
  })

  it('deletes an object with the snapshots that somebody has made of it', async () => {
    const key = freshKey()
    await driver.write(key, bodyOf(Buffer.from('x')), {})
    await store.container.getBlockBlobClient(`media/files/${key}`).createSnapshot()
    await driver.delete(key)
    expect(await driver.stat(key)).toBeNull()
  })

  it('does not say of a container that is gone that its objects are missing', async () => {
    await store.container.delete()
    const missing = 'ContainerNotFound (HTTP 404)'
    await expect(driver.stat(freshKey())).rejects.toThrow(missing)
    await expect(driver.read(freshKey())).rejects.toThrow(missing)
    await expect(driver.delete(freshKey())).rejects.toThrow(missing)
    await expect(driver.write(freshKey(), bodyOf(Buffer.from('x')), {})).rejects.toThrow(missing)
    await expect(all(driver.list(''))).rejects.toThrow(missing)
    await expect(driver.check()).rejects.toThrow(missing)
  })

  it('cannot be used with a key that is not the right one, and does not print it', async () => {
    const key = Buffer.alloc(64, 1).toString('base64')
    const account = { AZURE_STORAGE_ACCOUNT: AZURITE_ACCOUNT.name, AZURE_STORAGE_KEY: key }
    const stranger = await openDriver(store.url.replace('&createContainer=true', ''), account)
    await expect(stranger.check()).rejects.toThrow('(HTTP 403)')
    await expect(stranger.stat(freshKey())).rejects.toThrow('(HTTP 403)')
    await expect(stranger.write(freshKey(), bodyOf(Buffer.from('x')), {})).rejects.toThrow('(HTTP 403)')
    const error = await stranger.read(freshKey()).catch(failure => failure)
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(key)
    await stranger.close()
    await expect(openDriver(store.url, account)).rejects.toThrow('(HTTP 403)')
  })

  it('ends a body that stalls in the middle', async () => {
    const key = freshKey()
    await driver.write(key, bodyOf(randomBytes(6_000_000)), {})
    const { origin } = new URL(azurite().endpoint)
    await using line = await breakableLine(origin)
    const account = { ...AZURITE_ACCOUNT, endpoint: azurite().endpoint.replace(origin, line.url) }
    const patience = { requestMs: 20_000, silenceMs: 300 }
    const options = {
      ...azureOptions(store.url.replace('&createContainer=true', '')),
      endpoint: account.endpoint,
    }
    const slow = await openAzureDriver(options, account, patience)
    line.fallSilent(2_000_000)
    const stream = await slow.read(key)
    await expect(stream?.toArray()).rejects.toMatchObject({ code: 'ECONNRESET' })
    await slow.close()
  }, 20_000)

  describe('a store that fails', () => {
    const answers = new Map<string, [status: number, code: string]>()
    let requests: string[]
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`)
      const [status, code] = answers.get(request.method ?? '') ?? [404, 'BlobNotFound']
      request.resume().on('end', () => response.writeHead(status, { 'x-ms-error-code': code }).end())
    })
    let failing: StorageDriver
    let storage: Storage

    beforeEach(async () => {
      requests = []
      answers.clear()
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${AZURITE_ACCOUNT.name}`
      failing = await openDriver(`azure://media?endpoint=${endpoint}`, store.variables)
      storage = new Storage({ stores: new Map([['main', failing]]), defaultStore: 'main' })
    })

    afterEach(async () => {
      await failing.close()
      server.close()
    })

    it.each([
      [507, 'InsufficientStorage', 'INSUFFICIENT_STORAGE'],
      [403, 'AuthorizationFailure', 'STORAGE_UNAVAILABLE'],
    ])('with %i %s is %s', async (status, code, expected) => {
      answers.set('PUT', [status, code])
      const written = storage.write({ storeId: 'main', key: freshKey() }, bodyOf(Buffer.from('x')))
      await expect(written).rejects.toMatchObject({
        code: expected,
        cause: { message: expect.stringContaining(code) },
      })
    })

    it('for a moment is asked again', async () => {
      answers.set('HEAD', [503, 'ServerBusy'])
      await expect(failing.stat(freshKey())).rejects.toThrow('ServerBusy (HTTP 503)')
      expect(requests).toHaveLength(3)
    })

    it('by not being there at all says so, and leaves nothing that would hold the process', async () => {
      const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
      const before = timers()

      const nowhere = await openDriver('azure://media?endpoint=http://127.0.0.1:1/nobody', store.variables)
      await expect(nowhere.stat(freshKey())).rejects.toThrow('ECONNREFUSED')
      // The socket is about to close; the time that a request may take would run for a minute.
      while (timers() > before) await new Promise(setImmediate)
      await nowhere.close()
    })
  })
}
