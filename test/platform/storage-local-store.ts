import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLocalDriver } from '../../src/platform/storage/drivers/local.ts'
import type { StoreUnderTest } from '../../src/platform/storage/suite/store-under-test.ts'

export interface LocalStore extends StoreUnderTest {
  readonly root: string
  /** Names in the staging folder. */
  staging(): Promise<string[]>
}

/** A local store in a folder of its own, below `parent`. */
export async function localStore(parent = tmpdir()): Promise<LocalStore> {
  const root = await mkdtemp(join(parent, 'local-store-'))
  return {
    root,
    driver: await openLocalDriver({ root }),
    another: () => openLocalDriver({ root }),
    openResources: () => descriptorsBelow(root),
    staging: () => readdir(join(root, '.staging')),
    dispose: () => rm(root, { recursive: true }),
  }
}

/** Descriptors of this process that point below a folder, where the system shows them. */
async function descriptorsBelow(root: string): Promise<number> {
  const descriptors = process.platform === 'linux' ? await readdir('/proc/self/fd') : []
  const targets = await Promise.all(descriptors.map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return targets.filter(target => target.startsWith(root)).length
}
