import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StorageDriver } from './driver.ts'
import { type AzureVariables, azureAccount } from './drivers/azure-account.ts'
import { AZURE_FORM, azureOptions } from './drivers/azure-url.ts'
import { S3_FORM, s3Options } from './drivers/s3-url.ts'

/** What the environment says beside the URL; the SDK of S3 reads its own variables by itself. */
export type StorageVariables = AzureVariables

interface Scheme {
  /** How a value of this scheme looks, for messages and docs. */
  readonly form: string
  /** Throws an Error that says what is wrong with the value. */
  readonly check: (url: string) => void
  /** Loads the driver, with its SDK if it has one, only now. */
  readonly open: (url: string, variables: StorageVariables) => Promise<StorageDriver>
}

const schemes = {
  file: {
    form: 'file:PATH',
    check: filePath,
    open: async url => (await import('./drivers/local.ts')).openLocalDriver({ root: filePath(url) }),
  },
  s3: {
    form: S3_FORM,
    check: s3Options,
    open: async url => (await import('./drivers/s3.ts')).openS3Driver(s3Options(url)),
  },
  azure: {
    form: AZURE_FORM,
    check: azureOptions,
    open: async (url, variables) => {
      const options = azureOptions(url)
      const account = azureAccount(variables, options.endpoint)
      return (await import('./drivers/azure.ts')).openAzureDriver(options, account)
    },
  },
  memory: {
    form: 'memory:',
    check: url => {
      if (url !== 'memory:') throw new Error('nothing may follow "memory:"')
    },
    open: async () => new (await import('./drivers/memory.ts')).MemoryDriver(),
  },
} satisfies Record<string, Scheme>

const ALLOWED = Object.values(schemes)
  .map(scheme => scheme.form)
  .join(', ')

/**
 * Promises that `openDriver` knows the form of this URL; throws an Error whose message says what is wrong and what is
 * allowed, without repeating the URL. Touches no store.
 */
export function checkStorageUrl(url: string): void {
  schemeOf(url).check(url)
}

/**
 * Opens the store that a storage URL names: `file:PATH` (a folder, made when missing; a relative path counts from the
 * working folder), `s3://BUCKET/PREFIX` (see `S3Options`), `azure://CONTAINER/PREFIX`
 * (see `AzureOptions`) or `memory:` (a store of its own at each call). Rejects as `checkStorageUrl` throws, and with the
 * store's own error when it cannot be opened.
 */
export async function openDriver(url: string, variables: StorageVariables = {}): Promise<StorageDriver> {
  const scheme = schemeOf(url)
  scheme.check(url)
  return scheme.open(url, variables)
}

function schemeOf(url: string): Scheme {
  const name = /^([a-z][a-z0-9+.-]*):/.exec(url)?.[1]
  if (name === undefined) throw new Error(`a storage URL begins with a scheme; allowed are: ${ALLOWED}`)
  if (!Object.hasOwn(schemes, name))
    throw new Error(`there is no storage scheme "${name}:"; allowed are: ${ALLOWED}`)
  return schemes[name as keyof typeof schemes]
}

/** `file:data/files`, `file:/srv/files` and `file:///srv/files`; only the last form is percent-decoded (RFC 8089). */
function filePath(url: string): string {
  const rest = url.slice('file:'.length)
  if (rest === '') throw new Error('the path is missing; allowed is: file:PATH')
  if (rest.includes('\0')) throw new Error('a path has no NUL; allowed is: file:PATH')
  if (!rest.startsWith('//')) return resolve(rest)
  try {
    return fileURLToPath(url)
  } catch (cause) {
    throw new Error('a path after "file://" is absolute: file:///srv/files, or else file:PATH', { cause })
  }
}
