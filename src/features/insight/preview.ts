import { once } from 'node:events'
import { Writable } from 'node:stream'
import type { ProcessPool } from '../../platform/isolated/process-pool.ts'
import { TaskFailure } from '../../platform/isolated/task.ts'
import type { FileRequest } from './examination.ts'
import type { Ffmpeg } from './ffmpeg.ts'
import type { ReadingLimits } from './insight.config.ts'
import { type Problem, problemOf } from './problem.ts'
import { type PreviewMaker, previewMakerOf } from './readers.ts'

/** Pixels of a preview's longer side at most. A photo is kept large enough for whatever is made of photos. */
const LONGEST_SIDES = { pdfPage: 1_600, poster: 1_600, heifPicture: 4_096 } as const satisfies Record<
  PreviewMaker,
  number
>

export interface PreviewRequest extends FileRequest {
  /** Takes the picture; is not ended. Its errors are its owner's to listen to. After a failure it may have got a part. */
  readonly sink: Writable
}

export interface MadePreview {
  readonly mimeType: string
  /** Pixels. */
  readonly width: number
  readonly height: number
}

/** The picture that was written, or why there is none. `no-ffmpeg` and `unsupported` say nothing of the file. */
export type PreviewResult =
  | { readonly made: MadePreview; readonly reason: null }
  | ({ readonly made: null } & Problem)

export interface PreviewDeps {
  readonly pool: ProcessPool
  /** For decoders that take much time and memory. */
  readonly decoders: ProcessPool
  readonly limits: ReadingLimits
  /** Null where there is none. */
  ffmpeg(): Promise<Ffmpeg | null>
}

/** Makes the preview of a type that needs one; never rejects. */
export async function preview(deps: PreviewDeps, request: PreviewRequest): Promise<PreviewResult> {
  const maker = previewMakerOf(request.mimeType)
  if (!maker) return { made: null, reason: 'unsupported' }
  if (request.size === 0) return { made: null, reason: 'unreadable', detail: 'it is empty' }
  try {
    return { made: await makers[maker](deps, request), reason: null }
  } catch (error) {
    return { made: null, ...problemOf(error) }
  }
}

const makers = { pdfPage, poster, heifPicture } as const satisfies Record<
  PreviewMaker,
  (deps: PreviewDeps, request: PreviewRequest) => Promise<MadePreview>
>

async function pdfPage({ pool, limits }: PreviewDeps, request: PreviewRequest): Promise<MadePreview> {
  return jpegOf('pdfPage', await pool.run(taskOf('pdfPage', limits, request)))
}

async function heifPicture({ decoders, limits }: PreviewDeps, request: PreviewRequest): Promise<MadePreview> {
  return jpegOf('heifPicture', await decoders.run(taskOf('heifPicture', limits, request)))
}

function jpegOf(maker: PreviewMaker, answer: unknown): MadePreview {
  const { width, height } = numbersOf(answer)
  const most = LONGEST_SIDES[maker]
  if (isSide(width, most) && isSide(height, most)) return { mimeType: 'image/jpeg', width, height }
  throw new TaskFailure('crashed', 'it answered nonsense')
}

/** The keyframe alone lies in memory here, and the picture. */
async function poster({ pool, limits, ffmpeg }: PreviewDeps, request: PreviewRequest): Promise<MadePreview> {
  const decoder = await ffmpeg()
  if (!decoder) throw new TaskFailure('no-ffmpeg')
  const keyframe = new Gathered()
  const answer = numbersOf(await pool.run(taskOf('poster', limits, { ...request, sink: keyframe })))
  const { width, height, rotation } = answer
  if (!(Number(width) > 0 && Number(height) > 0)) throw new TaskFailure('unreadable', 'the frame has no size')
  const scale = Math.min(1, LONGEST_SIDES.poster / Math.max(Number(width), Number(height)))
  const [wide, high] = [width, height].map(side => Math.max(1, Math.round(Number(side) * scale))) as [
    number,
    number,
  ]
  const still = {
    matroska: keyframe.bytes,
    width: wide,
    height: high,
    rotation: Number(rotation),
    flip: answer.flip === true,
  }
  await hand(request.sink, await decoder.decode(still, request.signal))
  const isTurned = rotation === 90 || rotation === 270
  return { mimeType: 'image/jpeg', width: isTurned ? high : wide, height: isTurned ? wide : high }
}

function taskOf(name: PreviewMaker, limits: ReadingLimits, { size, open, sink, signal }: PreviewRequest) {
  return { name, args: { limits, longestSide: LONGEST_SIDES[name] }, source: { size, open }, sink, signal }
}

/** Nothing that a process says of a stranger's file is believed before it is looked at. */
const numbersOf = (answer: unknown) => Object(answer) as Readonly<Record<string, unknown>>
const isSide = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= most

async function hand(sink: Writable, bytes: Buffer): Promise<void> {
  if (sink.destroyed) throw new TaskFailure('sink', 'it was closed')
  if (sink.write(bytes)) return
  const over = new AbortController()
  try {
    await Promise.race([
      once(sink, 'drain', { signal: over.signal }),
      once(sink, 'close', { signal: over.signal }).then(() => Promise.reject(new Error('it was closed'))),
    ])
  } catch (error) {
    throw new TaskFailure('sink', String(error))
  } finally {
    over.abort()
  }
}

/** Keeps what is written; how much it may be is the pool's to bound. */
class Gathered extends Writable {
  readonly #chunks: Buffer[] = []

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.#chunks.push(chunk)
    callback()
  }
}
