import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { StorageConflict } from '../driver.ts'
import { type StorageKey, storageKey } from '../key.ts'
import { type PutOptions, type S3Bucket, uploadOptions, type WriteId } from './s3-bucket.ts'
import { isMissing, isUnfit } from './s3-errors.ts'

/** A multipart upload that was begun. */
export interface Upload {
  readonly key: StorageKey
  readonly id: string
  readonly writeId: WriteId
}

/** A part as it stands in the store. */
export interface StoredPart {
  readonly number: number
  readonly size: number
  readonly etag: string
}

/** Completing may copy the parts; stores keep the connection alive meanwhile. */
const COMPLETE_MS = 10 * 60_000

/** The multipart uploads of a bucket, and the claims that keep a key for one of them. */
export class S3Uploads {
  readonly bucket: S3Bucket

  constructor(bucket: S3Bucket) {
    this.bucket = bucket
  }

  /** Throws StorageConflict when the key has an object or is claimed. */
  async assertFree(key: StorageKey): Promise<void> {
    const [object, claim] = await Promise.all([
      this.bucket.head(this.bucket.at(key)),
      this.bucket.head(this.bucket.unfinishedAt(key, 'claim')),
    ])
    if (object || claim) throw new StorageConflict(`the key ${key} is ${object ? 'taken' : 'being written'}`)
  }

  /**
   * Claims a key and begins its upload; StorageConflict when the key is taken. Stores keep any number of uploads for one name,
   * and some complete the second over the first: only the claim, a small object, is refused where one lies.
   */
  async begin(key: StorageKey, options: PutOptions): Promise<Upload> {
    const { writeId } = options
    await this.bucket.putNew(this.bucket.unfinishedAt(key, 'claim'), Buffer.from(writeId), { writeId })
    try {
      if (await this.bucket.head(this.bucket.at(key))) throw new StorageConflict(`the key ${key} is taken`)
      const begun = await this.bucket.client.send(
        new CreateMultipartUploadCommand({ ...this.bucket.at(key), ...this.bucket.headers(options) }),
      )
      if (!begun.UploadId) throw new Error('the store began an upload without an id')
      return { key, id: begun.UploadId, writeId }
    } catch (error) {
      await this.release(key)
      throw error
    }
  }

  /** Removes the claim of a key, and what else is kept of an unfinished write. */
  async release(key: StorageKey): Promise<void> {
    // The claim goes last, so that a removal that breaks off can still be found, and done again.
    const names = (await Array.fromAsync(this.bucket.unfinishedNames(key))).filter(name => name !== 'claim')
    await Promise.all(names.map(name => this.bucket.remove(this.bucket.unfinishedAt(key, name))))
    await this.bucket.remove(this.bucket.unfinishedAt(key, 'claim'))
  }

