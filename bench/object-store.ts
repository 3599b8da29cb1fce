import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { type OwnCephRgw, RGW_KEY, startCephRgw } from '../test/support/ceph-rgw.ts'
import { read } from './http-client.ts'
import { ServerProcess } from './server-process.ts'

const CREDENTIALS = { AWS_ACCESS_KEY_ID: RGW_KEY.id, AWS_SECRET_ACCESS_KEY: RGW_KEY.secret }

/** A real object store on this machine, with its data in memory, and programs that move files to and from it. */
export class ObjectStore implements AsyncDisposable {
  readonly #rgw: OwnCephRgw
  readonly #client: S3Client

  private constructor(rgw: OwnCephRgw) {
    this.#rgw = rgw
    this.#client = new S3Client({
      endpoint: rgw.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: RGW_KEY.id, secretAccessKey: RGW_KEY.secret },
    })
  }

  /** Rejects where the programs of Ceph are not installed. */
  static async start(): Promise<ObjectStore> {
    return new ObjectStore(await startCephRgw())
  }

  /** What a gateway needs in its environment to have its bytes in a bucket. */
  environment(bucket: string): Record<string, string> {
    const url = `s3://${bucket}/?endpoint=${this.#rgw.endpoint}&forcePathStyle=true&createBucket=true`
    return { ...CREDENTIALS, STORAGE_URL: url }
  }

  /** A process that moves files by our driver, or by the SDK alone. */
  side(name: 'driver' | 'sdk', bucket: string): Promise<ServerProcess> {
    const args = [name, bucket, this.#rgw.endpoint]
    const env = { ...CREDENTIALS, MALLOC_ARENA_MAX: '2' }
    return ServerProcess.start({ program: 'bench/baselines/s3-side.ts', args, env })
  }

  /** Removes what lies in a bucket, from the memory of the machine too: Ceph takes its time otherwise. */
  async empty(Bucket: string): Promise<void> {
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket }))
    for (const { Key } of Contents) await this.#client.send(new DeleteObjectCommand({ Bucket, Key }))
    await this.#rgw.admin('gc', 'process', '--include-all')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    await this.#rgw[Symbol.asyncDispose]()
  }
}

/** Rejects unless so many bytes have been moved. */
export async function move(
  { origin }: ServerProcess,
  way: 'write' | 'read',
  { key, bytes }: { key: string; bytes: number },
): Promise<void> {
  await read({ url: `${origin}/${way}?key=${key}&bytes=${bytes}`, method: 'POST' })
}
