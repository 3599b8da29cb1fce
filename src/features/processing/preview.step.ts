import { Readable, Writable } from 'node:stream'
import type { Database } from '../../platform/db/database.ts'
import { AppError } from '../../platform/errors.ts'
import type { FileRequest } from '../insight/examination.ts'
import type { InsightService } from '../insight/insight.service.ts'
import type { MadePreview } from '../insight/preview.ts'
import { isPassing, type Problem, type ProblemReason } from '../insight/problem.ts'
import { needsPreview } from '../insight/readers.ts'
import type { ContentRef, Step, StepOutcome } from './step.ts'
import { fileOf, type RangeReader, type StoredBytes } from './stored-file.ts'

/** Keeps pictures, and makes smaller ones of them. */
export interface Pictures {
  /** Whether pictures are made of contents of this type themselves. */
  isPicture(mimeType: string): boolean
  /** Whether such a content has no pixels of its own, so that only a picture made of it can be looked at. */
  isDrawing(mimeType: string): boolean
  /** Keeps what pictures of this content are made of from now on. */
  keep(content: ContentRef, picture: MadePreview, body: Readable): Promise<void>
  /** Makes what `thumbnailUrl` leads to, unless it is there, and says where it lies; throws an AppError. */
  makeThumbnail(content: ContentRef, signal: AbortSignal): Promise<StoredBytes>
}

/** What is no fault of the file, or nothing that anybody could mend: there is no picture, and that is all. */
const WITHOUT: ReadonlySet<string> = new Set<ProblemReason>([
  'no-ffmpeg',
  'no-keyframe',
  'unsupported',
  'encrypted',
])

/** Makes what people are shown before they open a file. */
export class PreviewStep implements Step {
  readonly name = 'preview'

  constructor(
    private readonly deps: {
      readonly database: Database
      readonly storage: RangeReader
      readonly insight: Pick<InsightService, 'examine' | 'preview'>
      readonly pictures: Pictures
    },
  ) {}

  appliesTo({ mimeType }: { readonly mimeType: string }): boolean {
    return this.deps.pictures.isPicture(mimeType) || needsPreview(mimeType)
  }

  async run(content: ContentRef, signal: AbortSignal): Promise<StepOutcome> {
    const { insight, pictures, storage } = this.deps
    if (needsPreview(content.mimeType)) {
      // A picture of bounded sides, and of bounded bytes: it is stored once it is known to be one.
      const chunks: Buffer[] = []
      const preview = await insight.preview({ ...fileOf(storage, content, signal), sink: into(chunks) })
      if (preview.made === null) return withoutPicture(preview)
      const picture = Buffer.concat(chunks)
      const refused = await pictures
        .keep(content, preview.made, Readable.from([picture]))
        .then(() => null, refusal('not-kept'))
      const open: FileRequest['open'] = async ({ start, end }) =>
        Readable.from([Buffer.from(picture.subarray(start, end + 1))])
      await this.#placeholder(content, {
        mimeType: preview.made.mimeType,
        size: picture.length,
        open,
        signal,
      })
      if (refused) return refused
    }
    return this.#thumbnail(content, signal)
  }

  /** What stands for the picture is made of it as of any other image; without it the picture is there all the same. */
  async #placeholder({ mediaId, contentVersion }: ContentRef, picture: FileRequest): Promise<void> {
    const { insight, database } = this.deps
    const { facts, problem } = await insight.examine(picture)
    if (problem) throwPassing(problem)
    if (!facts.placeholder) return
    await database.query(
      `UPDATE media SET facts = coalesce(facts, '{}') || $3 WHERE id = $1 AND content_version = $2`,
      [mediaId, contentVersion, JSON.stringify({ placeholder: facts.placeholder })],
    )
  }

  async #thumbnail(content: ContentRef, signal: AbortSignal): Promise<StepOutcome> {
    const { pictures, storage } = this.deps
    const made = await pictures.makeThumbnail(content, signal).catch(refusal('not-transformable'))
    if ('state' in made) return made
    if (pictures.isDrawing(content.mimeType)) await this.#placeholder(content, fileOf(storage, made, signal))
    return { state: 'DONE' }
  }
}

/** What is the client's affair when it asks for a picture is the file's here, or its account's: damaged, too large, no room for it. */
const refusal =
  (reason: string) =>
  (error: unknown): StepOutcome => {
    if (!(error instanceof AppError) || error.status >= 500) throw error
    return { state: 'FAILED', reason, detail: error.publicMessage }
  }

function throwPassing({ reason, detail }: Problem): void {
  if (isPassing(reason)) throw new Error(`${reason}: ${detail ?? ''}`)
}

function withoutPicture(problem: Problem): StepOutcome {
  throwPassing(problem)
  const { reason, detail } = problem
  return { state: WITHOUT.has(reason) ? 'SKIPPED' : 'FAILED', reason, detail }
}

const into = (chunks: Buffer[]): Writable =>
  new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      done()
    },
  })
