import {
  CopyObjectCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import { RGW_KEY } from '../../support/ceph-rgw.ts'

/** A bucket as its owner sees it, past the gateway and past every proxy. */
export class Bucket implements Disposable {
  readonly name: string
  readonly #client: S3Client

  constructor(endpoint: string, name: string) {
    this.name = name
    this.#client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: RGW_KEY.id, secretAccessKey: RGW_KEY.secret },
    })
  }

  /** Names of objects; there are never more than one page of them. */
  async names(): Promise<string[]> {
    const { Contents = [] } = await this.#client.send(new ListObjectsV2Command({ Bucket: this.name }))
    return Contents.flatMap(({ Key }) => Key ?? [])
  }

  /** What has been begun and is not done: multipart uploads, and objects of the driver's own. */
  async unfinished(): Promise<string[]> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand({ Bucket: this.name }))
    const own = (await this.names()).filter(name => name.includes('.unfinished/'))
    return [...own, ...Uploads.map(({ Key, UploadId }) => `upload ${UploadId} of ${Key}`)]
  }

  /** Gives an object another name. */
  async move(from: string, to: string): Promise<void> {
    const source = `${this.name}/${from.split('/').map(encodeURIComponent).join('/')}`
    await this.#client.send(new CopyObjectCommand({ Bucket: this.name, Key: to, CopySource: source }))
    await this.#client.send(new DeleteObjectCommand({ Bucket: this.name, Key: from }))
  }

  [Symbol.dispose](): void {
    this.#client.destroy()
  }
}
