import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { bytesFrames, type Frame, FrameReader, jsonFrame } from './frames.ts'
import { pathOfLent } from './lent-file.ts'
import { residentBytes } from './resident-memory.ts'
import { SourceClock } from './source-clock.ts'
import { SLOW_SOURCE, type Task, TaskFailure } from './task.ts'
import { within } from './within.ts'

const MEMORY_CHECK_MS = 100
/** Bytes that may lie between both processes: where each chunk is waited for, they wait for each other most of the time. */
const UNDER_WAY = 1024 * 1024
/** Longest answer that is believed, in characters of JSON. */
const LONGEST_ANSWER = 512 * 1024

export interface ProcessLimits {
  /** Path of the program, which serves tasks. */
  readonly entry: string
  /** Resident memory at which the process is ended; the runtime and a library alone take 80 MiB. */
  readonly memoryBytes: number
  /** Bytes that one task may make. */
  readonly maxMade: number
  /** Given to the program as its arguments, behind `memoryBytes`. */
  readonly args?: readonly string[]
}

interface Waiting {
  done(value: unknown): void
  fail(failure: TaskFailure): void
  readonly task: Task
  readonly signal: AbortSignal
  readonly clock: SourceClock
  made: number
}

/**
 * A process that works on hostile bytes, one task at a time: it may crash, hang or swell, and is ended when it does. It has nothing of
 * the gateway's environment, may write no file and start no program. It keeps the gateway running only while it works, and ends when
 * the gateway ends, however that ends.
 */
export class IsolatedProcess {
  readonly #limits: ProcessLimits
  readonly #child: ChildProcess
  readonly #input: Writable
  readonly #output: Readable
  readonly #frames = new FrameReader()
  #waiting: Waiting | null = null
  #running = true
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>

