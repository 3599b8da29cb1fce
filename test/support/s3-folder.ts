import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { RGW_KEY } from './ceph-rgw.ts'
import { sharedCephRgw } from './store-servers.ts'
import type { TestStore } from './stores.ts'

const BUCKET = 'gateways'
const CREDENTIALS = { AWS_ACCESS_KEY_ID: RGW_KEY.id, AWS_SECRET_ACCESS_KEY: RGW_KEY.secret }

/** A prefix, ending with a slash, of a bucket of the object store that this run shares. */
export async function s3Folder(prefix: string): Promise<TestStore & { readonly endpoint: string }> {
  const { endpoint } = await sharedCephRgw()
  // The gateway of a test is in this process, and the SDK reads its own variables.
  Object.assign(process.env, CREDENTIALS)
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true })
  // Which is no error in Ceph where one's own bucket is there.
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  const below = { Bucket: BUCKET, Prefix: prefix }

  async function* objects(): AsyncGenerator<string[]> {
    for (let token: string | undefined, more = true; more; more = token !== undefined) {
      const page = await client.send(new ListObjectsV2Command({ ...below, ContinuationToken: token }))
      yield (page.Contents ?? []).map(({ Key = '' }) => Key)
      token = page.NextContinuationToken
    }
  }
  const uploads = async () => {
    const page = await client.send(new ListMultipartUploadsCommand(below))
    if (page.IsTruncated) throw new Error('more uploads are left than one answer lists')
    return page.Uploads ?? []
  }
  return {
    endpoint,
    url: s3Url(endpoint, prefix),
    environment: CREDENTIALS,
    async names() {
      const keys = [
        ...(await Array.fromAsync(objects())).flat(),
        ...(await uploads()).map(({ Key = '' }) => Key),
      ]
      return keys.map(key => key.slice(prefix.length))
    },
    async remove() {
      for await (const keys of objects()) {
        if (keys.length > 0)
          await client.send(
            new DeleteObjectsCommand({
              Bucket: BUCKET,
              Delete: { Objects: keys.map(Key => ({ Key })), Quiet: true },
            }),
          )
      }
      for (const { Key, UploadId } of await uploads())
        await client.send(new AbortMultipartUploadCommand({ Bucket: BUCKET, Key, UploadId }))
      client.destroy()
    },
  }
}

/** The URL of a store at a prefix of that bucket, seen at an endpoint. */
export const s3Url = (endpoint: string, prefix: string) =>
  `s3://${BUCKET}/${prefix}?endpoint=${endpoint}&forcePathStyle=true`
