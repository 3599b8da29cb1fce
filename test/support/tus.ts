import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

export const BYTES = 'application/offset+octet-stream'

export interface TusAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The code of a refusal. */
  readonly code: string | undefined
}

export interface TusRequest {
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** A stream is sent without Content-Length. */
  readonly body?: Uint8Array | string | Readable
}

/** Upload-Metadata of these pairs. */
export const metadata = (pairs: Readonly<Record<string, string>>): string =>
  Object.entries(pairs)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',')

/** Upload-Checksum of these bytes. */
export const checksum = (algorithm: string, bytes: Uint8Array | string): string =>
  `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`

/** A client of tus 1.0 that sends what it is told to, whether the protocol allows it or not. */
export class TusByHand {
  constructor(
    readonly endpoint: string,
    readonly authorization: string | null,
  ) {}

  /** A request, with Tus-Resumable and the credential unless they are given otherwise. */
  async send(method: string, url: string, { headers = {}, body }: TusRequest = {}): Promise<TusAnswer> {
    const outgoing = this.begin(method, url, headers)
    const answered = answerOf(outgoing)
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body)
    else body.pipe(outgoing)
    return answered
  }

  /** A request whose body the caller sends. */
  begin(method: string, url: string, headers: TusRequest['headers']) {
    const all = { 'tus-resumable': '1.0.0', authorization: this.authorization ?? undefined, ...headers }
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined)
    return request(url, { method, headers: Object.fromEntries(given) })
  }

  /** Creates an upload of so many bytes; gives its URL. */
  async create(length: number | null, headers: TusRequest['headers'] = {}): Promise<string> {
    const announced = length === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) }
    const answer = await this.send('POST', this.endpoint, { headers: { ...announced, ...headers } })
    if (answer.status !== 201) throw new Error(`not created: ${JSON.stringify(answer)}`)
    return answer.headers.location ?? ''
  }

  patch(url: string, offset: number, { headers, body = '' }: TusRequest): Promise<TusAnswer> {
    const needed = { 'content-type': BYTES, 'upload-offset': String(offset) }
    return this.send('PATCH', url, { headers: { ...needed, ...headers }, body })
  }

  /** A whole partial upload (Concatenation); gives its URL. */
  async part(body: string): Promise<string> {
    const url = await this.create(Buffer.byteLength(body), { 'upload-concat': 'partial' })
    const { status } = await this.patch(url, 0, { body })
    if (status !== 204) throw new Error(`the part was answered ${status}`)
    return url
  }

  head(url: string): Promise<TusAnswer> {
    return this.send('HEAD', url)
  }

  end(url: string): Promise<TusAnswer> {
    return this.send('DELETE', url)
  }

  /** Upload-Offset as HEAD tells it. */
  async offsetOf(url: string): Promise<number> {
    return Number((await this.head(url)).headers['upload-offset'])
  }
}

/** What a request is answered; rejects when the connection ends before. */
export async function answerOf(outgoing: ReturnType<typeof request>): Promise<TusAnswer> {
  // An answer may come before the end of the body, which then breaks off: what counts is the answer.
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  outgoing.on('error', () => undefined)
  const body = await text(answer)
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers as TusAnswer['headers'],
    code: body.startsWith('{') ? JSON.parse(body).error.code : undefined,
  }
}
