import { randomUUID } from 'node:crypto'
import type { JoinedPart, JoinedWrites } from '../driver.ts'
import type { StorageKey } from '../key.ts'
import { LEAST_PART_BYTES, MOST_PART_BYTES, MOST_PARTS } from './s3-part-size.ts'
import type { S3Uploads, StoredPart, Upload } from './s3-uploads.ts'

/** Joins objects by a multipart upload whose parts the store copies (UploadPartCopy): each but the last of 5 MiB or more. */
export class S3Join implements JoinedWrites {
  #uploads: S3Uploads

  constructor(uploads: S3Uploads) {
    this.#uploads = uploads
  }

  async join(key: StorageKey, parts: readonly JoinedPart[]): Promise<{ size: number } | null> {
    if (!areParts(parts)) return null
    const upload = await this.#uploads.begin(key, { writeId: randomUUID() })
    try {
      const copied: StoredPart[] = []
      for (const [i, { key: from, size }] of parts.entries())
        copied.push(await this.#uploads.copy(upload, { number: i + 1, from, size }))
      const size = await this.#uploads.complete(upload, copied)
      await this.#uploads.release(key)
      return { size }
    } catch (error) {
      // Should this fail too, the caller deletes the key later.
      await this.#undo(upload).catch(() => undefined)
      throw error
    }
  }

  async #undo(upload: Upload): Promise<void> {
    const { bucket } = this.#uploads
    const at = bucket.at(upload.key)
    await this.#uploads.abort(upload)
    if ((await bucket.head(at))?.writeId === upload.writeId) await bucket.remove(at)
    await this.#uploads.release(upload.key)
  }
}

const areParts = (parts: readonly JoinedPart[]): boolean =>
  parts.length > 0 &&
  parts.length <= MOST_PARTS &&
  parts.every(({ size }, i) => {
    const least = i < parts.length - 1 ? LEAST_PART_BYTES : 1
    return size >= least && size <= MOST_PART_BYTES
  })
