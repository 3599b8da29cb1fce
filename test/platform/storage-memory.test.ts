import { emptyMemoryState, MemoryDriver } from '../../src/platform/storage/drivers/memory.ts'
import { describeStorageDriver } from '../../src/platform/storage/suite/storage-driver.ts'

describeStorageDriver(
  'memory',
  async () => {
    const state = emptyMemoryState()
    return {
      driver: new MemoryDriver({ state }),
      another: async () => new MemoryDriver({ state }),
      dispose: async () => undefined,
    }
  },
  { resumable: true },
)
