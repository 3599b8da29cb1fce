import { DecoderPool } from './decoder-pool.ts'
import { type ImageFacts, ProbeFailure, type ProbeReason } from './image-facts.ts'
import { firstBytes, type ImageSource } from './image-source.ts'
import type { InsightLimits } from './insight.config.ts'
import { svgSize } from './svg-size.ts'

export interface ProbeRequest extends ImageSource {
  /** The true type, as the sniffer names it. */
  readonly mimeType: string
  /** Aborted when the caller no longer wants to know. */
  readonly signal?: AbortSignal
}

/** An SVG that does not begin its root element within this many bytes has no size. */
const SVG_HEAD_BYTES = 64 * 1024

/** How the facts of each type are found: `decoder` asks a library in a process of its own, `svg` reads the root tag here. */
const probes: ReadonlyMap<string, 'decoder' | 'svg'> = new Map([
  ['image/apng', 'decoder'],
  ['image/avif', 'decoder'],
  ['image/gif', 'decoder'],
  ['image/heic', 'decoder'], // only the header: nothing here decodes HEVC
  ['image/heif', 'decoder'],
  ['image/jpeg', 'decoder'],
  ['image/png', 'decoder'],
  ['image/tiff', 'decoder'],
  ['image/webp', 'decoder'],
  ['image/svg+xml', 'svg'],
])

/** What is known of a file before anybody has looked at it: understands stored bytes, and never fails an upload. */
export class InsightService {
  private readonly limits: InsightLimits
  private readonly pool: DecoderPool
  private readonly running = new Set<(reason: ProbeReason) => void>()
  private closed = false

  constructor(deps: { limits: InsightLimits }) {
    this.limits = deps.limits
    this.pool = new DecoderPool(deps.limits)
  }

  /** The decoding processes that run now. */
  get pids(): readonly number[] {
    return this.pool.pids
  }

  /**
   * An image's width and height as shown. Never rejects, and answers within the deadline: what cannot be known is null, with
   * the reason. Holds no more of the file than a stream's buffers.
   */
  async probe(request: ProbeRequest): Promise<ImageFacts> {
    const probe = probes.get(request.mimeType)
    if (!probe) return unknown(new ProbeFailure('unsupported'))
    if (request.size === 0) return unknown(new ProbeFailure('unreadable', 'it is empty'))
    const stop = new AbortController()
    const giveUp = (reason: ProbeReason) => stop.abort(new ProbeFailure(reason))
    const aborted = () => giveUp('aborted')
    const timer = setTimeout(giveUp, this.limits.deadlineMs, 'deadline')
    this.running.add(giveUp)
    request.signal?.addEventListener('abort', aborted, { once: true })
    if (request.signal?.aborted) aborted()
    if (this.closed) giveUp('closed')
    try {
      return await this[probe](request, stop.signal)
    } catch (error) {
      return unknown(error instanceof ProbeFailure ? error : new ProbeFailure('crashed', String(error)))
    } finally {
      clearTimeout(timer)
      this.running.delete(giveUp)
      request.signal?.removeEventListener('abort', aborted)
    }
  }

  /** Ends probes and processes; what is asked from now on is answered with the reason `closed`. */
  async close(): Promise<void> {
    this.closed = true
    for (const giveUp of this.running) giveUp('closed')
    await this.pool.close()
  }

  private async decoder(image: ImageSource, signal: AbortSignal): Promise<ImageFacts> {
    const { headBytes, maxBytes } = this.limits
    for (const most of [headBytes, maxBytes]) {
      signal.throwIfAborted()
      const answer = await this.pool.ask(image, most, signal)
      if (!('reason' in answer)) return { ...answer, reason: null }
      if (answer.reason !== 'unreadable' || image.size <= most) {
        return unknown(new ProbeFailure(answer.reason, answer.detail))
      }
    }
    return unknown(new ProbeFailure('unreadable', `no header within ${maxBytes} bytes`))
  }

  private async svg(image: ImageSource, signal: AbortSignal): Promise<ImageFacts> {
    const chunks: Buffer[] = []
    for await (const chunk of firstBytes(image, SVG_HEAD_BYTES, signal)) chunks.push(chunk)
    const size = svgSize(Buffer.concat(chunks))
    if (size) return { ...size, reason: null }
    return unknown(new ProbeFailure(size === null ? 'no-size' : 'unreadable'))
  }
}

function unknown({ reason, detail }: ProbeFailure): ImageFacts {
  return { width: null, height: null, reason, detail }
}
