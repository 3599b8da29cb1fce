import { Readable } from 'node:stream'
import type { Clock } from '../../platform/clock.ts'
import { commonErrors } from '../../platform/errors.ts'
import { parseRange } from '../../platform/lib/byte-range.ts'
import { type ConditionHeaders, evaluateConditions, ifRangeHolds } from '../../platform/lib/conditional.ts'
import { isUuid } from '../../platform/lib/uuid7.ts'
import type { ByteRange, PresignGet } from '../../platform/storage/driver.ts'
import type { StorageKey } from '../../platform/storage/key.ts'
import { storageErrors } from '../../platform/storage/storage.errors.ts'
import type { Asker } from '../access/grant.ts'
import { isPassiveType, typeGivenBack } from './active-types.ts'
import { cacheControlFor, cacheControlOf } from './cache-policy.ts'
import {
  contentHeaders,
  redirectHeaders,
  sharedHeaders,
  storedHeaders,
  validatorsOf,
} from './content-headers.ts'
import type { Deliverable, DeliverableContent } from './deliverable.ts'
import { deliveryErrors } from './delivery.errors.ts'

export interface ContentFinder {
  /** The current content, or that of a kept version; null when there is none or it is not for who asks. */
  findContent(viewer: Asker, mediaId: string, version?: number): Promise<Deliverable | null>
}

export interface ContentReader {
  /** The bytes, or those of `range`; rejects with an AppError, CONTENT_LOST when the object is not there. */
  readOrLost(ref: { storeId: string; key: StorageKey }, range?: ByteRange): Promise<Readable>
  /** A URL of the store itself; null where its readers are not sent there. */
  urlFor(ref: { storeId: string; key: StorageKey }, options: PresignGet): Promise<string | null>
}

/** A content response that is about to start. */
export interface Download {
  readonly asker: Asker
  readonly mediaId: string
  readonly contentVersion: number
  readonly client?: string
  /** First byte that is sent. */
  readonly start: number
  /** Bytes that are sent, and bytes that there are. */
  readonly length: number
  readonly size: number
  /** Whether the media or the link allows only so many. */
  readonly limited: boolean
}

export interface DownloadBudget {
  /** Counts one download in one atomic step, or finds that it goes on with a counted one; false when the budget is used up. */
  spend(download: Download): Promise<boolean>
}

/** Something that is made of a content and delivered in its place. */
export interface Rendition {
  /** What it is called before it is made: its ETag names its bytes. May refuse. */
  named(
    content: DeliverableContent,
  ): Pick<DeliverableContent, 'etag' | 'mimeType' | 'fileName' | 'isNegotiated'>
  /** Makes it, or finds it made. */
  made(
    content: DeliverableContent,
  ): Promise<Pick<DeliverableContent, 'storeId' | 'key' | 'size' | 'bytes' | 'isFree'>>
}

export interface DeliveryRequest {
  /** Who asks, or the grant that they have. */
  readonly viewer: Asker
  /** As the client wrote it. */
  readonly mediaId: string
  /** The content version that the URL pins. */
  readonly version?: number
  /** Whether the client asks to save rather than to show. */
  readonly download: boolean
  readonly method: 'GET' | 'HEAD'
  /** Tells one client from others, so that one that goes on with a download is known; without it each request counts. */
  readonly client?: string
  /** What is wanted of the content, where it is not the content itself. */
  readonly rendition?: Rendition
  /** Whether who asks follows a redirect to where the bytes lie. */
  readonly mayRedirect?: boolean
  /** Whether it leaves as the type that its uploader said, unless a browser might run that. Of the present content alone. */
  readonly asDeclared?: boolean
  readonly headers: ConditionHeaders & { readonly range?: string }
}

export interface DeliveryAnswer {
  readonly status: 200 | 206 | 304 | 307 | 412 | 416
  /** Names in lower case; the values are safe to send. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Absent when nothing is to be sent, as for HEAD. `open` counts a download and gives `length` bytes, or throws DOWNLOAD_LIMIT_REACHED,
   * CONTENT_LOST, or a storage error; the caller closes what it opened.
   */
  readonly body?: { readonly length: number; open(): Promise<Readable> }
}

