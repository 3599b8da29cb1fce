import type { StorageDriver } from './driver.ts'
import { openDriver, type StorageVariables } from './storage-url.ts'

/** How stores are named; media say by it where they lie. */
export const STORE_NAME = /^[a-z][a-z0-9-]{0,31}$/

/** The id of the store that STORAGE_URL names. */
export const DEFAULT_STORE = 'default'

/** Opens stores by their ids, all or none: rejects with an Error that names the store that cannot be opened, and closes the others. */
export async function openStores(
  urls: Readonly<Record<string, string>>,
  variables: StorageVariables,
): Promise<ReadonlyMap<string, StorageDriver>> {
  const opened = new Map<string, StorageDriver>()
  try {
    for (const [id, url] of Object.entries(urls)) {
      const driver = await openDriver(url, variables).catch(cause => {
        throw new Error(
          `the store ${id} cannot be opened: ${cause instanceof Error ? cause.message : cause}`,
          {
            cause,
          },
        )
      })
      opened.set(id, driver)
    }
    return opened
  } catch (error) {
    await Promise.allSettled([...opened.values()].map(driver => driver.close()))
    throw error
  }
}
