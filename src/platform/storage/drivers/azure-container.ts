import {
  BlobServiceClient,
  type BlockBlobClient,
  type ContainerClient,
  newPipeline,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { StorageConflict } from '../driver.ts'
import { isStorageKey, type StorageKey, storageKey } from '../key.ts'
import type { AzureAccount } from './azure-account.ts'
import { isContainerMissing, isContainerThere, isMissing, isTaken } from './azure-errors.ts'
import { AzureTransport } from './azure-transport.ts'
import type { AzureOptions } from './azure-url.ts'

/** What is known of unfinished writes: no key begins with a dot, so that none can name it. */
const UNFINISHED = '.unfinished/'
const CHECK_MS = 5000
/** Names that one request lists. */
const PAGE = 1000
const TRIES = { maxTries: 3, retryDelayInMs: 1000 }
/** What a Content-Type may have; another is left out. */
const HEADER_TEXT = /^[\x20-\x7e]+$/

/** Which write a blob is of: told by the blob itself, since the answer to the request that made it may be lost. */
export type WriteId = string

export interface PutOptions {
  readonly writeId: WriteId
  readonly mimeType?: string | undefined
}

export type Metadata = Readonly<Record<string, string>>

/** What HEAD tells of a blob. */
export interface BlobFacts {
  readonly size: number
  readonly modifiedAt: Date
  readonly etag: string
  readonly metadata: Metadata
}

/** A container, and below a prefix of its names our blobs and what is known of unfinished ones. */
export class AzureContainer {
  readonly #container: ContainerClient
  readonly #transport: AzureTransport
  readonly #prefix: string

  constructor(options: AzureOptions, account: AzureAccount) {
    this.#prefix = options.prefix
    this.#transport = new AzureTransport(account.endpoint)
    const credential = new StorageSharedKeyCredential(account.name, account.key)
    const pipeline = newPipeline(credential, { retryOptions: TRIES })
    pipeline.factories.push(this.#transport)
    this.#container = new BlobServiceClient(account.endpoint, pipeline).getContainerClient(options.container)
  }

  /** The blob of a key; throws for what is no key. */
  at(key: StorageKey): BlockBlobClient {
    return this.#container.getBlockBlobClient(this.#prefix + storageKey(key))
  }

  /** Where an unfinished write of a key is claimed, and what is known of it lies. */
  unfinishedAt(key: StorageKey): BlockBlobClient {
    return this.#container.getBlockBlobClient(`${this.#prefix}${UNFINISHED}${storageKey(key)}`)
  }

  /** Makes the container when it is missing. */
  async create(): Promise<void> {
    try {
      await this.#container.getProperties()
    } catch (error) {
      if (!isContainerMissing(error)) throw error
      await this.#container.create().catch(failure => {
        // Another node was faster.
        if (!isContainerThere(failure)) throw failure
      })
    }
  }

  async check(): Promise<void> {
    await this.#container.getProperties({ abortSignal: AbortSignal.timeout(CHECK_MS) })
  }

  /** Facts of a blob; null when there is none, or only blocks that are not committed. */
  async head(blob: BlockBlobClient): Promise<BlobFacts | null> {
    try {
      const found = await blob.getProperties()
      return {
        size: found.contentLength ?? 0,
        modifiedAt: found.lastModified ?? new Date(0),
        etag: found.etag ?? '',
        metadata: found.metadata ?? {},
      }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** What every blob is written with, by one request or as blocks: only where none lies. */
  headers({ writeId, mimeType }: PutOptions) {
    const contentType = mimeType !== undefined && HEADER_TEXT.test(mimeType) ? mimeType : undefined
    return {
      conditions: { ifNoneMatch: '*' },
      metadata: { write: writeId },
      ...(contentType !== undefined && { blobHTTPHeaders: { blobContentType: contentType } }),
    }
  }

  /** Writes a blob where none lies; StorageConflict when one does that is not of the same write. */
  async putNew(
    blob: BlockBlobClient,
    bytes: Buffer,
    options: PutOptions & { metadata?: Metadata },
  ): Promise<void> {
    const headers = this.headers(options)
    const metadata = { ...options.metadata, ...headers.metadata }
    await this.exclusively(blob, options.writeId, () =>
      blob.upload(bytes, bytes.byteLength, { ...headers, metadata }),
    )
  }

  /** Sends a request that makes a blob where none lies; its first answer may have been lost, and the SDK has asked again. */
  async exclusively(blob: BlockBlobClient, writeId: WriteId, send: () => Promise<unknown>): Promise<void> {
    try {
      await send()
    } catch (error) {
      if (!isTaken(error)) throw error
      const found = await this.head(blob)
      if (found?.metadata.write !== writeId)
        throw new StorageConflict(`${blob.name} is taken`, { cause: error })
    }
  }

  /** Removes a blob and the blocks of it that were never committed; with an ETag, only what has it. */
  async remove(blob: BlockBlobClient, etag?: string): Promise<void> {
    try {
      await blob.delete({ deleteSnapshots: 'include', conditions: { ...(etag && { ifMatch: etag }) } })
    } catch (error) {
      if (!isMissing(error) && !(etag && isTaken(error))) throw error
    }
  }

  /** The names below `prefix`, without the container's own prefix, each with its size; of uncommitted blobs that is 0. */
  async *names(prefix: string, include: { uncommitted?: boolean } = {}): AsyncGenerator<[string, number]> {
    const listed = this.#container.listBlobsFlat({
      prefix: this.#prefix + prefix,
      ...(include.uncommitted && { includeUncommitedBlobs: true }),
    })
    for await (const { segment } of listed.byPage({ maxPageSize: PAGE }))
      for (const { name, properties } of segment.blobItems)
        yield [name.slice(this.#prefix.length), properties.contentLength ?? 0]
  }

  /** Keys of which there is a claim, or blocks that were not committed; some of them twice. */
  async *unfinishedKeys(): AsyncGenerator<StorageKey> {
    for await (const [name, size] of this.names('', { uncommitted: true })) {
      if (name.startsWith(UNFINISHED)) {
        const key = name.slice(UNFINISHED.length)
        if (isStorageKey(key)) yield key
      } else if (size === 0 && isStorageKey(name) && !(await this.head(this.at(name)))) yield name
    }
  }

  close(): void {
    this.#transport.close()
  }
}
