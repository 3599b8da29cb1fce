/**
 * The inside of an isolated process: takes tasks one after the other from standard input and answers on file descriptor 3, since
 * libraries may print what they like. Run by Node itself: erasable TypeScript only.
 */
import { Socket } from 'node:net'
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { bytesFrames, type Frame, FrameReader, jsonFrame } from './frames.ts'
import { LentFile } from './lent-file.ts'

const MEMORY_CHECK_MS = 25
const LONGEST_DETAIL = 200
const PARENT_CHECK_MS = 500
/** Bytes that one reading of the input takes at most: a photo is not to be taken up in thirty pieces. */
const INPUT_BYTES = 512 * 1024
/** Behind the gateway's own work: nobody waits for a preview as for an answer. */
const PRIORITY = 10

/** What a handler may do. */
export interface TaskTools {
  /** All bytes that the source has. */
  readonly size: number
  /** The bytes from `start` to `end`, both included, which the source must have; what is asked together comes one after the other. */
  read(start: number, end: number): Promise<Buffer>
  /** Hands over what was made; resolves when there is room for more. */
  make(bytes: Buffer): Promise<void>
}

/** Resolves with what the gateway is told, plain JSON; throws HandlerFailure for a reason that it has a name for. */
export type TaskHandler = (args: never, tools: TaskTools) => Promise<unknown>

/** Reasons are words of the handler's own table. */
export class HandlerFailure extends Error {
  readonly reason: string

  constructor(reason: string, detail: string) {
    super(detail)
    this.reason = reason
  }
}

/** What the gateway asks for. */
interface Asked {
  readonly name: string
  readonly args: unknown
  readonly size: number
  /** Where all the bytes can be read, perhaps. */
  readonly file?: string
}

interface Reading {
  readonly bytes: Buffer
  filled: number
  readonly resolve: (bytes: Buffer) => void
}

/** Serves until the gateway ends, or the process takes more memory than it may; what a handler throws otherwise is `unreadable`, or `installation`. */
export function serveTasks(
  handlers: Readonly<Record<string, TaskHandler>>,
  { memoryBytes }: { readonly memoryBytes: number },
): void {
  setPriority(PRIORITY)
  watchParent()
  const out = new Socket({ fd: 3, writable: true, readable: false })
  const frames = new FrameReader()
  let reading: Reading | null = null
  let lastRead: Promise<unknown> = Promise.resolve()

  const send = (bytes: Buffer): Promise<void> => new Promise(resolve => out.write(bytes, () => resolve()))

  const ask = (start: number, end: number): Promise<Buffer> =>
    new Promise(resolve => {
      reading = { bytes: Buffer.allocUnsafeSlow(end - start + 1), filled: 0, resolve }
      void send(jsonFrame('read', { start, end }))
    })

  /** `over` ends the tools with their task: a library that reads ahead must not read of the next one's source. */
  const toolsFor = (size: number, lent: LentFile | null, over: AbortSignal): TaskTools => ({
    size,
    read(start, end) {
      if (start > end) return Promise.resolve(Buffer.alloc(0))
      const next = lastRead.then(async () => {
        over.throwIfAborted()
        return (await lent?.read(start, end)) ?? ask(start, end)
      })
      lastRead = next.catch(() => undefined)
      return next
    },
    async make(bytes) {
      for (const part of bytesFrames('made', bytes)) {
        over.throwIfAborted()
        await send(part)
      }
    },
  })

  async function work(asked: Asked): Promise<void> {
    const answer = await handle(asked)
    checkMemory()
    await send(answer)
  }

  async function handle({ name, args, size, file }: Asked): Promise<Buffer> {
    const over = new AbortController()
    const lent = await LentFile.open(file)
    try {
      const result = await handlers[name]?.(args as never, toolsFor(size, lent, over.signal))
      return jsonFrame('done', result ?? null)
    } catch (error) {
      const reason = error instanceof HandlerFailure ? error.reason : reasonOf(error)
      return jsonFrame('failed', { reason, detail: String(error).slice(0, LONGEST_DETAIL) })
    } finally {
      over.abort(new Error('the task is over'))
      await lastRead
      await lent?.close()
    }
  }

  function given(payload: Buffer): void {
    if (!reading) return
    reading.filled += payload.copy(reading.bytes, reading.filled)
    if (reading.filled < reading.bytes.length) return
    const { resolve, bytes } = reading
    reading = null
    resolve(bytes)
  }

  function take({ kind, payload }: Frame): void {
    if (kind === 'given') given(payload)
    else if (kind === 'task') void work(JSON.parse(payload.toString()))
  }

  function checkMemory(): void {
    if (process.memoryUsage.rss() <= memoryBytes) return
    out.write(jsonFrame('failed', { reason: 'memory' }), die)
    setTimeout(die, MEMORY_CHECK_MS)
  }

  const input = new Socket({
    fd: 0,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafeSlow(INPUT_BYTES),
      callback(count, chunk) {
        // What is kept of it is copied by the frames: the next reading is into the same buffer.
        for (const frame of frames.push(Buffer.from(chunk.buffer, chunk.byteOffset, count))) take(frame)
        return true
      },
    },
  })
  // Input ends when the gateway does, however it ends.
  for (const event of ['end', 'close', 'error']) input.on(event, die)
  out.on('error', die)
  // Ctrl+C reaches the whole terminal; the gateway decides when its processes end.
  process.on('SIGINT', () => undefined)
  // A promise that a library has forgotten may belong to a task that is over; the handler's own says how a task ends.
  process.on('unhandledRejection', () => undefined)
  setInterval(checkMemory, MEMORY_CHECK_MS)
}

/** What Node says where a module of ours, or of a package, is not there, or its native part does not fit the machine. */
const NOT_LOADED = new Set<unknown>(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'])

/** Libraries throw whatever they like at what they cannot read; what is not there is no fault of the file. */
const reasonOf = (error: unknown) =>
  NOT_LOADED.has((error as NodeJS.ErrnoException | null)?.code) ? 'installation' : 'unreadable'

/**
 * Ends the process when its parent has ended, even if a handler does not return: the end of input is then not seen. A thread of the
 * same process has the same permissions.
 */
function watchParent(): void {
  const watch = `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, 'SIGKILL'), ${PARENT_CHECK_MS})`
  new Worker(watch, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  })
}

/** An orderly exit would wait for the threads of a library. */
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}
