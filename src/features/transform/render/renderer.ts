import type { FileHandle } from 'node:fs/promises'
import { extname } from 'node:path'
import { type Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { commonErrors } from '../../../platform/errors.ts'
import { type PoolObserver, ProcessPool } from '../../../platform/isolated/process-pool.ts'
import { TaskFailure } from '../../../platform/isolated/task.ts'
import { within } from '../../../platform/isolated/within.ts'
import { Gate } from '../../../platform/lib/gate.ts'
import type { ByteRange } from '../../../platform/storage/driver.ts'
import { LONGEST_SIDE } from '../recipe/limits.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { transformErrors } from '../transform.errors.ts'
import { type RenderArgs, type Rendered, renderReasons } from './render-task.ts'

const ENTRY = fileURLToPath(new URL(`./render-entry${extname(import.meta.url)}`, import.meta.url))
const MIB = 1024 * 1024

/** Largest image that is read to be transformed: a decoder wants all of it. */
const MAX_SOURCE_BYTES = 100 * MIB
/** Largest picture that is taken from such a process. */
const MAX_MADE = 64 * MIB

export interface RenderLimits {
  /** Pictures that are made at the same time, and that wait for that. */
  readonly processes: number
  readonly queue: number
  /** Milliseconds for one picture, once its turn has come. */
  readonly deadlineMs: number
  /** Milliseconds without work after which a process is ended. */
  readonly idleMs: number
  readonly memoryBytes: number
  /** Width times height, over all frames, that an image may have. */
  readonly maxPixels: number
}

export const renderDefaults = {
  deadlineMs: 30_000,
  idleMs: 60_000,
  memoryBytes: 512 * MIB,
  maxPixels: 100_000_000,
} as const satisfies Partial<RenderLimits>

export interface RenderRequest {
  readonly recipe: Recipe
  /** The bytes, and their true type. */
  readonly mimeType: string
  readonly size: number
  open(range: ByteRange): Promise<Readable>
  /** The same as an open file, which is closed here; null where they are none, or are not there. */
  openFile?(): Promise<FileHandle | null>
  /** Takes the picture's bytes as they come; neither ended nor destroyed. One that is destroyed, or takes nothing, breaks it off. */
  readonly sink: Writable
  /** Whether anybody still waits for it; asked when its turn has come. */
  isWanted(): boolean
  /** Told that its turn has come. */
  onTurn?(): void
  /** Ends it, whatever it does. */
  readonly signal?: AbortSignal
}

/** Makes pictures in processes that can be killed, a few at a time. */
export class Renderer {
  readonly #maxPixels: number
  readonly #deadlineMs: number
  readonly #pool: ProcessPool
  readonly #gate: Gate
  /** What passes bytes on to a sink now. */
  readonly #passing = new Set<Transform>()

  constructor({ limits, observer }: { limits: RenderLimits; observer?: PoolObserver }) {
    this.#maxPixels = limits.maxPixels
    this.#deadlineMs = limits.deadlineMs
    this.#pool = new ProcessPool({ ...limits, entry: ENTRY, maxMade: MAX_MADE, observer })
    this.#gate = new Gate({ running: limits.processes, waiting: limits.queue })
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return this.#pool.pids
  }

  /**
   * The size of the picture whose bytes went to the sink. Rejects with NOT_TRANSFORMABLE, RENDERERS_BUSY, what the store rejects with,
   * and SERVICE_UNAVAILABLE when it was broken off.
   */
  async render(request: RenderRequest): Promise<Rendered> {
    if (request.size === 0) throw notTransformable('it is empty.')
    if (request.size > MAX_SOURCE_BYTES)
      throw notTransformable(`it is larger than ${MAX_SOURCE_BYTES / MIB} MiB.`)
    return this.#gate.run(
      async () => {
        if (!request.isWanted()) throw brokenOff()
        request.onTurn?.()
        try {
          return await this.#render(request)
        } catch (error) {
          throw error instanceof TaskFailure ? appError(error) : error
        }
      },
      () =>
        transformErrors.RENDERERS_BUSY('Too many pictures are being made. Ask again in a moment.', {
          retryAfter: 2,
        }),
    )
  }

  /** Ends what runs; what is asked from now on is answered with SERVICE_UNAVAILABLE. */
  close(): Promise<void> {
    for (const passing of this.#passing) passing.destroy()
    return this.#pool.close()
  }

  /** Whatever becomes of the sink, this ends: when it is destroyed or broken off at once, when it takes nothing after a deadline of its own. */
  async #render(request: RenderRequest): Promise<Rendered> {
    let isBegun = false
    const passing = new Transform({
      transform(chunk, _encoding, done) {
        isBegun = true
        done(null, chunk)
      },
    })
    this.#passing.add(passing)
    const passed = pipeline(passing, request.sink, { end: false, signal: request.signal })
    passed.catch(() => undefined)
    try {
      const rendered = await this.#attempts(request, passing, () => isBegun)
      // The last word of the process may come ahead of room for the last bytes.
      passing.end()
      await within(AbortSignal.timeout(this.#deadlineMs), passed).catch(error => {
        throw brokenOff(error)
      })
      return rendered
    } catch (error) {
      // A store that takes nothing says nothing of the picture.
      throw isDeadline(error) && passing.writableNeedDrain ? brokenOff(error) : error
    } finally {
      this.#passing.delete(passing)
      passing.destroy()
    }
  }

  /**
   * A process that broke off may have been ended by the system for lack of memory, and one that took too much may still have had what
   * earlier pictures took; one that does so twice met a hostile file.
   */
  async #attempts(request: RenderRequest, sink: Writable, isBegun: () => boolean): Promise<Rendered> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#run(request, sink)
      } catch (error) {
        const mayPass = error instanceof TaskFailure && ['crashed', 'memory'].includes(error.reason)
        if (!mayPass || isBegun() || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #run(request: RenderRequest, sink: Writable): Promise<Rendered> {
    const { recipe, mimeType, signal } = request
    const args: RenderArgs = { recipe, mimeType, maxPixels: this.#maxPixels }
    const file = (await request.openFile?.()) ?? null
    const source = sourceOf(request, file)
    try {
      return renderedOf(await this.#pool.run({ name: 'render', args, source, sink, signal }))
    } catch (error) {
      // Who asked is told what the store said, not that a process could not read it.
      throw source.trouble ?? error
    } finally {
      await source.leave()
    }
  }
}

/** What the process reads: a file by itself, or a stream that is opened before it asks. */
function sourceOf({ size, open }: RenderRequest, file: FileHandle | null) {
  const opened = (range: ByteRange) =>
    open(range).catch(error => {
      source.trouble = error
      throw error
    })
  const source = {
    size,
    fd: file?.fd,
    /** What the store rejected with. */
    trouble: undefined as unknown,
    open(range: ByteRange) {
      const body = range.start === 0 && range.end === size - 1 ? ahead : null
      if (body) ahead = null
      return body ?? opened(range)
    },
    async leave() {
      ahead?.then(body => body.destroy()).catch(() => undefined)
      await file?.close()
    },
  }
  // The process asks for all of it, once: that takes no waiting for it to ask.
  let ahead = file ? null : opened({ start: 0, end: size - 1 })
  ahead?.catch(() => undefined)
  return source
}

const ATTEMPTS = 2

const isDeadline = (error: unknown): boolean => error instanceof TaskFailure && error.reason === 'deadline'

/** Nothing that such a process says is believed. */
function renderedOf(answer: unknown): Rendered {
  const { width, height } = Object(answer) as Record<string, unknown>
  if (isSide(width) && isSide(height)) return { width, height }
  throw new TaskFailure('crashed', 'it answered nonsense')
}

const isSide = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= LONGEST_SIDE

/** What ends a task and lies in the picture, or in what is asked of it; the text completes "This image cannot be transformed: …". */
const REASONS: Readonly<Record<string, string>> = {
  ...renderReasons,
  memory: 'it would take too much memory. Ask for a smaller picture.',
  deadline: 'it would take too long. Ask for a smaller picture, or another format.',
  'too-large': 'what is made of it is too large. Ask for a smaller picture.',
  crashed: 'a decoder breaks off at it.',
}

function appError(failure: TaskFailure) {
  const reason = REASONS[failure.reason]
  return reason === undefined ? brokenOff(failure) : notTransformable(reason, failure)
}

const notTransformable = (reason: string, cause?: unknown) =>
  transformErrors.NOT_TRANSFORMABLE(`This image cannot be transformed: ${reason}`, { cause })

const brokenOff = (cause?: unknown) =>
  commonErrors.SERVICE_UNAVAILABLE('The picture was not made. Ask again in a moment.', {
    retryAfter: 1,
    cause,
  })