/** A refusal must not be kept, least of all under the freshness of the content. */
const NOT_STORED = { 'cache-control': 'no-store' }

const REDIRECT_SECONDS = 60

/** No longer than the grant by which somebody asks, nor than the media itself. */
function redirectSeconds(asker: Asker, { secondsLeft }: DeliverableContent, now: Date): number {
  const ofGrant =
    asker.kind === 'signature' ? (asker.expiresAt.getTime() - now.getTime()) / 1000 : REDIRECT_SECONDS
  return Math.min(REDIRECT_SECONDS, Math.max(1, Math.ceil(Math.min(ofGrant, secondsLeft ?? ofGrant))))
}

/** A copy: what is sent is released, and others are sent the same bytes. */
const partOf = (bytes: Buffer, { start, end }: ByteRange = { start: 0, end: bytes.length - 1 }): Readable =>
  Readable.from([Buffer.from(bytes.subarray(start, end + 1))], { objectMode: false })

/** When a scan that waits may have been done. */
const SCAN_SECONDS = 5

const notScanned = (isComing: boolean) =>
  isComing
    ? deliveryErrors.CONTENT_NOT_SCANNED(
        'This content waits for its malware scan. Ask again in some seconds.',
        {
          retryAfter: SCAN_SECONDS,
        },
      )
    : deliveryErrors.CONTENT_NOT_SCANNED(
        'This content could not be scanned for malware, and is kept back. Its scanDetail says why.',
      )

const notFound = () => commonErrors.NOT_FOUND('There is no such media, or you may not see it.')

/** The one way in which bytes leave: every door that hands out content asks here. */
export class DeliveryService {
  constructor(
    private readonly deps: {
      media: ContentFinder
      storage: ContentReader
      budget: DownloadBudget
      clock: Clock
    },
  ) {}

  /**
   * Decides the answer to a request for content without touching the bytes: visibility, conditions, range, in this order. A
   * rendition is made between conditions and range, also for HEAD, which tells its size. A download is counted when its body is
   * opened, before its first byte leaves.
   *
   * @throws NOT_FOUND (one message, whatever the reason), CONTENT_EXPIRED, CONTENT_PENDING, CONTENT_NEVER_CAME, CONTENT_NOT_SCANNED,
   * CONTENT_QUARANTINED, CONTENT_LOST, what the rendition throws
   */
  async deliver(request: DeliveryRequest): Promise<DeliveryAnswer> {
    const { rendition } = request
    const found = await this.find(request)
    const original = request.asDeclared ? { ...found, mimeType: typeGivenBack(found) } : found
    const announced = rendition ? { ...original, ...rendition.named(original) } : original
    const pinned = request.version !== undefined
    const validators = validatorsOf(announced, pinned)
    const now = this.deps.clock.now()
    const shared = sharedHeaders(announced, this.cacheControl(request, announced, now))

    const verdict = evaluateConditions(request.headers, validators, now)
    if (verdict === 'preconditionFailed') return { status: 412, headers: NOT_STORED }
    if (verdict === 'notModified') return { status: 304, headers: shared }

    const content = rendition ? { ...announced, ...(await rendition.made(original)) } : announced
    // Ranges are defined for GET alone (RFC 9110, 14.2).
    const ranged = request.method === 'GET' && ifRangeHolds(request.headers['if-range'], validators, now)
    const range = parseRange(ranged ? request.headers.range : undefined, content.size)
    if (range.kind === 'unsatisfiable') {
      return { status: 416, headers: { ...NOT_STORED, 'content-range': `bytes */${content.size}` } }
    }

    const part = range.kind === 'range' ? { start: range.start, end: range.end } : undefined
    const answer = {
      status: part ? 206 : 200,
      headers: {
        ...shared,
        ...contentHeaders(content, { part, download: request.download }),
      },
    } as const
    if (request.method === 'HEAD') return answer

    const length = part ? part.end - part.start + 1 : content.size
    const elsewhere = request.mayRedirect ? await this.elsewhere(request, content, now) : null
    if (elsewhere) {
      await this.spend(request, content, { start: part?.start ?? 0, length })
      return elsewhere
    }
    return { ...answer, body: { length, open: () => this.open(request, content, { part, length }) } }
  }

