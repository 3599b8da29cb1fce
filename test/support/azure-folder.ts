import { BlobServiceClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import { AZURITE_ACCOUNT } from './azurite.ts'
import { sharedAzurite } from './store-servers.ts'
import type { TestStore } from './stores.ts'

const CONTAINER = 'gateways'
const { name, key } = AZURITE_ACCOUNT

/** A prefix, ending with a slash, of a container of the Azure service that this run shares. */
export async function azureFolder(prefix: string): Promise<TestStore> {
  const { endpoint } = await sharedAzurite()
  const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(name, key))
  const container = service.getContainerClient(CONTAINER)
  await container.createIfNotExists()
  const names = async () => {
    const blobs = container.listBlobsFlat({ prefix, includeUncommitedBlobs: true })
    return (await Array.fromAsync(blobs)).map(blob => blob.name.slice(prefix.length))
  }
  return {
    url: `azure://${CONTAINER}/${prefix}`,
    environment: {
      AZURE_STORAGE_CONNECTION_STRING: `AccountName=${name};AccountKey=${key};BlobEndpoint=${endpoint}`,
    },
    names,
    async remove() {
      for (const left of await names()) await container.getBlobClient(prefix + left).deleteIfExists()
    },
  }
}
