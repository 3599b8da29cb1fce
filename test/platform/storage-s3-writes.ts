import { randomBytes } from 'node:crypto'
import { StorageConflict, type StorageDriver } from '../../src/platform/storage/driver.ts'
import { Storage } from '../../src/platform/storage/storage.ts'
import { openDriver } from '../../src/platform/storage/storage-url.ts'
import { bodyOf, freshKey } from '../../src/platform/storage/suite/store-under-test.ts'
import type { CephRgw } from '../support/ceph-rgw.ts'
import { endless, MEBIBYTE } from './storage-object-writes.ts'
import { type S3Store, s3Store } from './storage-s3-store.ts'

/** What is true of writes to a bucket beyond the contract of all drivers. */
export function describeS3Writes(rgw: () => CephRgw): void {
  let store: S3Store
  let driver: StorageDriver

  beforeEach(async () => {
    store = await s3Store(rgw())
    driver = store.driver
  })

  afterEach(async () => store.dispose())

  async function expectNothing(): Promise<void> {
    expect(await store.left()).toEqual([])
  }

  describe('a write in parts', () => {
    it('tells its handle before its first part, and another node ends it by that', async () => {
      const key = freshKey()
      let partsThen = -1
      const { promise: begun, resolve } = Promise.withResolvers<string>()
      const written = driver.write(key, endless(), {
        async onBegun(handle) {
          partsThen = await store.parts()
          resolve(handle)
        },
      })
      const settled = Promise.allSettled([written])
      const handle = await begun
      while ((await store.parts()) === 0) await new Promise(setImmediate)
      await (await store.another()).resumable?.abort(handle)
      expect(await settled).toMatchObject([{ status: 'rejected', reason: expect.any(StorageConflict) }])
      expect(partsThen).toBe(0)
      await expectNothing()
    })

    it('leaves nothing when its handle cannot be kept', async () => {
      const error = new Error('the database has gone')
      const written = driver.write(freshKey(), endless(), { onBegun: () => Promise.reject(error) })
      await expect(written).rejects.toBe(error)
      await expectNothing()
    })
  })

  it('does not say of a bucket that is gone that its objects are missing', async () => {
    await store.removeBucket()
    await expect(driver.stat(freshKey())).rejects.toThrow('HTTP 404')
    await expect(driver.read(freshKey())).rejects.toThrow('NoSuchBucket')
    await expect(driver.write(freshKey(), bodyOf(Buffer.from('x')), {})).rejects.toThrow('NoSuchBucket')
    await expect(driver.check()).rejects.toThrow('HTTP 404')
  })

  it('tells a full store from one that does not answer', async () => {
    await rgw().admin('quota', 'set', '--quota-scope=bucket', `--bucket=${store.bucket}`, '--max-size=1M')
    await rgw().admin('quota', 'enable', '--quota-scope=bucket', `--bucket=${store.bucket}`)
    const nowhere = await openDriver('s3://bucket?endpoint=http://127.0.0.1:1')
    const storage = new Storage({
      stores: new Map([
        ['small', driver],
        ['nowhere', nowhere],
      ]),
      defaultStore: 'small',
    })
    for (const size of [2 * MEBIBYTE, 20 * MEBIBYTE]) {
      const full = storage.write({ storeId: 'small', key: freshKey() }, bodyOf(randomBytes(size)))
      await expect(full).rejects.toMatchObject({ code: 'INSUFFICIENT_STORAGE', status: 507 })
    }
    await expectNothing()
    const away = storage.write({ storeId: 'nowhere', key: freshKey() }, bodyOf(Buffer.from('x')))
    await expect(away).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', status: 503 })
    await expect(storage.check('nowhere')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await nowhere.close()
  })

  it('cannot be used with a secret that is not the right one', async () => {
    const right = process.env.AWS_SECRET_ACCESS_KEY
    process.env.AWS_SECRET_ACCESS_KEY = 'wrong'
    const stranger = await openDriver(store.url.replace('&createBucket=true', ''))
    try {
      await expect(stranger.check()).rejects.toThrow('HTTP 403')
      await expect(stranger.stat(freshKey())).rejects.toThrow('HTTP 403')
    } finally {
      process.env.AWS_SECRET_ACCESS_KEY = right
      await stranger.close()
    }
  })
}
