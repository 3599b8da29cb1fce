import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { extname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type DecoderAnswer, parseAnswer } from './decoder-answer.ts'
import { ProbeFailure } from './image-facts.ts'
import { firstBytes, type ImageSource, within } from './image-source.ts'

/** Beside this file, and like it TypeScript in the source tree and JavaScript in the built one. */
const ENTRY = fileURLToPath(new URL(`./decoder-entry${extname(import.meta.url)}`, import.meta.url))

/** Longer than any honest answer. */
const LONGEST_ANSWER = 4_096

export interface DecoderLimits {
  readonly memoryBytes: number
  readonly maxPixels: number
}

/**
 * A process that decodes images, one at a time. It keeps the gateway running only while it works, and ends when the gateway
 * ends, however that ends.
 */
export class DecoderProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>
  private waiting: { answer(line: string): void; fail(failure: ProbeFailure): void } | null = null
  private heard = ''
  private running = true
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>

  constructor(limits: DecoderLimits) {
    const flags = ['--max-old-space-size=64', '--disable-warning=ExperimentalWarning']
    this.child = spawn(process.execPath, [...flags, ENTRY, `${limits.memoryBytes}`, `${limits.maxPixels}`], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { MALLOC_ARENA_MAX: '2' }, // glibc: threads share arenas, which keeps the process small
    })
    this.ended = new Promise(resolve => {
      const end = (how: string) => {
        this.running = false
        this.waiting?.fail(new ProbeFailure('crashed', how))
        resolve()
      }
      // 'close' comes behind the last byte of output, so that a last word is heard before the end.
      this.child.once('close', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`))
      this.child.once('error', error => end(error.message))
    })
    // Writing to a process that has ended fails; 'close' tells.
    this.child.stdin.on('error', () => undefined)
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => this.listen(text))
    this.letGo()
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  /** Whether it can be asked. */
  get usable(): boolean {
    return this.running && this.waiting === null
  }

  /**
   * Sends the first bytes of an image, `most` at most, and resolves with what the process says of them. Rejects with a
   * ProbeFailure: `crashed` when the process ends, `source` when the bytes cannot be read, or the signal's reason. A process
   * that did not answer properly is killed.
   */
  async ask(image: ImageSource, most: number, signal: AbortSignal): Promise<DecoderAnswer> {
    const over = new AbortController()
    this.hold()
    try {
      const line = new Promise<string>((answer, fail) => {
        this.waiting = { answer, fail }
      })
      const sent = this.send(image, most, AbortSignal.any([signal, over.signal]))
      // The answer may come before all is sent: a process that runs out of memory says so at once.
      const answer = parseAnswer(await within(signal, Promise.race([line, sent.then(() => line)])))
      if (!answer) throw new ProbeFailure('crashed', 'it answered nonsense')
      if ('reason' in answer && answer.reason === 'memory') this.kill()
      return answer
    } catch (error) {
      this.kill()
      throw error
    } finally {
      over.abort()
      this.waiting = null
      if (this.running) this.letGo()
    }
  }

  /** Ends the process, whatever it does. */
  kill(): void {
    this.running = false
    this.child.kill('SIGKILL')
    this.hold()
  }

  /** Keeps the gateway running until the process answers or ends. */
  private hold(): void {
    for (const handle of this.handles()) handle.ref()
  }

  private letGo(): void {
    for (const handle of this.handles()) handle.unref()
  }

  private handles(): ReadonlyArray<{ ref(): void; unref(): void }> {
    // The pipes of a child are sockets, which its type does not tell.
    return [this.child, this.child.stdin as Socket, this.child.stdout as Socket]
  }

  private async send(image: ImageSource, most: number, signal: AbortSignal): Promise<void> {
    const { stdin } = this.child
    const length = Buffer.alloc(4)
    length.writeUInt32BE(Math.min(image.size, most))
    stdin.write(length)
    for await (const chunk of firstBytes(image, most, signal)) {
      if (!stdin.write(chunk)) await once(stdin, 'drain', { signal }).catch(() => undefined)
    }
  }

  private listen(text: string): void {
    this.heard += text
    const end = this.heard.indexOf('\n')
    if (this.waiting && end < 0 && this.heard.length < LONGEST_ANSWER) return
    // What was not asked for could be taken for the answer to the next image.
    if (!this.waiting || end !== this.heard.length - 1) this.kill()
    else this.waiting.answer(this.heard)
    this.heard = ''
  }
}
