import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ORIGIN = /(http:\/\/127\.0\.0\.1:\d+)/
const CORES = { server: '0', client: '1' } as const

/** Whether servers and clients can be kept on cores of their own. */
export const canPin = spawnSync('taskset', ['-p', String(process.pid)]).status === 0

export interface ServerOptions {
  /** Below the root of the checkout. */
  readonly program: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Keeps the server on a core of its own, where the system can. */
  readonly pinned?: boolean
}

/** A server under measurement: one process, which says on standard output where it listens. */
export class ServerProcess implements AsyncDisposable {
  readonly origin: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, origin: string) {
    this.#child = child
    this.origin = origin
  }

  /** Resolves when it listens; rejects with what it wrote when it ends before. */
  static async start({ program, args = [], env, pinned = false }: ServerOptions): Promise<ServerProcess> {
    const script = fileURLToPath(new URL(`../${program}`, import.meta.url))
    const node = [process.execPath, script, ...args]
    const [command = '', ...rest] = pinned && canPin ? ['taskset', '-c', CORES.server, ...node] : node
    const child = spawn(command, rest, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const origin = await new Promise<string>((resolve, reject) => {
      const hear = (text: string) => {
        said = (said + text).slice(-10_000)
        const found = ORIGIN.exec(said)?.[1]
        if (found) resolve(found)
      }
      child.stdout?.setEncoding('utf8').on('data', hear)
      child.stderr?.setEncoding('utf8').on('data', hear)
      child.once('close', code =>
        reject(new Error(`${program} ended with ${code} before it listened:\n${said}`)),
      )
    })
    return new ServerProcess(child, origin)
  }

  get pid(): number {
    return this.#child.pid as number
  }

  /** Asks it to end, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGTERM')
    await once(this.#child, 'close')
  }
}

/** Keeps this process, which plays the client, off the server's core. */
export function pinClient(): void {
  if (canPin) spawnSync('taskset', ['-a', '-p', '-c', CORES.client, String(process.pid)])
}

/** Lets this process run on every core again. */
export function unpinClient(): void {
  if (canPin) spawnSync('taskset', ['-a', '-p', '-c', '0-1023', String(process.pid)])
}
