import { BlobSASPermissions, SASProtocol } from '@azure/storage-blob'
import type { PresignedUrls, PresignGet } from '../driver.ts'
import type { StorageKey } from '../key.ts'
import type { AzureContainer } from './azure-container.ts'

/**
 * URLs with a shared access signature of the account's key, made without a request to the store. They are to read alone: a
 * signature covers neither the length nor the hash of what is written, and one that lets blocks be staged lets the object be
 * overwritten for as long as it is good.
 */
export class AzurePresignedUrls implements PresignedUrls {
  #container: AzureContainer

  constructor(container: AzureContainer) {
    this.#container = container
  }

  async get(key: StorageKey, { expiresInSeconds, mimeType, disposition }: PresignGet): Promise<string> {
    const blob = this.#container.at(key)
    return blob.generateSasUrl({
      permissions: BlobSASPermissions.from({ read: true }),
      // In whole seconds, as the signature has it: never shorter than asked for.
      expiresOn: new Date(Date.now() + (expiresInSeconds + 1) * 1000),
      ...(blob.url.startsWith('https:') && { protocol: SASProtocol.Https }),
      ...(mimeType !== undefined && { contentType: mimeType }),
      ...(disposition !== undefined && { contentDisposition: disposition }),
    })
  }
}
