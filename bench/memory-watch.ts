import { setTimeout as delay } from 'node:timers/promises'
import type { Row } from './figure.ts'
import { memoryOf, peakMemory } from './proc.ts'
import { spreadOf } from './spread.ts'

const MIB = 2 ** 20
const SETTLE_MS = 2_000
const LIMIT_MB = 64

/** How far the memory of a process rises above what it has when it is idle. */
export class MemoryWatch {
  readonly #pid: number
  readonly #idle: number
  readonly #peaks: { rss: number; anonymous: number; children: number }[] = []

  private constructor(pid: number, idle: number) {
    this.#pid = pid
    this.#idle = idle
  }

  /** Idle is now: call it after the warm-up. */
  static async start(pid: number): Promise<MemoryWatch> {
    await delay(SETTLE_MS)
    return new MemoryWatch(pid, (await memoryOf(pid)).rss)
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    this.#peaks.push(await peakMemory(this.#pid, () => work().then(resolve, reject)))
    return promise
  }

  row(figure: string): Row {
    const worst = (of: 'anonymous' | 'children') => Math.max(...this.#peaks.map(peak => peak[of])) / MIB
    return {
      figure,
      unit: 'MiB',
      ours: spreadOf(this.#peaks.map(({ rss }) => (rss - this.#idle) / MIB)),
      atMost: LIMIT_MB,
      note:
        `idle ${(this.#idle / MIB).toFixed(0)} MiB; anonymous at most ${worst('anonymous').toFixed(0)} MiB; ` +
        `children, not included, at most ${worst('children').toFixed(0)} MiB`,
    }
  }
}
