import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { azureFolder } from './azure-folder.ts'
import { s3Folder } from './s3-folder.ts'

/** An empty store of one gateway under test and of those beside it. */
export interface TestStore {
  /** As STORAGE_URL has it. */
  readonly url: string
  /** What the programs that use it need in their environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Whatever lies there, whole or not, as the store itself lists it: what the driver does not tell of, too. */
  names(): Promise<string[]>
  /** Removes it, with all that is left in it. */
  remove(): Promise<void>
}

/** The name of a whole blob, as all stores have it: two folders of the end of a UUID, and the UUID. */
export const BLOB_NAME = /^([0-9a-f]{2}\/){2}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

interface Kind {
  /** Whether it hands out presigned requests: the ways in differ by it. */
  readonly presigns: boolean
  /** So much of a body may have arrived without being durable, in MiB: what a kill of the gateway costs the client. */
  readonly mostOnTheWay: number
  /** `folder` is where files may lie, and is not there yet. */
  readonly open: (folder: string) => Promise<TestStore>
}

/** What a gateway under test may have its bytes in. */
const STORES = {
  file: {
    presigns: false,
    mostOnTheWay: 2,
    open: async folder => ({
      url: `file:${folder}`,
      environment: {},
      names: () => filesBelow(folder),
      // Its folder is in one that its owner removes.
      remove: async () => undefined,
    }),
  },
  s3: {
    presigns: true,
    // Parts of 5 MiB of which three are on the way, and each counts when all before it are there.
    mostOnTheWay: 40,
    open: () => s3Folder(`${randomUUID()}/`),
  },
  azure: {
    // Its signatures say nothing of what comes.
    presigns: false,
    mostOnTheWay: 40,
    open: () => azureFolder(`${randomUUID()}/`),
  },
} satisfies Record<string, Kind>

export type StoreName = keyof typeof STORES

/** The kind of store that the suites run on: TEST_STORE, files otherwise. */
export const TEST_STORE = nameOf(process.env.TEST_STORE || 'file')

export const { presigns: PRESIGNS, mostOnTheWay: MOST_ON_THE_WAY } = STORES[TEST_STORE]

/** Opens one of a kind. */
export async function openTestStore(folder: string, name: StoreName = TEST_STORE): Promise<TestStore> {
  return STORES[name].open(folder)
}

function nameOf(text: string): StoreName {
  if (!Object.hasOwn(STORES, text))
    throw new Error(`TEST_STORE is ${JSON.stringify(text)}: allowed are ${Object.keys(STORES).join(', ')}`)
  return text as StoreName
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
