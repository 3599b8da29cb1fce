import { join } from 'node:path'
import { describeStorageDriver } from 'media-gateway'
import { openDriver } from '../../examples/custom-driver/postgres-bytes.ts'
import { ADMIN, startApp } from '../support/app.ts'
import { createDatabase } from '../support/database.ts'

// The built package, as who writes a driver has it: the contract, the suite and the errors are those that it exports.

const MODULE = join(import.meta.dirname, '../../examples/custom-driver/postgres-bytes.ts')

describeStorageDriver(
  'examples/custom-driver',
  async () => {
    const database = await createDatabase({ empty: true })
    const opened = new AsyncDisposableStack()
    opened.defer(() => database.drop())
    const open = async () => {
      const driver = await openDriver(`pgbytes:${database.url}`)
      opened.defer(() => driver.close())
      return driver
    }
    return { driver: await open(), another: open, dispose: () => opened.disposeAsync() }
  },
  { resumable: false, manyKeys: 1_100 },
)

describe('a gateway whose store is opened by a module', () => {
  test('takes, delivers and removes files, and offers no tus where the store takes no pieces', async () => {
    const database = await createDatabase({ empty: true })
    const gateway = await startApp({
      STORAGE_URL: `pgbytes:${database.url}`,
      STORAGE_DRIVERS: `pgbytes=${MODULE}`,
    })
    const bytes = Buffer.alloc(3_000_000, 'bytes in a table. ')
    const { media } = await gateway.upload({ bytes }, {}, 'id size storeId')
    expect(media).toMatchObject({ size: bytes.byteLength, storeId: 'default' })
    const answer = await fetch(`${gateway.url}/media/${media.id}/content`, {
      headers: { authorization: ADMIN, range: 'bytes=1048570-1048580' },
    })
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes.subarray(1_048_570, 1_048_581))
    const { createUpload } = await gateway.query(
      'mutation { createUpload(input: {}) { ticket { putUrl tusEndpoint } } }',
    )
    expect(createUpload.ticket).toEqual({ putUrl: expect.any(String), tusEndpoint: null })
    expect((await fetch(`${gateway.url}/uploads`, { method: 'POST' })).status).toBe(404)
    await gateway.close()
    await database.drop()
  })

  test.each([
    ['that is not there', './no/such/module.js', /the store default cannot be opened: .*Cannot find module/],
    ['without openDriver', './package.json', /cannot be opened/],
  ])('does not start with a module %s', async (_what, module, message) => {
    await expect(startApp({ STORAGE_URL: 'x:y', STORAGE_DRIVERS: `x=${module}` })).rejects.toThrow(message)
  })
})
