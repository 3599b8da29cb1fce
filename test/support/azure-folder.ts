import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { AZURITE_ACCOUNT } from './azurite.ts'
import { sharedAzurite } from './store-servers.ts'
import type { TestStore } from './stores.ts'

const CONTAINER = 'gateways'

/** A prefix, ending with a slash, of a container of the blob service that this run shares. */
export async function azureFolder(prefix: string): Promise<TestStore> {
  const { endpoint } = await sharedAzurite()
  const { name, key } = AZURITE_ACCOUNT
  const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(name, key))
  const container = service.getContainerClient(CONTAINER)
  await container.createIfNotExists()
  const blobs = () => Array.fromAsync(container.listBlobsFlat({ prefix, includeUncommitedBlobs: true }))
  return {
    url: `azure://${CONTAINER}/${prefix}?endpoint=${endpoint}`,
    environment: { AZURE_STORAGE_ACCOUNT: name, AZURE_STORAGE_KEY: key },
    names: async () => (await blobs()).map(blob => blob.name.slice(prefix.length)),
    async remove() {
      // Those that were never committed cannot be deleted; the service forgets them.
      await Promise.all((await blobs()).map(blob => container.getBlobClient(blob.name).deleteIfExists()))
    },
  }
}
