import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
const ORIGIN = /media-gateway serves (http:\/\/[^/\s]+)\/graphql/
/** So much of what a process wrote is told when it fails. */
const TAIL = 20_000

export type Environment = Readonly<Record<string, string>>

/** How a process ended; `signal` when it was killed. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** The built program as a child process, which sees the given environment and of ours only how programs are found and loaded. */
export class GatewayProcess {
  readonly ended: Promise<End>
  readonly #child: ChildProcess
  #output = ''
  #errors = ''

  constructor(command: readonly string[], env: Environment) {
    this.#child = spawn(process.execPath, [PROGRAM, ...command], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }))
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Standard output so far. */
  get output(): string {
    return this.#output
  }

  /** The origin that a `serve` says it listens at; rejects with what it wrote when it ends before. */
  async origin(): Promise<string> {
    for (;;) {
      const origin = ORIGIN.exec(this.#output)?.[1]
      if (origin) return origin
      const end = await Promise.race([once(this.#child.stdout as NodeJS.ReadableStream, 'data'), this.ended])
      if (!Array.isArray(end))
        throw new Error(`the gateway did not start (${JSON.stringify(end)}): ${this.said()}`)
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** How it ends by itself; kills it and rejects when it takes longer than this. */
  async endWithin(ms: number): Promise<End> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.signal('SIGKILL')
    }, ms)
    const end = await this.ended
    clearTimeout(timer)
    if (late) throw new Error(`the process did not end within ${ms} ms: ${this.said()}`)
    return end
  }

  /** Kills it, if it still lives, and waits until it is gone. */
  async kill(): Promise<End> {
    this.#child.kill('SIGKILL')
    return this.ended
  }

  /** The end of what it wrote, for the message of a failure. */
  said(): string {
    return `${this.#output.slice(-TAIL)}\n${this.#errors.slice(-TAIL)}`.trim()
  }
}
