import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ProcessPool } from '../../platform/isolated/process-pool.ts'
import { type TaskSource } from '../../platform/isolated/task.ts'
import type { InsightLimits } from './insight.config.ts'
import { type ImageFacts, type Problem, problemOf } from './problem.ts'

/** Beside this file, and like it TypeScript in the source tree and JavaScript in the built one. */
const ENTRY = fileURLToPath(new URL(`./isolated/insight-entry${extname(import.meta.url)}`, import.meta.url))

/** Stored bytes to be understood. */
export interface FileRequest extends TaskSource {
  /** The true type, as the sniffer names it. */
  readonly mimeType: string
  /** Aborted when the caller no longer wants to know. */
  readonly signal?: AbortSignal
}

/** Types of which a size can be told before anything else is known. */
const SIZED: ReadonlySet<string> = new Set([
  'image/apng',
  'image/avif',
  'image/gif',
  'image/heic', // only the header: nothing here decodes HEVC
  'image/heif',
  'image/jpeg',
  'image/png',
  'image/svg+xml',
  'image/tiff',
  'image/webp',
])

/** Understands stored bytes, in processes that may be killed: bytes in, facts out. */
export class InsightService {
  private readonly limits: InsightLimits
  private readonly probes: ProcessPool

  constructor(deps: { limits: InsightLimits }) {
    this.limits = deps.limits
    const { processes, idleMs, memoryBytes, deadlineMs } = deps.limits
    this.probes = new ProcessPool({ entry: ENTRY, processes, idleMs, memoryBytes, deadlineMs, maxMade: 0 })
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return this.probes.pids
  }

  /**
   * An image's width and height as shown. Never rejects, and answers within the deadline: what cannot be known is null, with
   * the reason. Holds no more of the file than a stream's buffers.
   */
  async probe({ mimeType, size, open, signal }: FileRequest): Promise<ImageFacts> {
    if (!SIZED.has(mimeType)) return unknown({ reason: 'unsupported' })
    if (size === 0) return unknown({ reason: 'unreadable', detail: 'it is empty' })
    try {
      const args = { mimeType, limits: this.limits }
      const answer = await this.probes.run({ name: 'size', args, source: { size, open }, signal })
      return believedSize(answer) ?? unknown({ reason: 'crashed', detail: 'it answered nonsense' })
    } catch (error) {
      return unknown(problemOf(error))
    }
  }

  /** Ends whatever runs, and the processes; what is asked from now on is answered with the reason `closed`. */
  async close(): Promise<void> {
    await this.probes.close()
  }
}

const unknown = (problem: Problem): ImageFacts => ({ width: null, height: null, ...problem })

function believedSize(answer: unknown): ImageFacts | null {
  const { width, height } = Object(answer) as { width?: unknown; height?: unknown }
  return isPixels(width) && isPixels(height) ? { width, height, reason: null } : null
}

const isPixels = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0
