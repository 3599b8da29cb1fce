import { setImmediate } from 'node:timers/promises'
import { HeadBucketCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type {
  PresignedParts,
  PresignedRequest,
  PresignedUrls,
  PresignedWrites,
  PresignGet,
  PresignParts,
  PresignPut,
  UploadHandle,
} from '../driver.ts'
import type { StorageKey } from '../key.ts'
import type { S3Bucket } from './s3-bucket.ts'
import { uploadOf } from './s3-handle.ts'
import { evenPartBytes, MOST_PART_BYTES, MOST_PARTS } from './s3-part-size.ts'

interface Unsigned {
  readonly method: 'GET' | 'PUT'
  readonly key: StorageKey
  readonly query?: Readonly<Record<string, string>>
  /** Signed, so that a request that has others is refused. */
  readonly headers?: Readonly<Record<string, string>>
  readonly expiresInSeconds: number
}

interface Means {
  /** Where the bucket is: in the path or in the host, as the SDK decides for its own requests. */
  readonly address: URL
  /** Asks for the credentials anew each time. */
  readonly signer: Presigner
}

/** Bytes of a part that a client sends, unless that would be too many parts. */
const CLIENT_PART_BYTES = 16 * 1024 * 1024
const CONTENT_HASH = 'x-amz-content-sha256'
const HASH_PARAMETER = 'X-Amz-Content-Sha256'
const SIGNED_AT_A_TIME = 50
const UNSIGNED = 'UNSIGNED-PAYLOAD'
const LONGEST_SECONDS = 7 * 24 * 3600

type Query = Record<string, string | string[] | null>

/** What the SDK's signers can do beside what their type says. */
interface Presigner {
  presign(
    request: {
      readonly method: string
      readonly protocol: string
      readonly hostname: string
      readonly port?: number
      readonly path: string
      readonly query: Query
      readonly headers: Record<string, string>
    },
    options: { readonly expiresIn: number; readonly unhoistableHeaders: Set<string> },
  ): Promise<{ readonly query?: Query }>
}

/** Presigned requests of AWS Signature Version 4, made without a request to the store; good for seven days at most. */
export class S3PresignedUrls implements PresignedUrls, PresignedWrites {
  readonly writes = this
  readonly maxPutBytes = MOST_PART_BYTES
  #bucket: S3Bucket
  #means: Promise<Means> | undefined

  constructor(bucket: S3Bucket) {
    this.#bucket = bucket
  }

  async get(key: StorageKey, options: PresignGet): Promise<string> {
    const { expiresInSeconds, mimeType, disposition } = options
    const query = {
      ...(mimeType !== undefined && { 'response-content-type': mimeType }),
      ...(disposition !== undefined && { 'response-content-disposition': disposition }),
    }
    return (await this.#sign({ method: 'GET', key, query, expiresInSeconds })).url
  }

  /** The store compares both headers with what comes: see "x-amz-content-sha256" in the signature's specification. */
  async put(key: StorageKey, { expiresInSeconds, size, sha256 }: PresignPut): Promise<PresignedRequest> {
    if (size > this.maxPutBytes) throw new Error(`one PUT takes at most ${this.maxPutBytes} bytes`)
    const headers = {
      'content-length': String(size),
      [CONTENT_HASH]: sha256,
      ...(this.#bucket.sse !== undefined && { 'x-amz-server-side-encryption': this.#bucket.sse }),
    }
    return this.#sign({ method: 'PUT', key, headers, expiresInSeconds })
  }

  async parts(handle: UploadHandle, { expiresInSeconds, size }: PresignParts): Promise<PresignedParts> {
    const { key, id } = uploadOf(handle)
    const partSize = evenPartBytes(size, CLIENT_PART_BYTES)
    if (partSize > MOST_PART_BYTES)
      throw new Error(`an upload takes at most ${MOST_PARTS * MOST_PART_BYTES} bytes`)
    const count = Math.max(1, Math.ceil(size / partSize))
    const requests: PresignedRequest[] = []
    for (let number = 1; number <= count; number++) {
      // Thousands of signatures take a second or more, which others must not wait for.
      if (number % SIGNED_AT_A_TIME === 0) await setImmediate()
      const query = { partNumber: String(number), uploadId: id }
      const bytes = number < count ? partSize : size - partSize * (count - 1)
      const headers = { 'content-length': String(bytes) }
      requests.push(await this.#sign({ method: 'PUT', key, query, headers, expiresInSeconds }))
    }
    return { partSize, requests }
  }

  async #sign({ method, key, query, headers, expiresInSeconds }: Unsigned): Promise<PresignedRequest> {
    if (expiresInSeconds > LONGEST_SECONDS)
      throw new Error(`a signature is good for ${LONGEST_SECONDS} s at most`)
    const { address, signer } = await this.#ready()
    const { protocol, hostname, port, host, pathname } = address
    const path = pathname + this.#bucket.at(key).Key
    const signed = await signer.presign(
      {
        method,
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path,
        query: { ...query },
        headers: {
          host,
          ...(headers?.[CONTENT_HASH] === undefined && { [HASH_PARAMETER]: UNSIGNED }),
          ...headers,
        },
      },
      // What is not a header of the client's request moves into the query, where it is signed as well.
      { expiresIn: expiresInSeconds, unhoistableHeaders: new Set(Object.keys(headers ?? {})) },
    )
    return {
      method,
      url: `${protocol}//${host}${path}?${encoded(signed.query ?? {})}`,
      headers: headers ?? {},
    }
  }

  /** Found out once; again when that failed, since credentials may come late. */
  #ready(): Promise<Means> {
    this.#means ??= meansOf(this.#bucket).catch(error => {
      this.#means = undefined
      throw error
    })
    return this.#means
  }
}

async function meansOf(bucket: S3Bucket): Promise<Means> {
  const address = new URL(await getSignedUrl(bucket.client, new HeadBucketCommand({ Bucket: bucket.name })))
  if (!address.pathname.endsWith('/')) address.pathname += '/'
  const signer: object = await bucket.client.config.signer()
  if (!isPresigner(signer)) throw new Error('the SDK has no signer of URLs')
  return { address, signer }
}

function isPresigner(signer: object): signer is Presigner {
  return 'presign' in signer
}

/** As signatures want it: everything but the unreserved characters of RFC 3986 in percents. */
function encoded(query: Query): string {
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  return Object.entries(query)
    .map(([name, value]) => `${escaped(name)}=${escaped(String(value ?? ''))}`)
    .join('&')
}
