import { randomUUID } from 'node:crypto'
import type { JoinedPart, JoinedWrites, PresignedUrls } from '../driver.ts'
import type { StorageKey } from '../key.ts'
import { blockId, chainOf, endOf } from './azure-block.ts'
import { MOST_BLOCKS } from './azure-block-size.ts'
import { isUnreadable } from './azure-errors.ts'
import type { AzureUploads, BlockSource, Upload } from './azure-uploads.ts'

/** Bytes that the store copies by one request. */
const COPY_BYTES = 256 * 1024 * 1024
const SOURCE_SECONDS = 3600

interface Piece {
  readonly key: StorageKey
  readonly from: number
  readonly size: number
  /** Where in the whole it goes. */
  readonly offset: number
}

/** Joins objects by blocks that the store copies (Put Block From URL), from URLs that are signed for it. */
export class AzureJoin implements JoinedWrites {
  #uploads: AzureUploads
  #urls: PresignedUrls

  constructor(uploads: AzureUploads, urls: PresignedUrls) {
    this.#uploads = uploads
    this.#urls = urls
  }

  async join(key: StorageKey, parts: readonly JoinedPart[]): Promise<{ size: number } | null> {
    const pieces = piecesOf(parts)
    if (pieces.length > MOST_BLOCKS) return null
    const upload = await this.#uploads.begin(key, { writeId: randomUUID() })
    try {
      return { size: await this.#copy(upload, pieces) }
    } catch (error) {
      // Should this fail too, the caller deletes the key later.
      const isUndone = await this.#uploads.undo(upload).then(
        () => true,
        () => false,
      )
      if (isUndone && isUnreadable(error)) return null
      throw error
    }
  }

  async #copy(upload: Upload, pieces: readonly Piece[]): Promise<number> {
    const names = pieces.map(({ offset }) => ({ turn: 0, start: 0, offset }))
    for (const [i, piece] of pieces.entries())
      await this.#uploads.copy(upload, names[i] as (typeof names)[number], await this.#source(piece))
    const copied = chainOf((await this.#uploads.staged(upload)) ?? [])
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0)
    if (endOf(copied) !== size)
      throw new Error(`the store copied ${endOf(copied)} bytes of ${size} of ${upload.key}`)
    const ids = names.map(name => blockId(upload.writeId, name))
    await this.#uploads.commit(upload, ids)
    await this.#uploads.release(upload)
    return size
  }

  async #source({ key, from: offset, size }: Piece): Promise<BlockSource> {
    return { url: await this.#urls.get(key, { expiresInSeconds: SOURCE_SECONDS }), offset, size }
  }
}

function piecesOf(parts: readonly JoinedPart[]): Piece[] {
  const pieces: Piece[] = []
  let offset = 0
  for (const { key, size } of parts) {
    for (let from = 0; from < size; from += COPY_BYTES) {
      const bytes = Math.min(COPY_BYTES, size - from)
      pieces.push({ key, from, size: bytes, offset })
      offset += bytes
    }
  }
  return pieces
}
