import { type ConfigTable, type Parsed, text } from '../config.ts'
import { AZURE_ACCOUNT, AZURE_KEY, type AzureAccount, azureConnection } from './drivers/azure-account.ts'
import { checkStorageUrl } from './storage-url.ts'

const attempt =
  <T>(read: (input: string) => T) =>
  (input: string): Parsed<T> => {
    try {
      return { value: read(input) }
    } catch (error) {
      return { allowed: error instanceof Error ? error.message : String(error) }
    }
  }

function storageUrl(input: string): string {
  checkStorageUrl(input)
  return input
}

export const storageConfig = {
  STORAGE_URL: {
    default: undefined as string | undefined,
    defaultText: '`file:DATA_DIR/files`',
    about:
      'Where the bytes lie: `file:PATH`, `s3://BUCKET/PREFIX?endpoint=URL` or `azure://CONTAINER/PREFIX` (see the README), or `memory:` for a demonstration that forgets.',
    parse: attempt(storageUrl),
  },
  AZURE_STORAGE_CONNECTION_STRING: {
    default: undefined as AzureAccount | undefined,
    defaultText: 'none',
    about: 'For a store of Azure: account, key and address, as the portal shows them.',
    secret: true,
    parse: attempt(azureConnection),
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
