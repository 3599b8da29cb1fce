import { IncomingMessage } from 'node:http'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { StorageConflict } from '../driver.ts'
import { isStorageKey, type StorageKey, storageKey } from '../key.ts'
import { isMissing, isNotImplemented, isTaken, told } from './s3-errors.ts'
import type { S3Options } from './s3-url.ts'
import { endWhenStalled } from './stalled-body.ts'

/** What unfinished writes leave in the bucket: no key begins with a dot, so that none can name it. */
const UNFINISHED = '.unfinished/'
/** How long a store may be silent: to a request until its answer begins, and then in the middle of that. */
const PATIENCE = { requestMs: 20_000, silenceMs: 30_000 }
/** Least pace of a request that sends bytes, below which it counts as lost. */
const LEAST_BYTES_PER_MS = 64
const CHECK_MS = 5000
const CONNECT_MS = 5000
/** Every download holds a socket for as long as its reader takes. */
const MOST_SOCKETS = 2048

/** Which write an object is of: told by the object itself, since the answer to the request that made it may be lost. */
export type WriteId = string

export interface PutOptions {
  readonly writeId: WriteId
  readonly mimeType?: string
  readonly signal?: AbortSignal
}

export type Patience = typeof PATIENCE

/** A bucket, and below a prefix of its names our objects and what is known of unfinished ones. */
export class S3Bucket {
  readonly client: S3Client
  readonly name: string
  readonly sse: S3Options['sse']
  readonly #prefix: string
  readonly #patience: Patience
  /** False once the store has said that it knows no conditional writes. */
  #conditional = true

