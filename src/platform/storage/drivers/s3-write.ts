import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { PartCutter, PartSender, type SentPart, sendInParts } from './parts.ts'
import type { ObjectWrite, WriteTarget } from './running-writes.ts'
import { handleOf } from './s3-handle.ts'
import { firstPartBytes, MOST_PARTS, partBytesAt, partsInFlight } from './s3-part-size.ts'
import type { S3Uploads, Upload } from './s3-uploads.ts'

/** Bytes of a part, and of the largest body that is one PUT, unless more are announced than parts of this size can hold. */
const PART_BYTES = 8 * 1024 * 1024

/** One write of a whole object: by one PUT when it is small, else in parts. */
export class S3Write implements ObjectWrite {
  readonly #writeId = randomUUID()
  readonly #uploads: S3Uploads
  readonly #target: WriteTarget
  #upload: Upload | null = null
  /** Whether a request was sent that makes an object, whatever became of it. */
  #mayStand = false

  constructor(uploads: S3Uploads, target: WriteTarget) {
    this.#uploads = uploads
    this.#target = target
  }

  /** Writes the body and gives its size; holds some parts in memory at most. What it leaves when it rejects, `undo` removes. */
  async store(body: Readable): Promise<number> {
    const { size = 0, ownsChunks } = this.#target.hints
    const firstPart = firstPartBytes(size, PART_BYTES)
    const cutter = new PartCutter({ at: 0, partBytes: offset => partBytesAt(offset, firstPart), ownsChunks })
    const sender = new PartSender({
      send: part => this.#part(part),
      inFlight: partsInFlight,
      firstNumber: 1,
      mostParts: MOST_PARTS,
    })
    const begin = () => this.#begin(firstPart)
    const isInParts = await sendInParts(body, { cutter, sender, begin })
    if (!isInParts || this.#upload === null) return this.#putWhole(cutter.rest)
    this.#target.assertWanted()
    this.#mayStand = true
    const made = await this.#uploads.complete(this.#upload, sender.sent)
    await this.#uploads.release(this.#target.key)
    return made
  }

  async #begin(firstPart: number): Promise<void> {
    const { key, hints } = this.#target
    this.#upload = await this.#uploads.begin(key, this.#options())
    await hints.onBegun?.(handleOf({ ...this.#upload, firstPart }))
  }

  /** Removes what this write has left, and nothing that another one has. */
  async undo(): Promise<void> {
    const { bucket } = this.#uploads
    const at = bucket.at(this.#target.key)
    if (this.#upload) await this.#uploads.abort(this.#upload)
    if (this.#mayStand && (await bucket.head(at))?.writeId === this.#writeId) await bucket.remove(at)
    if (this.#upload) await this.#uploads.release(this.#target.key)
  }

  async #putWhole(bytes: Buffer): Promise<number> {
    const { bucket } = this.#uploads
    this.#target.assertWanted()
    this.#mayStand = true
    const { signal } = this.#target.hints
    await bucket.putNew(bucket.at(this.#target.key), bytes, { ...this.#options(), signal })
    return bytes.byteLength
  }

  async #part(part: SentPart) {
    const { signal } = this.#target.hints
    if (!this.#upload) throw new Error('a part before its upload')
    return this.#uploads.send(this.#upload, {
      ...part,
      signal: signal ? AbortSignal.any([part.signal, signal]) : part.signal,
    })
  }

  #options() {
    const { mimeType } = this.#target.hints
    return { writeId: this.#writeId, ...(mimeType !== undefined && { mimeType }) }
  }
}
