import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { StorageConflict } from '../driver.ts'
import type { S3Bucket } from './s3-bucket.ts'
import type { Upload } from './s3-uploads.ts'

/** What the parts of an upload do not tell of it. */
export interface UploadState {
  /** The parts 1 to this one are of the object. */
  readonly parts: number
  /** ETags of parts beyond it that were taken back or have a gap before them: the store cannot remove them. */
  readonly void: Readonly<Record<number, string>>
  /** The bytes after the parts, too few for one more. */
  readonly tail: Buffer
  /** Where the tail ends. */
  readonly offset: number
}

const BEGINNING: UploadState = { parts: 0, void: {}, tail: Buffer.alloc(0), offset: 0 }
const NEW_LINE = 10

/**
 * The states of a resumable write: one when an append begins, which the append leaves alone, and one when it ends. So the one
 * before the last is where the last append can be taken back to. A write that was only begun has none. They are numbered from 1 on,
 * and each number is written once: of two that go on from one state, one is refused.
 */
export class S3States {
  readonly #bucket: S3Bucket

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket
  }

  /** The numbers of the last state and of the one before it; the beginning has 0. */
  async numbers({ key }: Upload): Promise<{ last: number; before: number | null; all: number[] }> {
    const all: number[] = []
    for await (const name of this.#bucket.unfinishedNames(key))
      if (/^\d{8}$/.test(name)) all.push(Number(name))
    const last = all.at(-1) ?? 0
    return { last, before: all.at(-2) ?? (last === 1 ? 0 : null), all }
  }

  /** A state, whose tail is left out when it is not wanted. */
  async read(upload: Upload, number: number, wanted: { tail: boolean }): Promise<UploadState> {
    if (number === 0) return BEGINNING
    const { Body } = await this.#bucket.client.send(new GetObjectCommand(this.#at(upload, number)))
    if (!(Body instanceof Readable)) throw new Error('the store answered without a body')
    const chunks: Buffer[] = []
    // Leaving the loop closes the stream.
    for await (const chunk of Body) {
      chunks.push(chunk)
      if (!wanted.tail && chunk.includes(NEW_LINE)) break
    }
    const bytes = Buffer.concat(chunks)
    const head = bytes.indexOf(NEW_LINE)
    return { ...JSON.parse(bytes.toString('utf8', 0, head)), tail: bytes.subarray(head + 1) }
  }

  /**
   * Writes the state that follows another one, durable when it resolves, and removes those that nothing can be taken back to any
   * more; gives its number. StorageConflict when another one follows already: who slept while somebody else went on must not
   * count.
   */
  async save(upload: Upload, after: number, { tail, ...head }: UploadState): Promise<number> {
    const number = after + 1
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), tail])
    await this.#bucket.putNew(this.#at(upload, number), bytes, { writeId: randomUUID() })
    const { last, all } = await this.numbers(upload)
    if (last !== number) {
      // Of so long ago that what followed is removed already.
      await this.#remove(upload, [number])
      throw new StorageConflict(`the write of the key ${upload.key} has gone on meanwhile`)
    }
    await this.#remove(
      upload,
      all.filter(number => number < after),
    )
    return number
  }

  /** As `save`, for a state that nothing can be taken back from. */
  async replace(upload: Upload, last: number, state: UploadState): Promise<void> {
    const { all } = await this.numbers(upload)
    await this.save(upload, last, state)
    await this.#remove(upload, all)
  }

  async #remove(upload: Upload, numbers: readonly number[]): Promise<void> {
    await Promise.all(numbers.map(number => this.#bucket.remove(this.#at(upload, number))))
  }

  #at(upload: Upload, number: number) {
    return this.#bucket.unfinishedAt(upload.key, String(number).padStart(8, '0'))
  }
}
