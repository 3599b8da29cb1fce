import { Readable, Writable } from 'node:stream'
import type { ContentRef, Step, StepOutcome } from './step.ts'
import { type ExaminedFile, fileOf, PASSING, type RangeReader } from './stored-file.ts'

/** What a picture is like. */
export interface Picture {
  readonly mimeType: string
  /** Pixels. */
  readonly width: number
  readonly height: number
}

/** Makes pictures of what is none. */
export interface Previewer {
  needsPreview(mimeType: string): boolean
  /** Writes one picture to `sink`, a few MiB at most, and does not end it; never rejects. */
  preview(
    file: ExaminedFile & { readonly sink: Writable },
  ): Promise<
    | { readonly made: Picture; readonly reason: null }
    | { readonly made: null; readonly reason: string; readonly detail?: string }
  >
}

/** Keeps pictures, and makes smaller ones of them. */
export interface Pictures {
  /** Whether transforms are made of contents of this type themselves. */
  isPicture(mimeType: string): boolean
  /** Keeps what transforms of this content are made of from now on. */
  keep(content: ContentRef, picture: Picture, body: Readable): Promise<void>
  /** Makes what `thumbnailUrl` leads to, unless it is there. Throws an AppError. */
  makeThumbnail(content: ContentRef, signal: AbortSignal): Promise<void>
}

/** What is the matter with the gateway's equipment, not with the file. */
const SKIPPED: ReadonlySet<string> = new Set(['no-ffmpeg', 'no-picture', 'unsupported', 'encrypted'])

/** Makes what people are shown before they open a file. */
export class PreviewStep implements Step {
  readonly name = 'preview'

  constructor(
    private readonly deps: {
      readonly storage: RangeReader
      readonly previewer: Previewer
      readonly pictures: Pictures
    },
  ) {}

  appliesTo({ mimeType }: { readonly mimeType: string }): boolean {
    return this.deps.pictures.isPicture(mimeType) || this.deps.previewer.needsPreview(mimeType)
  }

  async run(content: ContentRef, signal: AbortSignal): Promise<StepOutcome> {
    const { pictures, previewer, storage } = this.deps
    if (previewer.needsPreview(content.mimeType)) {
      const chunks: Buffer[] = []
      const preview = await previewer.preview({ ...fileOf(storage, content, signal), sink: into(chunks) })
      if (preview.made === null) return outcomeOf(preview)
      await pictures.keep(content, preview.made, Readable.from(chunks))
    }
    await pictures.makeThumbnail(content, signal)
    return { state: 'DONE' }
  }
}

function outcomeOf({ reason, detail }: { readonly reason: string; readonly detail?: string }): StepOutcome {
  if (PASSING.has(reason)) throw new Error(`${reason}: ${detail ?? ''}`)
  return { state: SKIPPED.has(reason) ? 'SKIPPED' : 'FAILED', reason, detail }
}

const into = (chunks: Buffer[]): Writable =>
  new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk)
      done()
    },
  })
