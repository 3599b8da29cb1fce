import { randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { StorageConflict } from '../driver.ts'
import type { AzureContainer, BlobFacts, Metadata } from './azure-container.ts'
import { isMissing, isTaken } from './azure-errors.ts'
import type { Upload } from './azure-uploads.ts'

/** What the blocks of a resumable write do not tell of it. */
export interface UploadState {
  /** The last turn that was begun: blocks of later ones do not count. */
  readonly turn: number
  /** Where the blocks that count have ended when the turn began, or when it ended, or where it was taken back to. */
  readonly base: number
  /** How many bytes follow the blocks, too few for one more. */
  readonly tail: number
  /** Where the last append began: it can be taken back to here. */
  readonly from: number
  /** Size of the first blocks that are worth one. */
  readonly least: number
  /** Of the object. */
  readonly mimeType: string
}

/** A state as it was read: it is replaced only if nobody else has done so. */
export interface ReadState extends UploadState {
  readonly etag: string
}

const NUMBERS = ['turn', 'base', 'tail', 'from', 'least'] as const

/**
 * The state of a resumable write, in the blob that claims its key: numbers in the metadata, and the tail as its content. Each
 * change is one request, on condition that the state is the one that was read. So a node that others believed dead changes nothing.
 */
export class AzureStates {
  readonly #container: AzureContainer

  constructor(container: AzureContainer) {
    this.#container = container
  }

  /** Throws StorageConflict when the write is finished, aborted or unknown. */
  async read(upload: Upload): Promise<ReadState> {
    const found = await this.#container.head(this.#container.unfinishedAt(upload.key))
    return stateOf(upload, found)
  }

  /** As `read`, with the bytes of the tail. */
  async readWithTail(upload: Upload): Promise<{ state: ReadState; tail: Buffer }> {
    const blob = this.#container.unfinishedAt(upload.key)
    const found = await blob.download(0, undefined, { maxRetryRequests: 0 }).catch(error => {
      if (isMissing(error)) throw unknown(upload)
      throw error
    })
    const { etag = '', metadata = {}, readableStreamBody: body } = found
    if (!body) throw new Error('the store answered without a body')
    const bytes = await buffer(body)
    const state = stateOf(upload, { etag, metadata })
    return { state, tail: bytes.subarray(0, state.tail) }
  }

  /** Replaces the numbers, and leaves the bytes as they are. */
  async change(upload: Upload, before: ReadState, state: UploadState): Promise<ReadState> {
    return this.#replace(upload, state, (blob, metadata) =>
      blob.setMetadata(metadata, { conditions: { ifMatch: before.etag } }),
    )
  }

  /** Replaces the numbers and the bytes of the tail. */
  async save(upload: Upload, before: ReadState, state: UploadState & { bytes: Buffer }): Promise<ReadState> {
    const { bytes } = state
    return this.#replace(upload, state, (blob, metadata) =>
      blob.upload(bytes, bytes.byteLength, { metadata, conditions: { ifMatch: before.etag } }),
    )
  }

  async #replace(
    upload: Upload,
    state: UploadState,
    send: (
      blob: ReturnType<AzureContainer['at']>,
      metadata: Record<string, string>,
    ) => Promise<{ etag?: string }>,
  ): Promise<ReadState> {
    const blob = this.#container.unfinishedAt(upload.key)
    const change = randomUUID()
    const metadata = { ...metadataOf(state), write: upload.writeId, change }
    try {
      const { etag = '' } = await send(blob, metadata)
      return { ...state, etag }
    } catch (error) {
      if (!isTaken(error) && !isMissing(error)) throw error
      // The first answer may have been lost, and the SDK has asked again.
      const found = await this.#container.head(blob)
      if (found?.metadata.change === change) return { ...state, etag: found.etag }
      throw found ? new StorageConflict(`another node writes the key ${upload.key}`) : unknown(upload)
    }
  }
}

/** The state of a write as it begins. */
export function beginning(least: number, mimeType = ''): UploadState {
  return { turn: 0, base: 0, tail: 0, from: 0, least, mimeType }
}

export function metadataOf(state: UploadState): Metadata {
  const numbers = NUMBERS.map(name => [name, String(state[name])])
  return { ...Object.fromEntries(numbers), type: encodeURIComponent(state.mimeType) }
}

function stateOf(upload: Upload, found: Pick<BlobFacts, 'etag' | 'metadata'> | null): ReadState {
  const { metadata = {}, etag = '' } = found ?? {}
  const numbers = NUMBERS.map(name => [name, Number.parseInt(metadata[name] ?? '', 10)] as const)
  // The claim of a write in one go has no numbers.
  if (metadata.write !== upload.writeId || numbers.some(([, number]) => Number.isNaN(number)))
    throw unknown(upload)
  const state = Object.fromEntries(numbers) as Pick<UploadState, (typeof NUMBERS)[number]>
  return { ...state, mimeType: decodeURIComponent(metadata.type ?? ''), etag }
}

export function unknown({ key }: Upload): StorageConflict {
  return new StorageConflict(`no unfinished write of the key ${key}`)
}
