import type { ProcessPool } from '../../platform/isolated/process-pool.ts'
import type { TaskSource } from '../../platform/isolated/task.ts'
import type { FileFacts } from './file-facts.ts'
import { Findings } from './findings.ts'
import type { ReadingLimits } from './insight.config.ts'
import { type Problem, problemOf } from './problem.ts'
import { readerOf } from './readers.ts'

/** Stored bytes to be understood. */
export interface FileRequest extends TaskSource {
  /** The true type, as the sniffer names it. */
  readonly mimeType: string
  /** Aborted when the caller no longer wants to know. */
  readonly signal?: AbortSignal
}

/** What a file tells. A problem does not undo what was found before it: a truncated JPEG has a size. */
export interface Examination {
  readonly facts: FileFacts
  /** Grouped by where in the file it stands (`exif`, `xmp`, `icc`, `container`, `pdf` …): plain JSON that jsonb takes, at most 64 KiB. */
  readonly technicalMetadata: Record<string, unknown>
  readonly problem: Problem | null
}

/** Examines by the reader of the type; never rejects. */
export async function examine(
  pool: ProcessPool,
  limits: ReadingLimits,
  { mimeType, size, open, signal }: FileRequest,
): Promise<Examination> {
  const reader = readerOf(mimeType)
  const nothing = { facts: {}, technicalMetadata: {} }
  if (!reader) return { ...nothing, problem: { reason: 'unsupported' } }
  if (size === 0) return { ...nothing, problem: { reason: 'unreadable', detail: 'it is empty' } }
  const findings = new Findings()
  try {
    const task = { name: reader, args: { mimeType, limits }, source: { size, open }, sink: findings, signal }
    await pool.run(task)
    return { ...findings.all, problem: null }
  } catch (error) {
    return { ...findings.all, problem: problemOf(error) }
  }
}