  /** What a signature of a rendition of public content keeps is the work of making it, not the content. */
  private cacheControl(
    { viewer, version, rendition }: DeliveryRequest,
    content: DeliverableContent,
    now: Date,
  ): string {
    const pinned = version !== undefined
    if (rendition && content.public) return cacheControlOf(content, pinned)
    return cacheControlFor(viewer, content, { pinned, now })
  }

  /** Opened first: a store that is down must not use up a budget. */
  private async open(
    request: DeliveryRequest,
    content: DeliverableContent,
    { part, length }: { readonly part?: ByteRange; readonly length: number },
  ): Promise<Readable> {
    const stored = content.bytes
      ? partOf(content.bytes, part)
      : await this.deps.storage.readOrLost(content, part)
    const stream = content.rewrite?.(stored, part?.start ?? 0) ?? stored
    try {
      await this.spend(request, content, { start: part?.start ?? 0, length })
      return stream
    } catch (error) {
      stream.destroy()
      throw error
    }
  }

  /** The redirect to where the bytes lie; null for what the gateway has to send itself. */
  private async elsewhere(
    { viewer, headers, download }: DeliveryRequest,
    content: DeliverableContent,
    now: Date,
  ): Promise<DeliveryAnswer | null> {
    // The store knows neither our ETag nor our budgets nor what a scan finds, and has no word to keep a browser from running what it gets.
    const isHeld =
      content.bytes !== undefined ||
      content.maxDownloads > 0 ||
      content.provisional ||
      viewer.kind === 'link' ||
      headers['if-range'] !== undefined
    if (isHeld || content.rewrite || !isPassiveType(content.mimeType)) return null
    const url = await this.deps.storage.urlFor(content, {
      expiresInSeconds: redirectSeconds(viewer, content, now),
      ...storedHeaders(content, download),
    })
    return url === null ? null : { status: 307, headers: { ...redirectHeaders(content), location: url } }
  }

  private async find({ viewer, mediaId, version }: DeliveryRequest): Promise<DeliverableContent> {
    const content = isUuid(mediaId) ? await this.deps.media.findContent(viewer, mediaId, version) : null
    if (!content) throw notFound()
    if (content.state === 'expired')
      throw deliveryErrors.CONTENT_EXPIRED('This media has expired. Its content is not delivered any more.')
    if (content.state === 'pending') {
      throw deliveryErrors.CONTENT_PENDING(
        'This media has no content yet. Ask again when its status is COMPLETED.',
      )
    }
    if (content.state === 'failed') {
      throw deliveryErrors.CONTENT_NEVER_CAME(
        'This media has no content: its import failed. Its statusReason says why.',
      )
    }
    if (content.state === 'unscanned') throw notScanned(content.isComing)
    if (content.state === 'quarantined') {
      throw deliveryErrors.CONTENT_QUARANTINED(
        'A scan has found malware in this content. It is not delivered.',
      )
    }
    if (content.state === 'lost') {
      throw storageErrors.CONTENT_LOST(
        'The bytes of this media are missing in the store. Tell the operator its id.',
      )
    }
    return content
  }

  /** A player that seeks sends many later parts of one download: they matter only where there is a budget to get around. */
  private async spend(
    { viewer, client }: DeliveryRequest,
    { mediaId, contentVersion, size, maxDownloads, isFree }: DeliverableContent,
    sent: { start: number; length: number },
  ): Promise<void> {
    if (isFree) return
    const limited = maxDownloads > 0 || (viewer.kind === 'link' && viewer.maxDownloads > 0)
    if (sent.start > 0 && !limited) return
    const download = { asker: viewer, client, mediaId, contentVersion, size, limited, ...sent }
    if (await this.deps.budget.spend(download)) return
    // It was there a moment ago.
    if (!limited) throw notFound()
    throw deliveryErrors.DOWNLOAD_LIMIT_REACHED('This media has been downloaded as often as it may be.')
  }
}
