import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { residentBytes } from '../../platform/isolated/resident-memory.ts'
import { TaskFailure } from '../../platform/isolated/task.ts'
import { Turns } from '../../platform/isolated/turns.ts'
import { within } from '../../platform/isolated/within.ts'

/** Where systems and package managers put programs; PATH belongs to whoever starts the gateway. */
const USUAL_PATHS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin'].map(
  folder => `${folder}/ffmpeg`,
)
const MEMORY_CHECK_MS = 100
const PRIORITY = 10
/** Longest block that ffmpeg may ask the system for. */
const LARGEST_BLOCK = 256 * 1024 * 1024
/** JPEG quality on ffmpeg's scale, of which 2 is the best and 31 the worst. */
const QUALITY = '3'

export interface FfmpegLimits {
  readonly processes: number
  readonly deadlineMs: number
  readonly memoryBytes: number
  readonly maxFramePixels: number
  readonly maxPreviewBytes: number
}

/** One picture as a Matroska file of ours, and how it is to be shown. */
export interface StillFrame {
  readonly matroska: Buffer
  /** Pixels before rotation. */
  readonly width: number
  readonly height: number
  /** Degrees clockwise: 0, 90, 180, 270. */
  readonly rotation: number
  /** Left to right, behind the rotation. */
  readonly flip: boolean
}

/** Nobody waits for a poster as for an answer. */
function stepBack(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, PRIORITY)
  } catch {
    // It has ended already.
  }
}

/** The ffmpeg at that path, or else at a usual one; null where there is none to run. */
export async function findFfmpeg(path: string | null): Promise<string | null> {
  for (const candidate of path === null ? USUAL_PATHS : [path]) {
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return candidate
  }
  return null
}

/**
 * Decodes single frames with a system's ffmpeg, which gets one container format, by a pipe, and may open nothing else; a few at a time, each
 * within a deadline and limits of memory and output.
 */
export class Ffmpeg {
  private readonly limits: FfmpegLimits
  private readonly path: string
  private readonly turns: Turns
  private readonly running = new Set<AbortController>()
  private closed = false

  constructor(path: string, limits: FfmpegLimits) {
    this.path = path
    this.limits = limits
    this.turns = new Turns(limits.processes)
  }

  /** A JPEG of the frame as shown. Rejects with a TaskFailure: `unreadable`, `deadline`, `memory`, `too-large`, `crashed`, `aborted`, `closed`. */
  async decode(frame: StillFrame, signal?: AbortSignal): Promise<Buffer> {
    const stop = new AbortController()
    const giveUp = () => stop.abort(new TaskFailure('aborted'))
    this.running.add(stop)
    signal?.addEventListener('abort', giveUp, { once: true })
    if (signal?.aborted) giveUp()
    if (this.closed) stop.abort(new TaskFailure('closed'))
    try {
      await this.turns.enter(stop.signal)
      try {
        stop.signal.throwIfAborted()
        return await this.run(frame, stop)
      } finally {
        this.turns.leave()
      }
    } finally {
      this.running.delete(stop)
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** Ends what runs; what is asked from now on is answered with `closed`. */
  close(): void {
    this.closed = true
    for (const stop of this.running) stop.abort(new TaskFailure('closed'))
  }

  private async run(frame: StillFrame, stop: AbortController): Promise<Buffer> {
    const { deadlineMs, memoryBytes, maxPreviewBytes } = this.limits
    const fail = (reason: string, detail?: string) => stop.abort(new TaskFailure(reason, detail))
    const child = spawn(this.path, this.argumentsFor(frame), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {},
      cwd: '/',
    })
    const { pid } = child
    const deadline = setTimeout(fail, deadlineMs, 'deadline')
    const memory = setInterval(async () => {
      if (pid !== undefined && ((await residentBytes(pid)) ?? 0) > memoryBytes) fail('memory')
    }, MEMORY_CHECK_MS)
    const made: Buffer[] = []
    let [bytes, said] = [0, '']
    child.stdout.on('data', (chunk: Buffer) => {
      made.push(chunk)
      bytes += chunk.length
      if (bytes > maxPreviewBytes) fail('too-large')
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(0, 400)
    })
    child.stdin.on('error', () => undefined).end(frame.matroska)
    try {
      stepBack(pid)
      const [code, killed] = (await within(stop.signal, once(child, 'close'))) as [
        number | null,
        string | null,
      ]
      if (code === null) throw new TaskFailure('crashed', `ffmpeg ended with ${killed}`)
      if (code !== 0 || bytes === 0) throw new TaskFailure('unreadable', said.trim() || 'ffmpeg made nothing')
      return Buffer.concat(made)
    } finally {
      clearTimeout(deadline)
      clearInterval(memory)
      child.kill('SIGKILL')
    }
  }

  private argumentsFor({ width, height, rotation, flip }: StillFrame): string[] {
    const turn: Readonly<Record<number, string>> = {
      90: ',transpose=clock',
      180: ',hflip,vflip',
      270: ',transpose=cclock',
    }
    const filter = `scale=${width}:${height},setsar=1${turn[rotation] ?? ''}${flip ? ',hflip' : ''}`
    return [
      ['-nostdin', '-hide_banner', '-loglevel', 'error'],
      ['-max_alloc', `${LARGEST_BLOCK}`, '-timelimit', `${Math.ceil(this.limits.deadlineMs / 1000)}`],
      ['-protocol_whitelist', 'pipe', '-f', 'matroska', '-threads', '1', '-noautorotate'],
      ['-max_pixels', `${this.limits.maxFramePixels}`, '-i', 'pipe:0'],
      ['-map', '0:v:0', '-frames:v', '1', '-vf', filter, '-filter_threads', '1'],
      ['-c:v', 'mjpeg', '-threads', '1', '-pix_fmt', 'yuvj420p', '-q:v', QUALITY, '-map_metadata', '-1'],
      ['-f', 'image2pipe', 'pipe:1'],
    ].flat()
  }
}
