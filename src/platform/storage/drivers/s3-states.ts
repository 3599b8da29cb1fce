import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { GetObjectCommand } from '@aws-sdk/client-s3'
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
}

/** Where a state lies, without its tail: the offset is that of the tail's end. */
export interface StateName {
  readonly sequence: number
  readonly offset: number
}

const BEGINNING: UploadState = { parts: 0, void: {}, tail: Buffer.alloc(0) }
const NEW_LINE = 10

/**
 * The states of a resumable write: one when an append begins, which the append leaves alone, and one when it ends. So the one
 * before the last is where the last append can be taken back to. A write that was only begun has none.
 */
export class S3States {
  readonly #bucket: S3Bucket

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket
  }

  /** The last state and the one before it; the beginning has the sequence 0. */
  async names({ key }: Upload): Promise<{ last: StateName; before: StateName | null; all: StateName[] }> {
    const all: StateName[] = []
    for await (const name of this.#bucket.unfinishedNames(key)) {
      const [, sequence, offset] = /^(\d{8})-(\d+)$/.exec(name) ?? []
      if (sequence !== undefined) all.push({ sequence: Number(sequence), offset: Number(offset) })
    }
    const beginning = { sequence: 0, offset: 0 }
    const last = all.at(-1) ?? beginning
    return { last, before: all.at(-2) ?? (last.sequence === 1 ? beginning : null), all }
  }

  /** A state, whose tail is left out when it is not wanted. */
  async read(upload: Upload, name: StateName, wanted: { tail: boolean }): Promise<UploadState> {
    if (name.sequence === 0) return BEGINNING
    const { Body } = await this.#bucket.client.send(new GetObjectCommand(this.#at(upload, name)))
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

  /** Writes the next state, durable when it resolves, and removes those that nothing can be taken back to any more. */
  async save(upload: Upload, state: UploadState & { offset: number }): Promise<void> {
    const { last, all } = await this.names(upload)
    const { tail, offset, ...head } = state
    const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), tail])
    const name = { sequence: last.sequence + 1, offset }
    await this.#bucket.putNew(this.#at(upload, name), bytes, { writeId: randomUUID() })
    await this.#remove(
      upload,
      all.filter(({ sequence }) => sequence < last.sequence),
    )
  }

  /** As `save`, for a state that nothing can be taken back from. */
  async replace(upload: Upload, state: UploadState & { offset: number }): Promise<void> {
    const { all } = await this.names(upload)
    await this.save(upload, state)
    await this.#remove(upload, all)
  }

  async #remove(upload: Upload, names: readonly StateName[]): Promise<void> {
    await Promise.all(names.map(name => this.#bucket.remove(this.#at(upload, name))))
  }

  #at(upload: Upload, { sequence, offset }: StateName) {
    return this.#bucket.unfinishedAt(upload.key, `${String(sequence).padStart(8, '0')}-${offset}`)
  }
}
