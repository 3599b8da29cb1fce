import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { ask, type Host } from './ask.ts'

export interface ResumedFile {
  /** Path of the endpoint that uploads are created at. */
  readonly endpoint: string
  readonly name: string
  readonly bytes: Buffer
  readonly isPart?: boolean
  /** Bytes of one request. */
  readonly piece?: number
  /** Whether each piece comes with its checksum. */
  readonly hasChecksums?: boolean
  /** The piece that begins here has a wrong byte when it is sent for the first time. */
  readonly spoiltAt?: number
}

interface Reached {
  readonly offset: number
  readonly mediaId: string | undefined
}

const PIECE = 1_000_000
const TUS = { 'Tus-Resumable': '1.0.0' }

/** An upload by a client of tus that goes on where the gateway says, and remembers what it was promised. */
export class ResumedUpload {
  readonly #file: ResumedFile
  #path: string | undefined
  #sent = 0
  #acknowledged = 0
  #isSpoilt = false

  constructor(file: ResumedFile) {
    this.#file = file
  }

  /** Of its URL; once it is created. */
  get path(): string {
    assert(this.#path !== undefined, 'the upload is not created')
    return this.#path
  }

  /** Sends whatever is missing; gives the id of the media, if it is one then. Rejects when the connection breaks: call it again. */
  async go(host: Host): Promise<string | undefined> {
    this.#path ??= await this.#create(host)
    let reached = await this.#ask(host)
    while (reached.offset < this.#file.bytes.length) reached = await this.#patch(host, reached.offset)
    return reached.mediaId
  }

  async #create(host: Host): Promise<string> {
    const { endpoint, name, bytes, isPart } = this.#file
    const { headers } = await ask(host, {
      method: 'POST',
      path: endpoint,
      headers: {
        ...TUS,
        'Upload-Length': String(bytes.length),
        'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}`,
        ...(isPart ? { 'Upload-Concat': 'partial' } : {}),
      },
      status: 201,
    })
    return new URL(headers.location ?? '').pathname
  }

  /** No byte is there that was not sent, none is missing that was acknowledged, and none that its checksum refutes. */
  async #ask(host: Host): Promise<Reached> {
    const { headers } = await ask(host, { method: 'HEAD', path: this.path, headers: TUS, status: 200 })
    const reached = reachedIn(headers)
    const { spoiltAt } = this.#file
    const most = this.#isSpoilt && spoiltAt !== undefined ? spoiltAt : this.#sent
    assert(
      this.#acknowledged <= reached.offset && reached.offset <= most,
      `at ${reached.offset}, and ${this.#acknowledged} was acknowledged, ${most} is the most that can be there`,
    )
    this.#acknowledged = reached.offset
    this.#isSpoilt = false
    return reached
  }

  async #patch(host: Host, offset: number): Promise<Reached> {
    const { bytes, hasChecksums, spoiltAt, piece: most = PIECE } = this.#file
    const piece = bytes.subarray(offset, offset + most)
    this.#isSpoilt = offset === spoiltAt && this.#sent === spoiltAt
    this.#sent = Math.max(this.#sent, offset + piece.length)
    const { headers } = await ask(host, {
      method: 'PATCH',
      path: this.path,
      headers: {
        ...TUS,
        'Content-Type': 'application/offset+octet-stream',
        'Upload-Offset': String(offset),
        ...(hasChecksums ? { 'Upload-Checksum': `sha256 ${sha256(piece)}` } : {}),
      },
      body: this.#isSpoilt ? spoilt(piece) : piece,
      status: 204,
    })
    const reached = reachedIn(headers)
    assert.equal(reached.offset, offset + piece.length)
    this.#acknowledged = reached.offset
    return reached
  }
}

/** Makes a file of parts; gives the media's id, if it is one then. */
export async function join(
  host: Host,
  { endpoint, name, parts }: { endpoint: string; name: string; parts: readonly ResumedUpload[] },
): Promise<string | undefined> {
  const { headers } = await ask(host, {
    method: 'POST',
    path: endpoint,
    headers: {
      ...TUS,
      'Upload-Concat': `final;${parts.map(({ path }) => path).join(' ')}`,
      'Upload-Metadata': `filename ${Buffer.from(name).toString('base64')}`,
    },
    status: 201,
  })
  return reachedIn(headers).mediaId
}

const reachedIn = (headers: Awaited<ReturnType<typeof ask>>['headers']): Reached => ({
  offset: Number(headers['upload-offset']),
  mediaId: headers['media-id'] as string | undefined,
})

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64')

function spoilt(piece: Buffer): Buffer {
  const bytes = Buffer.from(piece)
  bytes[0] = (bytes[0] as number) ^ 1
  return bytes
}
