import { randomUUID } from 'node:crypto'
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { openDriver } from '../../src/platform/storage/storage-url.ts'
import { type CephRgw, RGW_KEY } from '../support/ceph-rgw.ts'
import { busySockets } from './busy-sockets.ts'
import type { ObjectStore } from './storage-object-writes.ts'

export const PREFIX = 'media/files/'
/** Test files share the server. */
const OWN = `test-${randomUUID()}`
let buckets = 0

export interface S3Store extends ObjectStore {
  readonly bucket: string
  /** The objects of the bucket, without the prefix. */
  names(): Promise<string[]>
  /** Parts of the one upload that there is. */
  parts(): Promise<number>
  remove(name: string): Promise<void>
  removeBucket(): Promise<void>
}

/** A bucket of its own, which the driver makes; it is left to the end of the server, with what is in it. */
export async function s3Store(rgw: CephRgw): Promise<S3Store> {
  // The SDK's own variables.
  process.env.AWS_ACCESS_KEY_ID = RGW_KEY.id
  process.env.AWS_SECRET_ACCESS_KEY = RGW_KEY.secret
  buckets += 1
  const bucket = `${OWN}-${buckets}`
  const url = `s3://${bucket}/${PREFIX}?endpoint=${rgw.endpoint}&forcePathStyle=true&createBucket=true`
  const opened = new AsyncDisposableStack()
  const open = async () => {
    const driver = await openDriver(url)
    opened.defer(() => driver.close())
    return driver
  }
  const client = new S3Client({ endpoint: rgw.endpoint, region: 'us-east-1', forcePathStyle: true })
  opened.defer(() => client.destroy())
  const names = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
    return Contents.map(({ Key = '' }) => (Key.startsWith(PREFIX) ? Key.slice(PREFIX.length) : `/${Key}`))
  }
  return {
    url,
    bucket,
    // The SDK has its own, which processes have from this one.
    variables: {},
    driver: await open(),
    another: open,
    openResources: busySockets,
    dispose: () => opened.disposeAsync(),
    names,
    async left() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      return [...(await names()), ...Uploads.map(({ Key }) => `upload of ${Key}`)]
    },
    async parts() {
      const { Uploads: [upload] = [] } = await client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket }),
      )
      if (!upload) return 0
      const { Key, UploadId } = upload
      const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }))
      return Parts.length
    },
    async remove(name) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: PREFIX + name }))
    },
    async put(name, text) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: PREFIX + name, Body: text }))
    },
    async removeBucket() {
      await client.send(new DeleteBucketCommand({ Bucket: bucket }))
    },
  }
}
