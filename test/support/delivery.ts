import { EventEmitter, once } from 'node:events'
import { createReadStream, type ReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import fastifyCompress from '@fastify/compress'
import fastifyCors from '@fastify/cors'
import fastify, { type FastifyInstance } from 'fastify'
import { securityHeaders } from '../../src/entrances/http/security-headers.ts'
import type { Asker } from '../../src/features/access/grant.ts'
import { anonymous, type Viewer } from '../../src/features/access/viewer.ts'
import type { Deliverable, DeliverableContent } from '../../src/features/delivery/deliverable.ts'
import { deliveryRoutes } from '../../src/features/delivery/delivery.routes.ts'
import {
  type ContentFinder,
  type ContentReader,
  DeliveryService,
  type DownloadBudget,
} from '../../src/features/delivery/delivery.service.ts'
import { UrlSigner } from '../../src/features/delivery/signing/url-signer.ts'
import { AppError } from '../../src/platform/errors.ts'
import { isUuid, uuid7Maker } from '../../src/platform/lib/uuid7.ts'
import type { ByteRange } from '../../src/platform/storage/driver.ts'
import { blobKey } from '../../src/platform/storage/key.ts'
import { storageErrors } from '../../src/platform/storage/storage.errors.ts'
import { principal } from './principal.ts'

const nextId = uuid7Maker()

/** Media whose bytes are real files of one folder. Who signs in sees all of them, others what is public. `opened`: a file was. */
export class Library
  extends EventEmitter<{ opened: [] }>
  implements ContentFinder, ContentReader, DownloadBudget
{
  readonly streams: ReadStream[] = []
  /** Makes the store hand out the first bytes only and then fail. */
  failAfter: number | undefined
  /** What the store waits for before it opens a file. */
  mayOpen: Promise<void> = Promise.resolve()
  private readonly media = new Map<string, Deliverable[]>()
  private readonly downloads = new Map<string, number>()

  constructor(private readonly folder: string) {
    super()
  }

  /** Adds a media, or a version to the media of that id; gives its content. */
  async add(bytes: Buffer | string, given: Partial<DeliverableContent> = {}): Promise<DeliverableContent> {
    const mediaId = given.mediaId ?? nextId()
    const versions = this.media.get(mediaId) ?? []
    const content: DeliverableContent = {
      state: 'live',
      mediaId,
      accountId: 'acme',
      sha256: `sha256-${versions.length + 1}`,
      contentVersion: versions.length + 1,
      contentUpdatedAt: new Date('2024-05-06T07:08:09.500Z'),
      etag: `hash-${versions.length + 1}`,
      size: Buffer.byteLength(bytes),
      mimeType: 'image/png',
      fileName: 'photo.png',
      maxDownloads: 0,
      public: false,
      cacheControl: null,
      storeId: 'default',
      key: blobKey(nextId()),
      ...given,
    }
    await writeFile(this.path(content.key), bytes)
    this.media.set(mediaId, [...versions, content])
    return content
  }

  addWithout(state: 'pending' | 'lost'): string {
    const mediaId = nextId()
    this.media.set(mediaId, [{ state }])
    return mediaId
  }

  path(key: string): string {
    return join(this.folder, key.replaceAll('/', '-'))
  }

  async findContent(viewer: Asker, mediaId: string, version?: number): Promise<Deliverable | null> {
    // As PostgreSQL does.
    if (!isUuid(mediaId)) throw new Error('invalid input syntax for type uuid')
    const versions = this.media.get(mediaId) ?? []
    const content = versions[(version ?? versions.length) - 1]
    const seen = viewer.kind === 'principal' || (content?.state === 'live' && content.public)
    return content && seen ? content : null
  }

  async urlFor(): Promise<null> {
    return null
  }

  async readOrLost({ key }: { key: string }, range?: ByteRange): Promise<Readable> {
    await this.mayOpen
    const file = createReadStream(this.path(key), range)
    this.streams.push(file)
    try {
      await once(file, 'open')
    } catch (cause) {
      throw storageErrors.CONTENT_LOST('The object is not there.', { cause })
    }
    this.emit('opened')
    return this.failAfter === undefined ? file : Readable.from(broken(file, this.failAfter))
  }

  async spend({ mediaId }: { mediaId: string }): Promise<boolean> {
    const counted = this.downloadsOf({ mediaId })
    const content = this.media.get(mediaId)?.at(-1)
    if (content?.state !== 'live' || (content.maxDownloads > 0 && counted >= content.maxDownloads))
      return false
    this.downloads.set(mediaId, counted + 1)
    return true
  }

  downloadsOf({ mediaId }: { mediaId: string }): number {
    return this.downloads.get(mediaId) ?? 0
  }

  /** When every stream that was ever opened is closed. */
  async allClosed(): Promise<void> {
    for (const stream of this.streams) {
      if (!stream.closed) await new Promise<void>(resolve => stream.once('close', resolve))
    }
  }
}

async function* broken(file: ReadStream, after: number): AsyncGenerator<Buffer> {
  let passed = 0
  for await (const chunk of file) {
    if (passed >= after) throw new Error('the disk is on fire')
    passed += chunk.length
    yield chunk
  }
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export interface DeliveryServer {
  readonly app: FastifyInstance
  readonly library: Library
  readonly folder: string
  readonly port: number
  /** Lines of the log from warnings upwards. */
  readonly complaints: string[]
  /** One request, signed in unless `headers` says otherwise. Rejects when the connection breaks. */
  ask(method: string, path: string, headers?: http.OutgoingHttpHeaders): Promise<Answer>
  stop(): Promise<void>
}

export const signedIn = { authorization: 'Bearer somebody' }

/** The delivery routes on a server of their own, with the plug-ins that the product puts around them. */
export async function startDelivery(): Promise<DeliveryServer> {
  const folder = await mkdtemp(join(tmpdir(), 'delivery-'))
  const library = new Library(folder)
  const complaints: string[] = []
  const app = fastify({
    logger: { level: 'warn', stream: { write: (line: string) => complaints.push(line) } },
    forceCloseConnections: true,
  })
  const always = securityHeaders()
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(always)
    done()
  })
  await app.register(fastifyCors, { origin: ['https://app.example'] })
  await app.register(fastifyCompress, { threshold: 1 })
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof AppError ? error.status : 500
    return reply
      .code(status)
      .send(error instanceof AppError ? { code: error.code, message: error.message } : {})
  })
  const clock = { now: () => new Date() }
  const signer = new UrlSigner({ keys: [{ kid: 'k', secret: 'sixteen characters' }], clock })
  const service = new DeliveryService({
    media: library,
    storage: library,
    budget: library,
    clock,
  })
  await app.register(
    deliveryRoutes({
      service,
      signer,
      hashes: { redeem: async () => null },
      viewerOf: request => viewerFor(request.headers.authorization),
    }),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 })

  return {
    app,
    library,
    folder,
    port,
    complaints,
    ask: (method, path, headers = signedIn) => ask({ method, path, headers, port, agent, host: '127.0.0.1' }),
    async stop() {
      agent.destroy()
      await app.close()
      await library.allClosed()
      await rm(folder, { recursive: true })
    },
  }
}

function viewerFor(authorization: string | undefined): Viewer {
  if (!authorization) return anonymous
  return principal({ accountId: 'a' })
}

async function ask(options: http.RequestOptions): Promise<Answer> {
  const request = http.request(options).end()
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const body = Buffer.concat(await response.toArray())
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body,
  }
}