  constructor(limits: ProcessLimits) {
    this.#limits = limits
    const flags = [
      '--max-old-space-size=192',
      '--disable-warning=ExperimentalWarning',
      '--permission',
      '--allow-fs-read=*',
      '--allow-addons',
      '--allow-worker',
      '--disable-warning=SecurityWarning',
    ]
    const { entry, memoryBytes, args = [] } = limits
    this.#child = spawn(process.execPath, [...flags, entry, `${memoryBytes}`, ...args], {
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
      env: { MALLOC_ARENA_MAX: '2' }, // glibc: threads share arenas, which keeps the process small
    })
    this.#input = this.#child.stdin as Writable
    this.#output = this.#child.stdio[3] as Readable
    this.ended = new Promise(resolve => {
      const end = (how: string) => {
        this.#running = false
        this.#waiting?.fail(new TaskFailure('crashed', how))
        resolve()
      }
      // 'close' comes behind the last byte of output, so that a last word is heard before the end.
      this.#child.once('close', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`))
      this.#child.once('error', error => end(error.message))
    })
    // Writing to a process that has ended fails; 'close' tells.
    this.#input.on('error', () => undefined)
    this.#output.on('error', () => undefined)
    this.#output.on('data', (chunk: Buffer) => this.#listen(chunk))
    this.#letGo()
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Whether it can be asked. */
  get usable(): boolean {
    return this.#running && this.#waiting === null
  }

  /**
   * What the handler gives; nothing of it may be believed. Rejects with a TaskFailure: `crashed` when the process ends, `memory` when
   * it takes too much, `source` when the bytes cannot be read, the handler's own reason, or the signal's. A process that did not
   * answer properly is killed.
   */
  async run(task: Task): Promise<unknown> {
    const over = new AbortController()
    const clock = new SourceClock()
    const begun = performance.now()
    this.#hold()
    const memory = setInterval(() => void this.#checkMemory(), MEMORY_CHECK_MS)
    try {
      const answer = new Promise<unknown>((done, fail) => {
        const signal = AbortSignal.any([task.signal, over.signal])
        this.#waiting = { task, signal, clock, made: 0, done, fail }
      })
      const { name, args, source } = task
      const file = source.fd === undefined ? undefined : pathOfLent(source.fd)
      this.#input.write(jsonFrame('task', { name, args, size: source.size, file }))
      return await within(task.signal, answer)
    } catch (error) {
      if (!isAnswer(error)) this.kill()
      const isSlowSource = clock.waitedMs > (performance.now() - begun) / 2
      throw isSlowSource && isDeadline(error) ? new TaskFailure('deadline', SLOW_SOURCE) : error
    } finally {
      clearInterval(memory)
      over.abort(new TaskFailure('aborted'))
      this.#waiting = null
      if (this.#running) this.#letGo()
    }
  }

  /** Ends the process, whatever it does. */
  kill(): void {
    this.#running = false
    this.#child.kill('SIGKILL')
    this.#hold()
  }

  #listen(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        // What was not asked for could be taken for the answer to the next task.
        if (this.#waiting) this.#hear(frame, this.#waiting)
        else this.kill()
      }
    } catch (error) {
      this.#waiting?.fail(new TaskFailure('crashed', `it answered nonsense: ${String(error)}`))
      this.kill()
    }
  }

  #hear({ kind, payload }: Frame, waiting: Waiting): void {
    if (kind === 'made') {
      this.#made(payload, waiting)
      return
    }
    if (payload.length > LONGEST_ANSWER) throw new Error('its answer is too long')
    const value: unknown = JSON.parse(payload.toString())
    if (kind === 'read') void this.#give(value, waiting)
    else if (kind === 'done') {
      this.#waiting = null
      waiting.done(value)
    } else if (kind === 'failed') {
      this.#waiting = null
      const { reason, detail } = Object(value) as { reason?: unknown; detail?: unknown }
      const isDetail = typeof detail === 'string'
      waiting.fail(new Answered(String(reason).slice(0, 40), isDetail ? detail.slice(0, 400) : undefined))
    } else throw new Error(`it said "${kind}"`)
  }

  /** Pauses the process while the sink is full. */
  #made(payload: Buffer, waiting: Waiting): void {
    waiting.made += payload.length
    const { sink } = waiting.task
    if (!sink || waiting.made > this.#limits.maxMade) {
      waiting.fail(new TaskFailure('too-large', `more than ${this.#limits.maxMade} bytes were made`))
      return
    }
    if (sink.destroyed) waiting.fail(new TaskFailure('sink', 'it was closed'))
    if (sink.destroyed || sink.write(payload)) return
    this.#output.pause()
    // A sink that fails closes, and drains no more.
    const over = new AbortController()
    const signal = AbortSignal.any([waiting.signal, over.signal])
    const closed = once(sink, 'close', { signal }).then(() =>
      waiting.fail(new TaskFailure('sink', 'it was closed')),
    )
    Promise.race([once(sink, 'drain', { signal }), closed])
      .catch((error: unknown) => waiting.fail(new TaskFailure('sink', String(error))))
      .finally(() => {
        over.abort()
        this.#output.resume()
      })
  }

  async #give(asked: unknown, { task, signal, clock, fail }: Waiting): Promise<void> {
    try {
      for await (const chunk of clock.of(partOf(task.source, asked, signal))) {
        let hasRoom = true
        this.#input.cork()
        for (const part of bytesFrames('given', chunk)) hasRoom = this.#input.write(part)
        this.#input.uncork()
        if (!hasRoom && this.#input.writableLength > UNDER_WAY) await once(this.#input, 'drain', { signal })
      }
    } catch (error) {
      // Anything else is a process that ended while it was fed, which 'close' tells.
      if (error instanceof TaskFailure) fail(error)
    }
  }

  async #checkMemory(): Promise<void> {
    const bytes = this.pid === undefined ? null : await residentBytes(this.pid)
    if (bytes !== null && bytes > this.#limits.memoryBytes) this.#waiting?.fail(new TaskFailure('memory'))
  }

  /** Keeps the gateway running until the process answers or ends. */
  #hold(): void {
    for (const handle of this.#handles()) handle.ref()
  }

  #letGo(): void {
    for (const handle of this.#handles()) handle.unref()
  }

  #handles(): ReadonlyArray<{ ref(): void; unref(): void }> {
    // The pipes of a child are sockets, which its type does not tell.
    return [this.#child, this.#input as Socket, this.#output as Socket]
  }
}

/** A failure that the process told itself: it is ready for the next task, unless it says that it is ending. */
class Answered extends TaskFailure {}
const isAnswer = (error: unknown): boolean => error instanceof Answered && error.reason !== 'memory'

const isDeadline = (error: unknown): boolean => error instanceof TaskFailure && error.reason === 'deadline'

/** The bytes that a process asks for; throws what ends the task. */
async function* partOf(source: Task['source'], asked: unknown, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { start, end } = Object(asked) as { start?: unknown; end?: unknown }
  if (!isOffset(start) || !isOffset(end) || start > end || end >= source.size)
    throw new TaskFailure('crashed', 'it asked for bytes that there are not')
  let left = end - start + 1
  try {
    const opening = source.open({ start, end })
    // It may still open when nobody waits any more.
    const body = await within(signal, opening).catch(error => {
      opening.then(late => late.destroy()).catch(() => undefined)
      throw error
    })
    const leave = () => body.destroy(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    // It may have been aborted just as the body came.
    if (signal.aborted) leave()
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        const part = chunk.subarray(0, left)
        left -= part.length
        yield part
        if (left === 0) return
      }
    } finally {
      signal.removeEventListener('abort', leave)
      body.destroy()
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : new TaskFailure('source', String(error))
  }
  throw new TaskFailure('source', `it ended ${left} bytes early`)
}

const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
