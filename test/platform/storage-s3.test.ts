import { describeStorageDriver } from '../contracts/storage-driver.ts'
import { type CephRgw, missingCephPrograms, startCephRgw } from '../support/ceph-rgw.ts'
import { s3Store } from './storage-s3-store.ts'

const missing = missingCephPrograms()

if (missing.length > 0) {
  it(`against a real object store is left out: there is no ${missing.join(', ')} here`, () => undefined)
} else {
  let rgw: CephRgw

  beforeAll(async () => {
    rgw = await startCephRgw()
  })

  afterAll(async () => rgw[Symbol.asyncDispose]())

  describeStorageDriver('s3', () => s3Store(rgw), { resumable: true, presign: true, manyKeys: 1100 })
}
