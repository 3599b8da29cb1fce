import { describeStorageDriver } from '../../src/platform/storage/suite/storage-driver.ts'
import { type Azurite, isAzuriteMissing, startAzurite } from '../support/azurite.ts'
import { countOf } from '../support/counts.ts'
import { describeAzureResumable } from './storage-azure-resumable.ts'
import { azureStore } from './storage-azure-store.ts'
import { describeAzureWrites } from './storage-azure-writes.ts'
import { describeObjectWrites } from './storage-object-writes.ts'

if (isAzuriteMissing()) {
  it('against a blob service is left out: there is no azurite here', () => undefined)
} else {
  let azurite: Azurite

  beforeAll(async () => {
    azurite = await startAzurite()
  }, 60_000)

  afterAll(async () => azurite[Symbol.asyncDispose]())

  describeStorageDriver('azure', () => azureStore(azurite), {
    resumable: true,
    presign: 'reads',
    join: true,
    manyKeys: countOf({ daily: 1001, thorough: 10_000 }),
  })

  describe('the Azure store', () => {
    describeObjectWrites(() => azureStore(azurite))
    describeAzureWrites(() => azurite)
    describeAzureResumable(() => azurite)
  })
}
