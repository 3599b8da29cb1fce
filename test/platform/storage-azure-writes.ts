import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { StorageConflict, type StorageDriver } from '../../src/platform/storage/driver.ts'
import { openAzureDriver } from '../../src/platform/storage/drivers/azure.ts'
import { azureOptions } from '../../src/platform/storage/drivers/azure-url.ts'
import { Storage } from '../../src/platform/storage/storage.ts'
import { openDriver } from '../../src/platform/storage/storage-url.ts'
import {
  all,
  bodyOf,
  brokenBody,
  bytesOf,
  freshKey,
} from '../../src/platform/storage/suite/store-under-test.ts'
import { breakableLine } from '../clients/breakable-line.ts'
import { AZURITE_ACCOUNT, type Azurite } from '../support/azurite.ts'
import { type AzureStore, azureStore } from './storage-azure-store.ts'
import { killWriter } from './storage-killed-writer.ts'

const MEBIBYTE = 1024 * 1024

/** What is true of writes to a container beyond the contract of all drivers. */
export function describeAzureWrites(azurite: () => Azurite): void {
  let store: AzureStore
  let driver: StorageDriver

  beforeEach(async () => {
    store = await azureStore(azurite())
    driver = store.driver
  })

  afterEach(async () => store.dispose())

  describe('a write in blocks', () => {
    it.each([8 * MEBIBYTE - 1, 8 * MEBIBYTE, 8 * MEBIBYTE + 1, 40 * MEBIBYTE])(
      'of %i bytes leaves its object with its type, and nothing else',
      async size => {
        const key = freshKey()
        const bytes = randomBytes(size)
        expect(await driver.write(key, bodyOf(bytes), { mimeType: 'video/mp4' })).toEqual({ size })
        expect((await bytesOf(driver, key))?.equals(bytes)).toBe(true)
        expect(await store.names()).toEqual([key])
        const [blob] = await Array.fromAsync(store.container.listBlobsFlat())
        expect(blob?.properties.contentType).toBe('video/mp4')
      },
    )

    it('that breaks off leaves nothing', async () => {
      const error = new Error('the client has gone')
      const written = driver.write(freshKey(), brokenBody(randomBytes(30 * MEBIBYTE), error), {})
      await expect(written).rejects.toBe(error)
      expect(await store.names()).toEqual([])
    })

    it('that is aborted with blocks on the way leaves nothing', async () => {
      const key = freshKey()
      const abort = new AbortController()
      const settled = Promise.allSettled([driver.write(key, endless(), { signal: abort.signal })])
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      abort.abort()
      expect(await settled).toMatchObject([{ status: 'rejected', reason: { name: 'AbortError' } }])
      expect(await store.names()).toEqual([])
      expect(await store.openResources?.()).toBe(0)
    })

    it('is won by one of the writers that race for a key at two nodes', async () => {
      const key = freshKey()
      const nodes = [driver, await store.another()]
      const bodies = Array.from({ length: 4 }, (_, n) => Buffer.alloc(10 * MEBIBYTE, n))
      const results = await Promise.allSettled(
        bodies.map((bytes, n) => (nodes[n % 2] as StorageDriver).write(key, bodyOf(bytes), {})),
      )
      const winners = bodies.filter((_, n) => results[n]?.status === 'fulfilled')
      expect(winners).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(StorageConflict)
      }
      expect((await bytesOf(driver, key))?.equals(winners[0] as Buffer)).toBe(true)
      expect(await store.names()).toEqual([key])
    })

    it.each([
      ['a block', randomBytes(1000)],
      ['nothing but its end', Buffer.alloc(0)],
    ])('is refused when its key was deleted at another node before %s came', async (_what, rest) => {
      const key = freshKey()
      const body = new PassThrough()
      const settled = Promise.allSettled([driver.write(key, body, {})])
      body.write(randomBytes(8 * MEBIBYTE))
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      await (await store.another()).delete(key)
      body.end(rest)
      const [result] = await settled
      expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
      expect(await store.names()).toEqual([])
    })

    it('does not undo what another one has written meanwhile', async () => {
      const key = freshKey()
      const body = new PassThrough()
      const settled = Promise.allSettled([driver.write(key, body, {})])
      body.write(randomBytes(8 * MEBIBYTE))
      while ((await store.parts(key)) === 0) await new Promise(setImmediate)
      const other = await store.another()
      await other.delete(key)
      await other.write(key, bodyOf(Buffer.from('of the other')), {})
      body.end('late')
      const [result] = await settled
      expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
      expect(await bytesOf(driver, key)).toEqual(Buffer.from('of the other'))
    })

    it('holds a bounded part of it in memory', async () => {
      const size = 128 * MEBIBYTE
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      const body = Readable.from(
        (function* () {
          for (let at = 0; at < size; at += 64 * 1024) {
            most = Math.max(most, process.memoryUsage().arrayBuffers - before)
            yield Buffer.alloc(64 * 1024, at / 65_536)
          }
        })(),
      )
      expect(await driver.write(freshKey(), body, { ownsChunks: true })).toEqual({ size })
      expect(most).toBeLessThan(64 * MEBIBYTE)
    })

    it('whose process is killed is unfinished, and goes with its key', async () => {
      const key = freshKey()
      await killWriter({ store, key, how: 'write' })
      expect(await all(driver.listUnfinished())).toEqual([key])
      expect(await all(driver.list(''))).toEqual([])
      expect(await driver.stat(key)).toBeNull()
      await expect(driver.write(key, bodyOf(Buffer.from('late')), {})).rejects.toThrow(StorageConflict)
      await driver.delete(key)
      expect(await store.names()).toEqual([])
    })
  })

  it('does not make an object of a small body whose key was deleted meanwhile', async () => {
    const key = freshKey()
    const body = new PassThrough()
    const settled = Promise.allSettled([driver.write(key, body, {})])
    body.write('still going')
    await driver.delete(key)
    body.end()
    const [result] = await settled
    expect(result).toMatchObject({ reason: expect.any(StorageConflict) })
    expect(await store.names()).toEqual([])
  })

  it('lists blocks that have lost their claim as unfinished, but no empty object, and deletes them', async () => {
    const [lost, empty] = [freshKey(), freshKey()]
    await driver.write(empty, bodyOf(Buffer.alloc(0)), {})
    await store.container.getBlockBlobClient(`media/files/${lost}`).stageBlock('AAAA', 'lost', 4)
    expect(await all(driver.listUnfinished())).toEqual([lost])
    expect(await all(driver.list(''))).toEqual([empty])
    await driver.delete(lost)
    expect(await store.names()).toEqual([empty])
  })

  it('ignores names that are not its own', async () => {
    for (const name of ['README.txt', 'Upper', '.unfinished/notes.txt', '.unfinished/Bad Name', 'folder/'])
      await store.put(name, 'not ours')
    expect(await all(driver.list(''))).toEqual([])
    expect(await all(driver.listUnfinished())).toEqual([])
  })

  it('keeps apart what lies under different prefixes of a container', async () => {
    const key = freshKey()
    const other = await openDriver(store.url.replace('media/files/', 'media'), store.variables)
    await other.write(key, bodyOf(Buffer.from('theirs')), {})
    await driver.write(key, bodyOf(Buffer.from('ours')), {})
    await other.delete(key)
    expect(await all(driver.list(''))).toEqual([key])
    expect(await bytesOf(driver, key)).toEqual(Buffer.from('ours'))
    await other.close()
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

function endless(): Readable {
  const chunk = Buffer.alloc(64 * 1024, 7)
  return new Readable({
    read() {
      this.push(chunk)
    },
  }).on('error', () => undefined)
}
