/** Who asks, where, and what requests are signed with. */
export interface AzureAccount {
  readonly name: string
  /** Base64. */
  readonly key: string
  /** Without a slash at its end. */
  readonly endpoint: string
}

/** What the vendor's own tools read from the environment, too. */
export interface AzureVariables {
  readonly AZURE_STORAGE_CONNECTION_STRING?: AzureAccount | undefined
  readonly AZURE_STORAGE_ACCOUNT?: string | undefined
  readonly AZURE_STORAGE_KEY?: string | undefined
}

/** Letters and digits; those of emulators and private clouds may be longer than the 24 of Azure. */
export const AZURE_ACCOUNT = /^[a-z0-9]{3,63}$/
export const AZURE_KEY = /^(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * Reads a connection string as the portal shows it: `AccountName=…;AccountKey=…` and, unless it is in the public cloud,
 * `BlobEndpoint=…` or `EndpointSuffix=…`. Throws an Error that says what is allowed.
 */
export function azureConnection(text: string): AzureAccount {
  const parts = new Map(text.split(';').map(part => split(part.trim())))
  const [name = '', key = ''] = [parts.get('AccountName'), parts.get('AccountKey')]
  if (!AZURE_ACCOUNT.test(name) || !AZURE_KEY.test(key))
    throw new Error(
      'AccountName=NAME;AccountKey=KEY with or without BlobEndpoint=URL; a shared access signature does not do',
    )
  const protocol = parts.get('DefaultEndpointsProtocol') ?? 'https'
  const host = `${name}.blob.${parts.get('EndpointSuffix') ?? 'core.windows.net'}`
  return { name, key, endpoint: azureEndpoint(parts.get('BlobEndpoint') ?? `${protocol}://${host}`) }
}

/** The address of a blob service: emulators have the account's name in its path. Throws an Error that says what is allowed. */
export function azureEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const bare = url && [url.username, url.password, url.search, url.hash].join('') === ''
  if (!bare || !['http:', 'https:'].includes(url.protocol) || !/^\/(?:[a-z0-9]+\/?)?$/.test(url.pathname))
    throw new Error('http://HOST:PORT/ACCOUNT or https://ACCOUNT.HOST, without credentials')
  return url.href.replace(/\/$/, '')
}

/** The account that the variables name; `endpoint` is that of the store's URL. Throws an Error that says what is missing. */
export function azureAccount(variables: AzureVariables, endpoint?: string): AzureAccount {
  const { AZURE_STORAGE_CONNECTION_STRING: connection } = variables
  const { AZURE_STORAGE_ACCOUNT: name, AZURE_STORAGE_KEY: key } = variables
  if (connection) return { ...connection, ...(endpoint !== undefined && { endpoint }) }
  if (!name || !key)
    throw new Error(
      'no credentials were found: set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY',
    )
  return { name, key, endpoint: endpoint ?? `https://${name}.blob.core.windows.net` }
}

function split(part: string): [string, string] {
  const at = part.indexOf('=')
  return [part.slice(0, Math.max(at, 0)), part.slice(at + 1)]
}
