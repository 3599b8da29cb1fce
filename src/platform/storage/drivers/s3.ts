import { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import {
  type ByteRange,
  type JoinedWrites,
  type PresignedUrls,
  type ResumableWrites,
  type StorageDriver,
  type WriteHints,
} from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'
import { RunningWrites } from './running-writes.ts'
import { type Patience, S3Bucket } from './s3-bucket.ts'
import { isMissing } from './s3-errors.ts'
import { S3Join } from './s3-join.ts'
import { S3PresignedUrls } from './s3-presign.ts'
import { S3Resumable } from './s3-resumable.ts'
import { S3Uploads } from './s3-uploads.ts'
import type { S3Options } from './s3-url.ts'
import { S3Write } from './s3-write.ts'

/**
 * Opens a bucket of Amazon S3, or of a store that speaks its protocol, as a store. Makes the bucket when it is missing and the
 * options say so; asks nothing of the store otherwise. Rejects when region or credentials are not to be found.
 */
export async function openS3Driver(options: S3Options, patience?: Patience): Promise<StorageDriver> {
  const bucket = new S3Bucket(options, patience)
  await bucket.assertConfigured()
  if (options.createBucket) await bucket.create()
  return new S3Driver(bucket, options)
}

class S3Driver implements StorageDriver {
  readonly name = 's3'
  readonly resumable: ResumableWrites
  readonly presign: PresignedUrls
  readonly join: JoinedWrites
  #bucket: S3Bucket
  #uploads: S3Uploads
  #running = new RunningWrites()

  constructor(bucket: S3Bucket, { delivery }: Pick<S3Options, 'delivery'>) {
    this.#bucket = bucket
    this.#uploads = new S3Uploads(bucket)
    this.resumable = new S3Resumable(this.#uploads, key => this.#running.assertIdle(key))
    this.presign = new S3PresignedUrls(bucket, { redirects: delivery === 'redirect' })
    this.join = new S3Join(this.#uploads)
  }

  async write(key: StorageKey, body: Readable, hints: WriteHints): Promise<{ size: number }> {
    return this.#running.run({ key, hints }, body, {
      assertFree: () => this.#uploads.assertFree(key),
      begin: target => new S3Write(this.#uploads, target),
    })
  }

  async read(key: StorageKey, range?: ByteRange): Promise<Readable | null> {
    if (range && range.end < range.start) return Readable.from([])
    const command = new GetObjectCommand({
      ...this.#bucket.at(key),
      ...(range && { Range: `bytes=${range.start}-${range.end}` }),
    })
    try {
      const { Body } = await this.#bucket.client.send(command)
      if (!(Body instanceof Readable)) throw new Error('the store answered without a body')
      return Body
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async stat(key: StorageKey): Promise<{ size: number; modifiedAt: Date } | null> {
    const found = await this.#bucket.head(this.#bucket.at(key))
    // "Not found" may be said of the bucket, and then nothing is known of the object.
    if (!found) await this.#bucket.check()
    return found && { size: found.size, modifiedAt: found.modifiedAt }
  }

  async delete(key: StorageKey): Promise<void> {
    this.#running.remove(key)
    for await (const upload of this.#uploads.list(key)) {
      if (upload.key === key) await this.#uploads.abort(upload)
    }
    await this.#uploads.release(key)
    // The object last: a writer that made it in between has put it where this step finds it.
    await this.#bucket.remove(this.#bucket.at(key))
  }

  async *list(prefix: string): AsyncIterable<StorageKey> {
    for await (const name of this.#bucket.names(prefix)) if (isStorageKey(name)) yield name
  }

  async *listUnfinished(): AsyncIterable<StorageKey> {
    const seen = new Set<StorageKey>(this.#running.keys())
    for await (const key of this.#bucket.unfinishedKeys()) seen.add(key)
    for await (const { key } of this.#uploads.list()) seen.add(key)
    yield* seen
  }

  async check(): Promise<void> {
    await this.#bucket.check()
  }

  async close(): Promise<void> {
    this.#bucket.client.destroy()
  }
}
