import type { DecoderAnswer } from './decoder-answer.ts'
import { type DecoderLimits, DecoderProcess } from './decoder-process.ts'
import { type ImageSource, within } from './image-source.ts'

export interface PoolLimits extends DecoderLimits {
  /** Processes, and so images, at the same time. */
  readonly processes: number
  /** Milliseconds without work after which a process is ended. */
  readonly idleMs: number
}

/** Decoding processes: started when first needed, kept for reuse, replaced when they fail, ended when idle. */
export class DecoderPool {
  private readonly limits: PoolLimits
  private readonly all = new Set<DecoderProcess>()
  private readonly idle = new Map<DecoderProcess, NodeJS.Timeout>()
  private readonly queue: Array<() => void> = []
  private busy = 0

  constructor(limits: PoolLimits) {
    this.limits = limits
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return [...this.all].flatMap(process => process.pid ?? [])
  }

  /** Asks the next free process, as `DecoderProcess.ask` does; the signal ends the waiting, too. */
  async ask(image: ImageSource, most: number, signal: AbortSignal): Promise<DecoderAnswer> {
    await this.enter(signal)
    try {
      const decoder = this.take()
      try {
        return await decoder.ask(image, most, signal)
      } finally {
        this.putBack(decoder)
      }
    } finally {
      this.leave()
    }
  }

  /** Ends all processes; resolves when they have ended. */
  async close(): Promise<void> {
    for (const timer of this.idle.values()) clearTimeout(timer)
    this.idle.clear()
    for (const decoder of this.all) decoder.kill()
    await Promise.all([...this.all].map(decoder => decoder.ended))
  }

  private async enter(signal: AbortSignal): Promise<void> {
    if (this.busy < this.limits.processes) {
      this.busy++
      return
    }
    let turn: () => void = () => undefined
    const waiting = new Promise<void>(resolve => {
      turn = resolve
      this.queue.push(resolve)
    })
    try {
      await within(signal, waiting)
    } catch (error) {
      const at = this.queue.indexOf(turn)
      if (at >= 0) this.queue.splice(at, 1)
      // Its turn came together with the end of its patience.
      else this.leave()
      throw error
    }
  }

  private leave(): void {
    const next = this.queue.shift()
    if (next) next()
    else this.busy--
  }

  private take(): DecoderProcess {
    for (const [decoder, timer] of [...this.idle].reverse()) {
      clearTimeout(timer)
      this.idle.delete(decoder)
      if (decoder.usable) return decoder
    }
    const decoder = new DecoderProcess(this.limits)
    this.all.add(decoder)
    void decoder.ended.then(() => this.all.delete(decoder))
    return decoder
  }

  private putBack(decoder: DecoderProcess): void {
    if (!decoder.usable) return
    const timer = setTimeout(() => {
      this.idle.delete(decoder)
      decoder.kill()
    }, this.limits.idleMs)
    this.idle.set(decoder, timer.unref())
  }
}
