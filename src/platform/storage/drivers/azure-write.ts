import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import {
  blockBytesAfter,
  blocksInFlight,
  firstBlockBytes,
  MOST_BLOCKS,
  WHOLE_BLOCK_BYTES,
} from './azure-block-size.ts'
import type { AzureUploads, SentBlock, Upload } from './azure-uploads.ts'
import { PartCutter, PartSender, type SentPart, sendInParts } from './parts.ts'
import type { ObjectWrite, WriteTarget } from './running-writes.ts'

/** One write of a whole object: by one Put Blob when it is small, else in blocks. */
export class AzureWrite implements ObjectWrite {
  readonly #writeId = randomUUID()
  readonly #uploads: AzureUploads
  readonly #target: WriteTarget
  #upload: Upload | null = null
  #end = 0

  constructor(uploads: AzureUploads, target: WriteTarget) {
    this.#uploads = uploads
    this.#target = target
  }

  /** Writes the body and gives its size; holds some blocks in memory at most. What it leaves when it rejects, `undo` removes. */
  async store(body: Readable): Promise<number> {
    const { key, hints, assertWanted } = this.#target
    const firstBlock = firstBlockBytes(hints.size ?? 0, WHOLE_BLOCK_BYTES)
    const cutter = new PartCutter({
      at: 0,
      partBytes: (_offset, before) => blockBytesAfter(before, firstBlock),
      ownsChunks: hints.ownsChunks,
    })
    const sender = new PartSender({
      send: part => this.#block(part),
      inFlight: blocksInFlight,
      firstNumber: 1,
      mostParts: MOST_BLOCKS,
    })
    const begin = async () => {
      this.#upload = await this.#uploads.begin(key, { writeId: this.#writeId })
    }
    const isInBlocks = await sendInParts(body, { cutter, sender, begin })
    if (!isInBlocks || this.#upload === null) return this.#putWhole(cutter.rest)
    // Whoever deletes the key removes the claim first: either it is seen here, or the blocks that were staged before are gone.
    await this.#uploads.assertClaimed(this.#upload)
    assertWanted()
    const ids = sender.sent.map(({ id }) => id)
    await this.#uploads.commit(this.#upload, ids, hints.mimeType)
    await this.#uploads.release(this.#upload)
    return this.#end
  }

  /** Removes what this write has left, and nothing that another one has. */
  async undo(): Promise<void> {
    const { container } = this.#uploads
    if (this.#upload) return this.#uploads.undo(this.#upload)
    const blob = container.at(this.#target.key)
    const found = await container.head(blob)
    if (found?.metadata.write === this.#writeId) await container.remove(blob, found.etag)
  }

  async #putWhole(bytes: Buffer): Promise<number> {
    const { container } = this.#uploads
    const { key, hints, assertWanted } = this.#target
    assertWanted()
    const { mimeType } = hints
    // Not cut off when the caller gives up: it might arrive behind what undoes it.
    await container.putNew(container.at(key), bytes, { writeId: this.#writeId, mimeType })
    return bytes.byteLength
  }

  /** Called at once for each block that is added, so that they come in their order. */
  #block(part: SentPart): Promise<SentBlock> {
    if (!this.#upload) throw new Error('a block before its claim')
    const offset = this.#end
    this.#end += part.bytes.byteLength
    return this.#uploads.send(this.#upload, { ...part, turn: 0, start: 0, offset })
  }
}
