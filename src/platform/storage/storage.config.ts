import { type ConfigTable, type Parsed, text } from '../config.ts'
import { AZURE_ACCOUNT, AZURE_KEY, type AzureAccount, azureConnection } from './drivers/azure-account.ts'
import { checkStorageUrl, type DriverModules, isBuiltIn, SCHEME, withoutCredentials } from './storage-url.ts'
import { DEFAULT_STORE, STORE_NAME } from './stores.ts'

type Named = Readonly<Record<string, string>>

/** `NAME=VALUE`, each name once, parted by white space; null when that is not its form. */
function pairs(input: string, name: RegExp): Named | null {
  const found = input.split(/\s+/).map(pair => /^([^=]+)=(.+)$/.exec(pair)?.slice(1) ?? [])
  const isFit = found.every(([key = '']) => name.test(key))
  return isFit && new Set(found.map(([key]) => key)).size === found.length ? Object.fromEntries(found) : null
}

function stores(input: string): Parsed<Named> {
  const read = pairs(input, STORE_NAME)
  if (read && !Object.hasOwn(read, DEFAULT_STORE)) return { value: read }
  return {
    allowed: `NAME=URL parted by blanks, each name once, in lower case, and none of them "${DEFAULT_STORE}", which is STORAGE_URL`,
  }
}

function drivers(input: string): Parsed<DriverModules> {
  const read = pairs(input, /^[a-z][a-z0-9+.-]*$/)
  if (read && !Object.keys(read).some(isBuiltIn)) return { value: read }
  return { allowed: 'SCHEME=MODULE parted by blanks, each scheme once, and none of the gateway itself' }
}

function connection(input: string): Parsed<AzureAccount> {
  try {
    return { value: azureConnection(input) }
  } catch (error) {
    return { allowed: error instanceof Error ? error.message : String(error) }
  }
}

export const storageConfig = {
  STORAGE_URL: {
    default: undefined as string | undefined,
    defaultText: '`file:DATA_DIR/files`',
    about:
      'Where the bytes lie: `file:PATH`, `s3://BUCKET/PREFIX?endpoint=URL` or `azure://CONTAINER/PREFIX` (see the README), or `memory:` for a demonstration that forgets.',
    conceal: withoutCredentials,
    // Whether there is such a scheme depends on STORAGE_DRIVERS: see storeProblems.
    parse: (input: string): Parsed<string> =>
      SCHEME.test(input) ? { value: input } : { allowed: 'a URL such as file:PATH' },
  },
  STORES: {
    default: {} as Named,
    defaultText: 'none',
    about:
      'Further stores, as `NAME=URL` parted by blanks (`archive=s3://… disk2=file:/mnt/media`); STORAGE_URL is the one named `default`.',
    conceal: withoutCredentials,
    parse: stores,
  },
  STORAGE_DRIVERS: {
    default: {} as DriverModules,
    defaultText: 'none',
    about:
      'Drivers from outside, as `SCHEME=MODULE` parted by blanks: a package, or the path of a file (examples/custom-driver).',
    parse: drivers,
  },
  AZURE_STORAGE_CONNECTION_STRING: {
    default: undefined as AzureAccount | undefined,
    defaultText: 'none',
    about: 'For a store of Azure: account, key and address, as the portal shows them.',
    secret: true,
    parse: connection,
  },
  AZURE_STORAGE_ACCOUNT: {
    default: undefined as string | undefined,
    defaultText: 'none',
    about: 'For a store of Azure, instead of the connection string: the name of the account.',
    parse: text(AZURE_ACCOUNT, 'lower-case letters and digits'),
  },
  AZURE_STORAGE_KEY: {
    default: undefined as string | undefined,
    defaultText: 'none',
    about: 'For a store of Azure, instead of the connection string: one of the keys of the account.',
    secret: true,
    parse: text(AZURE_KEY, 'a key in Base64'),
  },
} satisfies ConfigTable

export interface StoreSettings {
  readonly STORAGE_URL: string | undefined
  readonly STORES: Named
  readonly STORAGE_DRIVERS: DriverModules
}

/** What is wrong with the URLs of the stores, in the form of other problems of the configuration. */
export function storeProblems({ STORAGE_URL, STORES, STORAGE_DRIVERS }: StoreSettings): string[] {
  const urls = Object.entries(STORES).map(([name, url]): [string, string] => [`STORES: ${name}`, url])
  if (STORAGE_URL !== undefined) urls.unshift(['STORAGE_URL', STORAGE_URL])
  return urls.flatMap(([variable, url]) => {
    try {
      checkStorageUrl(url, { STORAGE_DRIVERS })
      return []
    } catch (error) {
      return [
        `${variable} is ${JSON.stringify(withoutCredentials(url))}: ${error instanceof Error ? error.message : error}`,
      ]
    }
  })
}