  async send(
    upload: Upload,
    part: { number: number; bytes: Buffer; signal?: AbortSignal },
  ): Promise<StoredPart> {
    const { number, bytes } = part
    const size = bytes.byteLength
    const command = new UploadPartCommand({ ...this.#of(upload), PartNumber: number, Body: bytes })
    const { ETag: etag } = await this.bucket.client
      .send(command, uploadOptions(bytes, part.signal))
      .catch(error => {
        throw isMissing(error) ? removedMeanwhile(upload) : error
      })
    if (!etag) throw new Error(`the store took part ${number} without an ETag`)
    return { number, size, etag }
  }

  /** Makes a whole object a part, within the store. */
  async copy(upload: Upload, part: { number: number; from: StorageKey; size: number }): Promise<StoredPart> {
    const { number, from, size } = part
    const { Bucket, Key } = this.bucket.at(from)
    const CopySource = `${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`
    const { CopyPartResult } = await this.bucket.client.send(
      new UploadPartCopyCommand({ ...this.#of(upload), PartNumber: number, CopySource }),
      { requestTimeout: COMPLETE_MS },
    )
    if (!CopyPartResult?.ETag) throw new Error(`the store copied part ${number} without an ETag`)
    return { number, size, etag: CopyPartResult.ETag }
  }

  /** The parts in the store by their numbers; null when there is no such upload. */
  async parts(upload: Upload): Promise<Map<number, StoredPart> | null> {
    const parts = new Map<number, StoredPart>()
    let marker: string | undefined
    do {
      const page = await this.bucket.client
        .send(new ListPartsCommand({ ...this.#of(upload), ...(marker && { PartNumberMarker: marker }) }))
        .catch(error => {
          if (isMissing(error)) return null
          throw error
        })
      if (!page) return null
      for (const { PartNumber: number = 0, Size: size = 0, ETag: etag = '' } of page.Parts ?? [])
        parts.set(number, { number, size, etag })
      marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (marker)
    return parts
  }

  /**
   * Makes these parts the object and gives its size, as the store tells it; StorageConflict when they do not make one, or when
   * the key has another object.
   */
  async complete(upload: Upload, parts: readonly StoredPart[]): Promise<number> {
    const at = this.bucket.at(upload.key)
    const before = await this.bucket.head(at)
    if (before && before.writeId !== upload.writeId)
      throw new StorageConflict(`the key ${upload.key} is taken`)
    const list = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }))
    try {
      await this.bucket.exclusively(at, upload.writeId, condition =>
        this.bucket.client.send(
          new CompleteMultipartUploadCommand({
            ...this.#of(upload),
            ...condition,
            MultipartUpload: { Parts: list },
          }),
          { requestTimeout: COMPLETE_MS },
        ),
      )
    } catch (error) {
      if (isUnfit(error))
        throw new StorageConflict(`the parts of ${upload.key} do not make an object`, { cause: error })
      // Where the upload is gone, its first answer was lost and what it made is there, or somebody has removed it. Stores have
      // different errors for that; Ceph's says that the upload is being completed.
      if (error instanceof StorageConflict || (await this.parts(upload))) throw error
    }
    return this.#made(upload, parts)
  }

  /** Removes the parts; what they have become stays. */
  async abort(upload: Pick<Upload, 'key' | 'id'>): Promise<void> {
    await this.bucket.client.send(new AbortMultipartUploadCommand(this.#of(upload))).catch(error => {
      if (!isMissing(error)) throw error
    })
  }

  /** Uploads below the names that begin with this key; all of the bucket's prefix without one. */
  async *list(key?: StorageKey): AsyncGenerator<Pick<Upload, 'key' | 'id'>> {
    let after: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
    do {
      const page: {
        Uploads?: { Key?: string; UploadId?: string }[]
        IsTruncated?: boolean
        NextKeyMarker?: string
        NextUploadIdMarker?: string
      } = await this.bucket.client.send(
        new ListMultipartUploadsCommand({
          Bucket: this.bucket.name,
          Prefix: this.bucket.path(key ? storageKey(key) : '').Key,
          ...after,
        }),
      )
      for (const { Key = '', UploadId: id } of page.Uploads ?? []) {
        const found = this.bucket.keyOf(Key)
        if (found && id) yield { key: found, id }
      }
      after = page.IsTruncated
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined
    } while (after)
  }

  /** Asks for what was made: some stores answer "200" before they know, or without an ETag. */
  async #made(upload: Upload, parts: readonly StoredPart[]): Promise<number> {
    const made = await this.bucket.head(this.bucket.at(upload.key))
    if (made?.writeId !== upload.writeId) throw removedMeanwhile(upload)
    const size = parts.reduce((sum, part) => sum + part.size, 0)
    if (made.size !== size) throw new Error(`the store made ${made.size} bytes of ${size} of ${upload.key}`)
    return made.size
  }

  #of({ key, id }: Pick<Upload, 'key' | 'id'>) {
    return { ...this.bucket.at(key), UploadId: id }
  }
}

function removedMeanwhile({ key }: Upload): StorageConflict {
  return new StorageConflict(`the write of the key ${key} was removed meanwhile`)
}
