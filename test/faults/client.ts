import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { bytesOf, type Specimen } from './specimen.ts'

/** What became of an upload, as its client sees it. */
export type Outcome =
  | { readonly kind: 'acknowledged'; readonly id: string }
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly code: string
      readonly retryAfter: string | undefined
    }
  | { readonly kind: 'broken'; readonly reason: string }

export interface ListedMedia {
  readonly id: string
  readonly originalFileName: string
  readonly size: number
  readonly sha256: string
}

export interface Read {
  /** As it came, quotes included. */
  readonly etag: string | undefined
  /** Of the bytes, in hex. */
  readonly sha256: string
}

export interface UploadOptions {
  /** An abort cuts the connection. */
  readonly signal?: AbortSignal
  /** The connection stays open and silent after so many bytes. */
  readonly sendOnly?: number
  /** Sent along, so that the upload may be repeated. */
  readonly idempotencyKey?: string
}

interface GraphQLBody {
  readonly data?: { readonly [field: string]: unknown } | null
  readonly errors?: ReadonlyArray<{
    readonly message: string
    readonly extensions: { readonly code: string }
  }>
}

/** No step of the protocol takes this long: whoever waits longer has found a hang. */
const HANG_MS = 60_000
const BOUNDARY = 'specimen-boundary-5f0c1e'
const UPLOAD =
  'mutation ($input: UploadMediaInput!) { uploadMedia(input: $input) { media { id } userErrors { code } } }'

/** A user of the gateway, over HTTP alone; holds one chunk of a file at a time. */
export class Client {
  readonly #origin: string
  readonly #headers: Readonly<Record<string, string>>
  /** Whoever keeps connections may be refused in the middle of a body, and still reads the answer. */
  readonly #agent = new Agent({ keepAlive: true })

  constructor(origin: string, bearer: string) {
    this.#origin = origin
    this.#headers = { authorization: `Bearer ${bearer}`, 'apollo-require-preflight': 'true' }
  }

  /** Uploads by a GraphQL multipart request. Never rejects. */
  async upload(specimen: Specimen, options: UploadOptions = {}): Promise<Outcome> {
    const { signal, sendOnly = Infinity, idempotencyKey } = options
    try {
      const answer = await this.#send('/graphql', {
        method: 'POST',
        headers: {
          'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
          'transfer-encoding': 'chunked',
        },
        body: Readable.from(upTo(sendOnly, multipart(specimen, idempotencyKey)), { objectMode: false }),
        signal,
      })
      return outcomeOf(answer, JSON.parse(await text(answer)) as GraphQLBody)
    } catch (error) {
      return { kind: 'broken', reason: String(error) }
    }
  }

  /** Everything that this user sees. */
  async list(): Promise<ListedMedia[]> {
    const media: ListedMedia[] = []
    for (let after: string | null = null; ; ) {
      const { mediaItems } = (await this.#graphql(
        `query ($after: String) { mediaItems(first: 100, after: $after) {
           nodes { id originalFileName size sha256 } pageInfo { hasNextPage endCursor } } }`,
        { after },
      )) as { mediaItems: { nodes: ListedMedia[]; pageInfo: { hasNextPage: boolean; endCursor: string } } }
      media.push(...mediaItems.nodes)
      if (!mediaItems.pageInfo.hasNextPage) return media
      after = mediaItems.pageInfo.endCursor
    }
  }

  /** Bytes that are held for uploads under way. */
  async reserved(): Promise<number> {
    const { viewer } = (await this.#graphql('{ viewer { usage { bytes { reserved } } } }', {})) as {
      viewer: { usage: { bytes: { reserved: number } } }
    }
    return viewer.usage.bytes.reserved
  }

  /** The content as it is delivered. */
  async read(id: string): Promise<Read> {
    const answer = await this.#send(`/media/${id}/content`, {})
    if (answer.statusCode !== 200)
      throw new Error(`content of ${id}: ${answer.statusCode} ${await text(answer)}`)
    const hash = createHash('sha256')
    await pipeline(answer, hash)
    return { etag: answer.headers.etag, sha256: hash.digest('hex') }
  }

  /** SHA-256 of the content as it is delivered, in hex. */
  async download(id: string): Promise<string> {
    return (await this.read(id)).sha256
  }

  async delete(id: string): Promise<void> {
    await this.#graphql('mutation ($id: ID!) { deleteMedia(input: { id: $id }) { deletedMediaId } }', { id })
  }

  /** Status of `/health/ready`. */
  async ready(): Promise<number> {
    const answer = await this.#send('/health/ready', {})
    answer.resume()
    return answer.statusCode ?? 0
  }

  async #graphql(query: string, variables: object): Promise<unknown> {
    const answer = await this.#send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Readable.from([JSON.stringify({ query, variables })]),
    })
    const { data, errors } = JSON.parse(await text(answer)) as GraphQLBody
    if (errors) throw new Error(`GraphQL: ${JSON.stringify(errors)}`)
    return data
  }

  async #send(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: Readable; signal?: AbortSignal },
  ): Promise<IncomingMessage> {
    const outgoing = request(`${this.#origin}${path}`, {
      method: options.method,
      headers: { ...this.#headers, ...options.headers },
      signal: options.signal,
      agent: this.#agent,
    })
    outgoing.on('error', () => undefined)
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
    const hang = setTimeout(() => outgoing.destroy(new Error(`no answer within ${HANG_MS} ms`)), HANG_MS)
    // An answer may come before the end of the body, and then the body need not be taken: the answer is what counts.
    const sent = options.body ? pipeline(options.body, outgoing) : outgoing.end() && Promise.resolve()
    sent.catch(() => undefined)
    try {
      return (await answered)[0]
    } finally {
      clearTimeout(hang)
    }
  }
}

/** Lets about so many bytes pass, and then waits for ever. */
async function* upTo(bytes: number, parts: Iterable<string | Buffer>): AsyncGenerator<string | Buffer> {
  let sent = 0
  for (const part of parts) {
    yield part
    sent += part.length
    if (sent >= bytes) await new Promise(() => undefined)
  }
}

function* multipart(specimen: Specimen, idempotencyKey?: string): Generator<string | Buffer> {
  const operations = JSON.stringify({ query: UPLOAD, variables: { input: { file: null, idempotencyKey } } })
  const field = (name: string, value: string) =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  yield field('operations', operations) + field('map', '{"0":["variables.input.file"]}')
  yield `--${BOUNDARY}\r\nContent-Disposition: form-data; name="0"; filename="${specimen.name}"\r\n`
  yield 'Content-Type: application/octet-stream\r\n\r\n'
  yield* bytesOf(specimen)
  yield `\r\n--${BOUNDARY}--\r\n`
}

function outcomeOf(answer: IncomingMessage, { data, errors }: GraphQLBody): Outcome {
  const payload = data?.uploadMedia as
    | { media: { id: string } | null; userErrors: { code: string }[] }
    | null
    | undefined
  if (payload?.media) return { kind: 'acknowledged', id: payload.media.id }
  const code = errors?.[0]?.extensions.code ?? payload?.userErrors[0]?.code ?? 'NO_CODE'
  return {
    kind: 'refused',
    status: answer.statusCode ?? 0,
    code,
    retryAfter: answer.headers['retry-after'],
  }
}
