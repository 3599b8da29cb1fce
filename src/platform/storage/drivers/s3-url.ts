import { matching, oneOf, type ParameterTable, readParameters, yesOrNo } from './url-parameters.ts'

/** What an `s3:` URL says. Credentials are no part of it: they come from the variables and files of the vendor's SDK. */
export interface S3Options {
  readonly bucket: string
  /** What the names of all objects begin with: empty, or ending with a slash. */
  readonly prefix: string
  /** Where the store is, when it is not Amazon's. */
  readonly endpoint?: string
  readonly region?: string
  /** Whether the bucket is named in the path and not in the host. */
  readonly forcePathStyle: boolean
  readonly checksums: 'when_required' | 'when_supported'
  readonly createBucket: boolean
  readonly sse?: 'AES256' | 'aws:kms'
}

export const S3_FORM = 's3://BUCKET/PREFIX?endpoint=URL'

/** The parameters of the URL. A reader throws an Error that says what is allowed. */
const PARAMETERS = {
  endpoint: endpointOf,
  region: matching(/^[A-Za-z0-9-]{1,64}$/, 'a name such as eu-central-1'),
  forcePathStyle: yesOrNo,
  checksums: oneOf(['when_required', 'when_supported']),
  createBucket: yesOrNo,
  sse: oneOf(['AES256', 'aws:kms']),
} satisfies ParameterTable

/** The bucket rules that all stores share; some stores narrow them further. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
/** A segment that begins with a dot would be among the driver's own names. */
const PREFIX = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/
/** S3 takes names of 1 024 bytes; the longest key and the driver's own names take less than half of them. */
const LONGEST_PREFIX = 500

/** Reads `s3://BUCKET/PREFIX?…`; throws an Error that says what is wrong and what is allowed, and never repeats a secret. */
export function s3Options(url: string): S3Options {
  const match = /^s3:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url)
  if (!match) throw new Error(`allowed is: ${S3_FORM}`)
  const [, bucket = '', path = '', query = ''] = match
  if (bucket.includes('@'))
    throw new Error('credentials are no part of the URL: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  if (!BUCKET.test(bucket))
    throw new Error(
      `a bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens; allowed is: ${S3_FORM}`,
    )
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`
  if (!PREFIX.test(prefix) || prefix.length > LONGEST_PREFIX)
    throw new Error('a prefix has segments of letters, digits, "-", "_" and "." that begin with no dot')
  const given = readParameters(PARAMETERS, query)
  return {
    bucket,
    prefix,
    ...(given.endpoint !== undefined && { endpoint: given.endpoint }),
    ...(given.region !== undefined && { region: given.region }),
    ...(given.sse !== undefined && { sse: given.sse }),
    forcePathStyle: given.forcePathStyle ?? false,
    // Stores that speak S3 without being Amazon's often refuse the checksums that newer SDKs add by themselves.
    checksums: given.checksums ?? (given.endpoint === undefined ? 'when_supported' : 'when_required'),
    createBucket: given.createBucket ?? false,
  }
}

function endpointOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  const bare =
    url &&
    ['http:', 'https:'].includes(url.protocol) &&
    [url.username, url.password, url.search].join('') === ''
  if (!bare || url.pathname !== '/' || url.hash !== '')
    throw new Error('http://HOST:PORT or https://HOST, without a path and without credentials')
  return url.origin
}
