import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { StorageDriver } from './driver.ts'
import { type AzureVariables, azureAccount } from './drivers/azure-account.ts'
import { AZURE_FORM, azureOptions } from './drivers/azure-url.ts'
import { S3_FORM, s3Options } from './drivers/s3-url.ts'

/** What the module of a driver exports that is not part of the gateway. */
export interface DriverModule {
  /** Throws an Error that says what is wrong with the URL and what is allowed; touches no store. */
  checkUrl?(url: string): void
  /** Opens the store; rejects with an Error that says what keeps it from being opened. */
  openDriver(url: string): Promise<StorageDriver>
}

/** Modules by the scheme whose URLs they open: a package's name, or the path of a file. */
export type DriverModules = Readonly<Record<string, string>>

/** What the environment says beside the URL; the SDK of S3 reads its own variables by itself. */
export type StorageVariables = AzureVariables & { readonly STORAGE_DRIVERS?: DriverModules }

interface Scheme {
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
} satisfies Record<string, Scheme & { readonly form: string }>

/** How a storage URL begins. */
export const SCHEME = /^([a-z][a-z0-9+.-]*):/

/** A text with storage URLs in it, without the user names and passwords that drivers from outside may take in theirs. */
export const withoutCredentials = (text: string): string => text.replace(/(:\/\/)[^\s/?#]*@/g, '$1…@')

/** Whether drivers of the gateway's own open such URLs. */
export const isBuiltIn = (scheme: string): scheme is keyof typeof schemes => Object.hasOwn(schemes, scheme)

/**
 * Promises that `openDriver` knows the form of this URL; throws an Error whose message says what is wrong and what is
 * allowed, without repeating the URL. Touches no store, and loads no module.
 */
export function checkStorageUrl(
  url: string,
  variables: Pick<StorageVariables, 'STORAGE_DRIVERS'> = {},
): void {
  schemeOf(url, variables).check(url)
}

/**
 * Opens the store that a storage URL names: `file:PATH` (a folder, made when missing; a relative path counts from the
 * working folder), `s3://BUCKET/PREFIX` (see `S3Options`), `azure://CONTAINER/PREFIX` (see `AzureOptions`), `memory:` (a
 * store of its own at each call), or one of a scheme that a module opens. Rejects as `checkStorageUrl` throws, and with the
 * store's own error when it cannot be opened.
 */
export async function openDriver(url: string, variables: StorageVariables = {}): Promise<StorageDriver> {
  const scheme = schemeOf(url, variables)
  scheme.check(url)
  return scheme.open(url, variables)
}

function schemeOf(
  url: string,
  { STORAGE_DRIVERS: modules = {} }: Pick<StorageVariables, 'STORAGE_DRIVERS'>,
): Scheme {
  const name = SCHEME.exec(url)?.[1]
  if (name === undefined)
    throw new Error(`a storage URL begins with a scheme; allowed are: ${allowed(modules)}`)
  if (isBuiltIn(name)) return schemes[name]
  const module = Object.hasOwn(modules, name) ? modules[name] : undefined
  if (module === undefined)
    throw new Error(`there is no storage scheme "${name}:"; allowed are: ${allowed(modules)}`)
  return { check: () => undefined, open: url => openByModule(module, url) }
}

function allowed(modules: DriverModules): string {
  const forms = Object.values(schemes).map(({ form }) => form)
  return [...forms, ...Object.keys(modules).map(name => `${name}:…`)].join(', ')
}

/** The path of a file counts from the working folder; a package is found from where the gateway is installed. */
async function openByModule(module: string, url: string): Promise<StorageDriver> {
  const isPath = /^\.{0,2}\//.test(module)
  const loaded: Partial<DriverModule> = await import(isPath ? pathToFileURL(resolve(module)).href : module)
  if (typeof loaded.openDriver !== 'function')
    throw new Error(`the module ${module} exports no openDriver(url), as a storage driver's must`)
  loaded.checkUrl?.(url)
  return loaded.openDriver(url)
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
