import type { BlockBlobClient } from '@azure/storage-blob'
import { StorageConflict } from '../driver.ts'
import type { StorageKey } from '../key.ts'
import { type BlockName, blockId, blockOf, type StoredBlock } from './azure-block.ts'
import type { AzureContainer, BlobFacts, Metadata, PutOptions, WriteId } from './azure-container.ts'
import { isMissing, isTooMany, isUnfit } from './azure-errors.ts'

/** A write whose blocks are staged and not yet committed. */
export interface Upload {
  readonly key: StorageKey
  readonly writeId: WriteId
}

/** A block as it was sent, in the order in which it is to be. */
export interface SentBlock extends StoredBlock {
  readonly number: number
}

/** Bytes that the store copies from another blob. */
export interface BlockSource {
  /** Readable by itself, for as long as the copy takes. */
  readonly url: string
  readonly offset: number
  readonly size: number
}

/** Blocks that wait for their commitment, and the claims that keep a key for one write. */
export class AzureUploads {
  readonly container: AzureContainer

  constructor(container: AzureContainer) {
    this.container = container
  }

  /** Throws StorageConflict when the key is claimed; that it has a blob is found out when another one would be made. */
  async assertUnclaimed(key: StorageKey): Promise<void> {
    if (await this.container.head(this.container.unfinishedAt(key)))
      throw new StorageConflict(`the key ${key} is being written`)
  }

  /**
   * Claims a key; StorageConflict when the key is taken. Blocks of one blob are in one pool, and who commits some discards all
   * others: only the claim, a blob of its own, tells two writers apart before.
   */
  async begin(key: StorageKey, options: PutOptions & { metadata?: Metadata }): Promise<Upload> {
    const { container } = this
    const upload = { key, writeId: options.writeId }
    await container.putNew(container.unfinishedAt(key), Buffer.alloc(0), options)
    try {
      if (await container.head(container.at(key))) throw new StorageConflict(`the key ${key} is taken`)
    } catch (error) {
      await this.release(upload)
      throw error
    }
    return upload
  }

  /** Removes the claim of a write, and nobody else's. */
  async release({ key, writeId }: Upload): Promise<void> {
    const claim = this.container.unfinishedAt(key)
    const found = await this.container.head(claim)
    if (found?.metadata.write === writeId) await this.container.remove(claim, found.etag)
  }

  /** Stages a block. It is not cut off when the write is given up: it might arrive behind the request that removes all blocks. */
  async send(
    { key, writeId }: Upload,
    block: BlockName & { number: number; bytes: Buffer },
  ): Promise<SentBlock> {
    const { bytes, number, turn, start, offset } = block
    const id = blockId(writeId, block)
    const size = bytes.byteLength
    await this.container.at(key).stageBlock(id, bytes, size).catch(refused)
    return { id, number, turn, start, offset, size }
  }

  /** Has the store itself copy a block. */
  async copy({ key, writeId }: Upload, block: BlockName, { url, offset, size }: BlockSource): Promise<void> {
    await this.container.at(key).stageBlockFromURL(blockId(writeId, block), url, offset, size).catch(refused)
  }

  /** The blocks of a write that are not committed; null where its blob, or any other, is finished. */
  async staged({ key, writeId }: Upload): Promise<StoredBlock[] | null> {
    const list = await this.#blockList(this.container.at(key))
    if ((list?.committedBlocks ?? []).length > 0) return null
    return (list?.uncommittedBlocks ?? []).flatMap(block => blockOf(writeId, block) ?? [])
  }

  /** Makes these blocks the object; StorageConflict when they are not there, or when the key has another object. */
  async commit({ key, writeId }: Upload, ids: readonly string[], mimeType?: string): Promise<void> {
    const { container } = this
    const blob = container.at(key)
    const headers = container.headers({ writeId, mimeType })
    await container
      .exclusively(blob, writeId, () => blob.commitBlockList([...ids], headers))
      .catch(async error => {
        if (!isUnfit(error)) throw error
        // The pool is emptied by a commitment, be it our own, whose first answer was lost.
        if ((await container.head(blob))?.metadata.write !== writeId) throw removedMeanwhile(key)
      })
  }

  /** Throws StorageConflict when the claim of a write is gone, since somebody has deleted its key. */
  async assertClaimed({ key, writeId }: Upload): Promise<void> {
    const claim = await this.container.head(this.container.unfinishedAt(key))
    if (claim?.metadata.write !== writeId) throw removedMeanwhile(key)
  }

  /** Removes what a write has left, its blob too, and nothing that another one has. */
  async undo(upload: Upload): Promise<void> {
    const { container } = this
    const blob = container.at(upload.key)
    const [found, claim] = await Promise.all([
      container.head(blob),
      container.head(container.unfinishedAt(upload.key)),
    ])
    const isOurs = (facts: BlobFacts | null) => facts?.metadata.write === upload.writeId
    // Without a blob there may still be blocks: under a claim of somebody else's they are not ours to remove.
    if (found ? isOurs(found) : isOurs(claim) || !claim) await container.remove(blob)
    await this.release(upload)
  }

  async #blockList(blob: BlockBlobClient) {
    try {
      return await blob.getBlockList('all')
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }
}

function refused(error: unknown): never {
  throw isTooMany(error) ? new StorageConflict('the upload came in too many pieces', { cause: error }) : error
}

export function removedMeanwhile(key: StorageKey): StorageConflict {
  return new StorageConflict(`the write of the key ${key} was removed meanwhile`)
}
