import { azureEndpoint } from './azure-account.ts'
import { type ParameterTable, readParameters, yesOrNo } from './url-parameters.ts'

/** What an `azure:` URL says. Credentials are no part of it: see `AzureVariables`. */
export interface AzureOptions {
  readonly container: string
  /** What the names of all blobs begin with: empty, or ending with a slash. */
  readonly prefix: string
  /** Where the account is, when neither the public cloud nor the connection string says so. */
  readonly endpoint?: string
  readonly createContainer: boolean
}

export const AZURE_FORM = 'azure://CONTAINER/PREFIX'

const PARAMETERS = {
  endpoint: azureEndpoint,
  createContainer: yesOrNo,
} satisfies ParameterTable

/** See "Naming and Referencing Containers, Blobs, and Metadata". */
const CONTAINER = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/
/** A segment that begins with a dot would be among the driver's own names; Azure drops a dot at the end of one. */
const PREFIX = /^(?:[A-Za-z0-9_-](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?\/)*$/
/** Azure takes names of 1 024 characters and 254 segments; the longest key and the driver's own names have half of them. */
const LONGEST_PREFIX = 250

/** Reads `azure://CONTAINER/PREFIX?…`; throws an Error that says what is wrong and what is allowed, and never repeats a secret. */
export function azureOptions(url: string): AzureOptions {
  const match = /^azure:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url)
  if (!match) throw new Error(`allowed is: ${AZURE_FORM}`)
  const [, container = '', path = '', query = ''] = match
  if (container.includes('@'))
    throw new Error('credentials are no part of the URL: set AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY')
  if (!CONTAINER.test(container))
    throw new Error(
      `a container's name has 3 to 63 lower-case letters, digits and single hyphens; allowed is: ${AZURE_FORM}`,
    )
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`
  if (!PREFIX.test(prefix) || prefix.length > LONGEST_PREFIX)
    throw new Error(
      'a prefix has segments of letters, digits, "-", "_" and "." that neither begin nor end with a dot',
    )
  const { endpoint, createContainer = false } = readParameters(PARAMETERS, query)
  return { container, prefix, createContainer, ...(endpoint !== undefined && { endpoint }) }
}
