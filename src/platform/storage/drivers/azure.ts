import { Readable } from 'node:stream'
import {
  type ByteRange,
  type JoinedWrites,
  type PresignedUrls,
  type ResumableWrites,
  type StorageDriver,
  type WriteHints,
} from '../driver.ts'
import { isStorageKey, type StorageKey } from '../key.ts'
import type { AzureAccount } from './azure-account.ts'
import { AzureContainer } from './azure-container.ts'
import { brokenAsSuch, isMissing } from './azure-errors.ts'
import { AzureJoin } from './azure-join.ts'
import { AzurePresignedUrls } from './azure-presign.ts'
import { AzureResumable } from './azure-resumable.ts'
import type { Patience } from './azure-transport.ts'
import { AzureUploads } from './azure-uploads.ts'
import type { AzureOptions } from './azure-url.ts'
import { AzureWrite } from './azure-write.ts'
import { RunningWrites } from './running-writes.ts'

/**
 * Opens a container of Azure Blob Storage as a store. Makes the container when it is missing and the options say so; asks
 * nothing of the store otherwise.
 */
export async function openAzureDriver(
  options: AzureOptions,
  account: AzureAccount,
  patience?: Patience,
): Promise<StorageDriver> {
  const container = new AzureContainer(options, account, patience)
  try {
    if (options.createContainer) await container.create()
  } catch (error) {
    container.close()
    throw error
  }
  return new AzureDriver(container, options)
}

class AzureDriver implements StorageDriver {
  readonly name = 'azure'
  readonly resumable: ResumableWrites
  readonly presign: PresignedUrls
  readonly join: JoinedWrites
  #container: AzureContainer
  #uploads: AzureUploads
  #running = new RunningWrites()

  constructor(container: AzureContainer, { delivery }: Pick<AzureOptions, 'delivery'>) {
    this.#container = container
    this.#uploads = new AzureUploads(container)
    this.resumable = new AzureResumable(this.#uploads, key => this.#running.assertIdle(key))
    this.presign = new AzurePresignedUrls(container, { redirects: delivery === 'redirect' })
    this.join = new AzureJoin(this.#uploads, this.presign)
  }

  async write(key: StorageKey, body: Readable, hints: WriteHints): Promise<{ size: number }> {
    return this.#running.run({ key, hints }, body, {
      assertFree: () => this.#uploads.assertUnclaimed(key),
      begin: target => new AzureWrite(this.#uploads, target),
    })
  }

  async read(key: StorageKey, range?: ByteRange): Promise<Readable | null> {
    if (range && range.end < range.start) return Readable.from([])
    const { start, count } = range ? { start: range.start, count: range.end - range.start + 1 } : { start: 0 }
    try {
      // The SDK would ask again for the rest of a body that breaks off, and lose sight of the answer if that is not wanted any more.
      const found = await this.#container.at(key).download(start, count, { maxRetryRequests: 0 })
      const body = found.readableStreamBody
      if (!(body instanceof Readable)) throw new Error('the store answered without a body')
      return brokenAsSuch(body)
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async stat(key: StorageKey): Promise<{ size: number; modifiedAt: Date } | null> {
    const found = await this.#container.head(this.#container.at(key))
    return found && { size: found.size, modifiedAt: found.modifiedAt }
  }

  async delete(key: StorageKey): Promise<void> {
    this.#running.remove(key)
    await this.#container.remove(this.#container.unfinishedAt(key))
    // The blob last, and with it its blocks: a writer that does not see its claim gone has made or staged them before.
    await this.#container.remove(this.#container.at(key))
  }

  async *list(prefix: string): AsyncIterable<StorageKey> {
    for await (const [name] of this.#container.names(prefix)) if (isStorageKey(name)) yield name
  }

  async *listUnfinished(): AsyncIterable<StorageKey> {
    const seen = new Set<StorageKey>(this.#running.keys())
    for await (const key of this.#container.unfinishedKeys()) seen.add(key)
    yield* seen
  }

  async check(): Promise<void> {
    await this.#container.check()
  }

  async close(): Promise<void> {
    this.#container.close()
  }
}
