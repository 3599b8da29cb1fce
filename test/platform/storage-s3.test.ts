import { describeStorageDriver } from '../../src/platform/storage/suite/storage-driver.ts'
import { type CephRgw, missingCephPrograms, STARTS_WITHIN_MS } from '../support/ceph-rgw.ts'
import { countOf } from '../support/counts.ts'
import { sharedCephRgw } from '../support/store-servers.ts'
import { describeObjectWrites } from './storage-object-writes.ts'
import { describeS3Resumable } from './storage-s3-resumable.ts'
import { describeS3Stalls } from './storage-s3-stalls.ts'
import { s3Store } from './storage-s3-store.ts'
import { describeS3Writes } from './storage-s3-writes.ts'

const missing = missingCephPrograms()

if (missing.length > 0) {
  it(`against a real object store is left out: there is no ${missing.join(', ')} here`, () => undefined)
} else {
  let rgw: CephRgw

  beforeAll(async () => {
    rgw = await sharedCephRgw()
  }, STARTS_WITHIN_MS)

  describeStorageDriver('s3', () => s3Store(rgw), {
    resumable: true,
    presign: true,
    join: true,
    manyKeys: countOf({ daily: 1001, thorough: 10_000 }),
  })

  describe('the S3 store', () => {
    describeObjectWrites(() => s3Store(rgw))
    describeS3Writes(() => rgw)
    describeS3Resumable(() => rgw)
    describeS3Stalls(() => rgw)
  })
}