  constructor(options: S3Options, patience: Patience = PATIENCE) {
    this.name = options.bucket
    this.#patience = patience
    this.sse = options.sse
    this.#prefix = options.prefix
    const checksums = options.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED'
    this.client = new S3Client({
      ...(options.endpoint !== undefined && {
        endpoint: options.endpoint,
        region: options.region ?? 'us-east-1',
      }),
      ...(options.region !== undefined && { region: options.region }),
      forcePathStyle: options.forcePathStyle,
      requestChecksumCalculation: checksums,
      responseChecksumValidation: checksums,
      // What fails for the store's reasons the SDK sends three times, with pauses by chance, or as AWS_MAX_ATTEMPTS says.
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        // Ends with the headers of the answer.
        requestTimeout: patience.requestMs,
        throwOnRequestTimeout: true,
        httpAgent: { maxSockets: MOST_SOCKETS },
        httpsAgent: { maxSockets: MOST_SOCKETS },
      },
    })
    this.client.middlewareStack.add(
      next => async args => {
        try {
          return await next(args)
        } catch (error) {
          throw told(error)
        }
      },
      { step: 'initialize', priority: 'high', name: 'told' },
    )
    this.client.middlewareStack.add(
      next => async args => {
        const result = await next(args)
        const { body } = result.response as { body?: unknown }
        if (body instanceof IncomingMessage) endWhenStalled(body, patience.silenceMs)
        return result
      },
      { step: 'deserialize', priority: 'low', name: 'endWhenStalled' },
    )
  }

  /** Where an object lies; throws for what is no key. */
  at(key: StorageKey): { Bucket: string; Key: string } {
    return this.path(storageKey(key))
  }

  /** Where something of an unfinished write lies; without a name, the beginning that all of them share. */
  unfinishedAt(key: StorageKey, name = ''): { Bucket: string; Key: string } {
    return this.path(`${UNFINISHED}${storageKey(key)}/${name}`)
  }

  path(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.name, Key: this.#prefix + name }
  }

  /** The key of an object that lies there; null for what is not ours. */
  keyOf(path: string): StorageKey | null {
    const name = path.startsWith(this.#prefix) ? path.slice(this.#prefix.length) : ''
    return isStorageKey(name) ? name : null
  }

  /** Rejects when there is nothing to sign requests with; asks nothing of the store. */
  async assertConfigured(): Promise<void> {
    const { region, credentials } = this.client.config
    await region().catch(cause => {
      throw new Error('the region is missing: set AWS_REGION, or region= in the URL of the store', { cause })
    })
    await credentials().catch(cause => {
      throw new Error('no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY', { cause })
    })
  }

  /** Makes the bucket when it is missing. */
  async create(): Promise<void> {
    try {
      await this.client.send(new HeadBucketCommand({ Bucket: this.name }))
    } catch (error) {
      if (!isMissing(error)) throw error
      await this.client.send(new CreateBucketCommand({ Bucket: this.name })).catch(failure => {
        // Another node was faster.
        if (failure.name !== 'BucketAlreadyOwnedByYou') throw failure
      })
    }
  }

  async check(): Promise<void> {
    await this.client.send(new HeadBucketCommand({ Bucket: this.name }), { requestTimeout: CHECK_MS })
  }

  /** Facts of an object; null when there is none, or no bucket: HEAD cannot tell these apart. */
  async head(at: { Bucket: string; Key: string }) {
    try {
      const found = await this.client.send(new HeadObjectCommand(at))
      return {
        size: found.ContentLength ?? 0,
        modifiedAt: found.LastModified ?? new Date(0),
        writeId: found.Metadata?.write,
      }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** What every object is written with, by one request or as parts. */
  headers({ writeId, mimeType }: PutOptions) {
    return {
      Metadata: { write: writeId },
      ...(mimeType !== undefined && { ContentType: mimeType }),
      ...(this.sse !== undefined && { ServerSideEncryption: this.sse }),
    }
  }

  /** Writes an object where none lies; StorageConflict when one does that is not of the same write. */
  async putNew(at: { Bucket: string; Key: string }, bytes: Buffer, options: PutOptions): Promise<void> {
    await this.exclusively(at, options.writeId, condition =>
      this.client.send(
        new PutObjectCommand({ ...at, ...this.headers(options), ...condition, Body: bytes }),
        this.uploadOptions(bytes, options.signal),
      ),
    )
  }

  /**
   * Sends a request that makes an object where none lies. A store that knows no conditions has been asked before by HEAD, and
   * two that write at once to one key are then not told apart.
   */
  async exclusively(
    at: { Bucket: string; Key: string },
    writeId: WriteId,
    send: (condition: { IfNoneMatch?: '*' }) => Promise<unknown>,
  ): Promise<void> {
    try {
      await send(this.#conditional ? { IfNoneMatch: '*' } : {})
    } catch (error) {
      if (this.#conditional && isNotImplemented(error)) {
        this.#conditional = false
        return this.exclusively(at, writeId, send)
      }
      if (!isTaken(error)) throw error
      const found = await this.head(at)
      // The first answer may have been lost, and the SDK has asked again.
      if (found?.writeId === writeId) return
      throw found ? new StorageConflict(`${at.Key} is taken`) : error
    }
  }

  async remove(at: { Bucket: string; Key: string }): Promise<void> {
    await this.client.send(new DeleteObjectCommand(at))
  }

  /** The names below `prefix`, without the bucket's own prefix, in the order of their bytes. */
  async *names(prefix: string): AsyncGenerator<string> {
    let token: string | undefined
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.name,
          Prefix: this.#prefix + prefix,
          ...(token !== undefined && { ContinuationToken: token }),
        }),
      )
      for (const { Key } of page.Contents ?? []) if (Key) yield Key.slice(this.#prefix.length)
      token = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (token !== undefined)
  }

  /** Keys that unfinished writes have left something of, each once for every name below it. */
  async *unfinishedKeys(): AsyncGenerator<StorageKey> {
    for await (const name of this.names(UNFINISHED)) {
      const key = name.slice(UNFINISHED.length, name.lastIndexOf('/'))
      if (isStorageKey(key)) yield key
    }
  }

  async *unfinishedNames(key: StorageKey): AsyncGenerator<string> {
    const below = `${UNFINISHED}${storageKey(key)}/`
    for await (const name of this.names(below)) yield name.slice(below.length)
  }

  /** The options of a request that sends so many bytes. */
  uploadOptions(bytes: Buffer, signal?: AbortSignal) {
    const requestTimeout = this.#patience.requestMs + Math.ceil(bytes.byteLength / LEAST_BYTES_PER_MS)
    return { requestTimeout, ...(signal && { abortSignal: signal }) }
  }
}
