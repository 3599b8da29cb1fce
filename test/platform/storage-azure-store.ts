import { BlobServiceClient, type ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob'
import type { AzureVariables } from '../../src/platform/storage/drivers/azure-account.ts'
import { openDriver } from '../../src/platform/storage/storage-url.ts'
import { AZURITE_ACCOUNT, type Azurite } from '../support/azurite.ts'
import { busySockets } from './busy-sockets.ts'
import type { ObjectStore } from './storage-object-writes.ts'

export const PREFIX = 'media/files/'
let containers = 0

export interface AzureStore extends ObjectStore {
  readonly variables: AzureVariables
  /** The container, as another client of the account sees it. */
  readonly container: ContainerClient
}

/** What the SDK's own tools would read, for an account of azurite. */
export function azuriteVariables({ endpoint }: Azurite): AzureVariables {
  return { AZURE_STORAGE_CONNECTION_STRING: { ...AZURITE_ACCOUNT, endpoint } }
}

/** A container of its own, which the driver makes; it is left to the end of the server. */
export async function azureStore(azurite: Azurite): Promise<AzureStore> {
  containers += 1
  const name = `test-${containers}`
  const url = `azure://${name}/${PREFIX}?endpoint=${azurite.endpoint}&createContainer=true`
  const variables = azuriteVariables(azurite)
  const opened = new AsyncDisposableStack()
  const open = async () => {
    const driver = await openDriver(url, variables)
    opened.defer(() => driver.close())
    return driver
  }
  const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT.name, AZURITE_ACCOUNT.key)
  const container = new BlobServiceClient(azurite.endpoint, credential).getContainerClient(name)
  return {
    url,
    variables,
    container,
    driver: await open(),
    another: open,
    openResources: busySockets,
    dispose: () => opened.disposeAsync(),
    async left() {
      const blobs = await Array.fromAsync(container.listBlobsFlat({ includeUncommitedBlobs: true }))
      return blobs.map(blob =>
        blob.name.startsWith(PREFIX) ? blob.name.slice(PREFIX.length) : `/${blob.name}`,
      )
    },
    async parts(key) {
      const blob = container.getBlockBlobClient(PREFIX + key)
      const list = await blob.getBlockList('uncommitted').catch(() => null)
      return list?.uncommittedBlocks?.length ?? 0
    },
    async put(blobName, text) {
      await container.getBlockBlobClient(PREFIX + blobName).upload(text, Buffer.byteLength(text))
    },
  }
}
