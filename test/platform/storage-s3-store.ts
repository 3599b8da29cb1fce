import { openDriver } from '../../src/platform/storage/storage-url.ts'
import type { StoreUnderTest } from '../contracts/store-under-test.ts'
import { type CephRgw, RGW_KEY } from '../support/ceph-rgw.ts'

let buckets = 0

export interface S3Store extends StoreUnderTest {
  readonly bucket: string
  readonly url: string
}

/** A bucket of its own, which the store makes; it is left to the end of the server. */
export async function s3Store(rgw: CephRgw, prefix = 'media/files'): Promise<S3Store> {
  // The SDK's own variables.
  process.env.AWS_ACCESS_KEY_ID = RGW_KEY.id
  process.env.AWS_SECRET_ACCESS_KEY = RGW_KEY.secret
  buckets += 1
  const bucket = `test-${buckets}`
  const url = `s3://${bucket}/${prefix}?endpoint=${rgw.endpoint}&forcePathStyle=true&createBucket=true`
  const open = async () => {
    const driver = await openDriver(url)
    opened.push(driver)
    return driver
  }
  const opened: { close(): Promise<void> }[] = []
  return {
    bucket,
    url,
    driver: await open(),
    another: open,
    dispose: async () => {
      for (const driver of opened) await driver.close()
    },
  }
}
