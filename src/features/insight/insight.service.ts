import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type PoolObserver, ProcessPool } from '../../platform/isolated/process-pool.ts'
import { type Examination, examine, type FileRequest } from './examination.ts'
import { Ffmpeg, findFfmpeg } from './ffmpeg.ts'
import type { InsightLimits } from './insight.config.ts'
import { type PreviewRequest, type PreviewResult, preview } from './preview.ts'
import { type ImageFacts, type Problem, problemOf } from './problem.ts'
import { readerOf } from './readers.ts'

/** Beside this file, and like it TypeScript in the source tree and JavaScript in the built one. */
const ENTRY = fileURLToPath(new URL(`./isolated/insight-entry${extname(import.meta.url)}`, import.meta.url))

/** Understands stored bytes, in processes that may be killed: bytes in, facts out. */
export class InsightService {
  private readonly limits: InsightLimits
  /** A pool of its own: whoever uploads waits for a probe, and must not wait for examinations. */
  private readonly probes: ProcessPool
  private readonly examinations: ProcessPool
  /** Nobody's small file waits behind photos, and what one has taken of memory none of the others has to do with. */
  private readonly decoders: ProcessPool

  private readonly ffmpegPath: string | null
  private ffmpeg: Promise<Ffmpeg | null> | null = null

  /** `ffmpegPath`: where it lies, if it lies nowhere usual. */
  constructor(deps: {
    limits: InsightLimits
    ffmpegPath?: string | null
    observer?: (pool: 'probe' | 'examine' | 'decode') => PoolObserver
  }) {
    this.limits = deps.limits
    this.ffmpegPath = deps.ffmpegPath ?? null
    const { processes, idleMs, memoryBytes, deadlineMs, maxPreviewBytes } = deps.limits
    const each = { entry: ENTRY, processes, idleMs, memoryBytes }
    this.probes = new ProcessPool({ ...each, deadlineMs, maxMade: 0, observer: deps.observer?.('probe') })
    const patient = { ...each, deadlineFrom: 'begun', maxMade: maxPreviewBytes } as const
    this.examinations = new ProcessPool({
      ...patient,
      deadlineMs: deps.limits.examinationMs,
      observer: deps.observer?.('examine'),
    })
    this.decoders = new ProcessPool({
      ...patient,
      deadlineMs: deps.limits.decodingMs,
      once: true,
      observer: deps.observer?.('decode'),
    })
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return [...this.probes.pids, ...this.examinations.pids, ...this.decoders.pids]
  }

  /**
   * An image's width and height as shown. Never rejects, and answers within the deadline: what cannot be known is null, with
   * the reason. Holds no more of the file than a stream's buffers.
   */
  async probe({ mimeType, size, open, signal }: FileRequest): Promise<ImageFacts> {
    const reader = readerOf(mimeType)
    if (reader !== 'image' && reader !== 'svg') return unknown({ reason: 'unsupported' })
    if (size === 0) return unknown({ reason: 'unreadable', detail: 'it is empty' })
    try {
      const args = { mimeType, limits: this.limits }
      const answer = await this.probes.run({ name: 'size', args, source: { size, open }, signal })
      return believedSize(answer) ?? unknown({ reason: 'crashed', detail: 'it answered nonsense' })
    } catch (error) {
      return unknown(problemOf(error))
    }
  }

  /**
   * All that the file tells, typed and untyped. Never rejects; ends within the deadline from when a process is free. A problem for which
   * `isPassing` holds says nothing of the file: the store broke off, or nobody wants to know any more.
   */
  examine(request: FileRequest): Promise<Examination> {
    return examine(this.examinations, this.limits, request)
  }

  /**
   * Writes one picture of a file to the sink: a PDF's first page, or a frame near the beginning of a video, as shown, at most 1600 pixels
   * long; a HEIC's picture, at most 4096. Never rejects; what other images show needs no preview.
   */
  preview(request: PreviewRequest): Promise<PreviewResult> {
    const { examinations: pool, decoders, limits } = this
    return preview({ pool, decoders, limits, ffmpeg: () => this.findFfmpeg() }, request)
  }

  /** Ends whatever runs, and the processes; what is asked from now on is answered with the reason `closed`. */
  async close(): Promise<void> {
    const ffmpeg = await this.ffmpeg
    ffmpeg?.close()
    await Promise.all([this.probes.close(), this.examinations.close(), this.decoders.close()])
  }

  /** Looked for once. */
  private findFfmpeg(): Promise<Ffmpeg | null> {
    const { processes, examinationMs, memoryBytes, maxFramePixels, maxPreviewBytes } = this.limits
    const limits = { processes, deadlineMs: examinationMs, memoryBytes, maxFramePixels, maxPreviewBytes }
    this.ffmpeg ??= findFfmpeg(this.ffmpegPath).then(path =>
      path === null ? null : new Ffmpeg(path, limits),
    )
    return this.ffmpeg
  }
}

const unknown = (problem: Problem): ImageFacts => ({ width: null, height: null, ...problem })

function believedSize(answer: unknown): ImageFacts | null {
  const { width, height } = Object(answer) as { width?: unknown; height?: unknown }
  return isPixels(width) && isPixels(height) ? { width, height, reason: null } : null
}

const isPixels = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0
