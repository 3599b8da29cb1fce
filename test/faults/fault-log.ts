import { closeSync, openSync, readSync, watch, writeFileSync } from 'node:fs'
import type { FaultPoint } from '../../src/platform/fault.ts'

/** The steps between which a kill strikes an upload, as the log of the gateway proves them. */
export const PHASES = {
  U2: { about: 'while bytes stream', from: 'U2.start', to: 'U3.beforeStat' },
  'U2–U4': { about: 'bytes complete, not committed', from: 'U3.beforeStat', to: 'U4.afterCommit' },
  'after U4': { about: 'committed, not answered', from: 'U4.afterCommit', to: 'U5.beforeAnswer' },
} as const satisfies Record<string, { about: string; from: FaultPoint; to: FaultPoint }>
export type Phase = keyof typeof PHASES
export const PHASE_NAMES = Object.keys(PHASES) as Phase[]

/** What a gateway notes of the points that it passes (FAULT_LOG), read while it is written. */
export class FaultLog {
  readonly path: string
  readonly #counts = new Map<string, number>()
  readonly #file: number
  readonly #buffer = Buffer.alloc(64 * 1024)
  #rest = ''

  constructor(path: string) {
    this.path = path
    writeFileSync(path, '')
    this.#file = openSync(path, 'r')
  }

  /** How often the point has been passed so far. */
  passed(point: FaultPoint): number {
    this.#read()
    return this.#counts.get(point) ?? 0
  }

  /** How many uploads are in the phase: they have passed its first point and not its last. No upload may have failed. */
  within(phase: Phase): number {
    return this.passed(PHASES[phase].from) - this.passed(PHASES[phase].to)
  }

  /** Resolves once the point was passed `times` times; rejects when the signal is aborted. */
  until(point: FaultPoint, times: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const watcher = watch(this.path, () => check())
      const end = (settle: () => void) => {
        watcher.close()
        signal.removeEventListener('abort', giveUp)
        settle()
      }
      const giveUp = () => end(() => reject(signal.reason))
      const check = () => this.passed(point) >= times && end(resolve)
      signal.addEventListener('abort', giveUp)
      if (signal.aborted) giveUp()
      else check()
    })
  }

  close(): void {
    closeSync(this.#file)
  }

  #read(): void {
    for (let read = readSync(this.#file, this.#buffer); read > 0; read = readSync(this.#file, this.#buffer)) {
      const lines = (this.#rest + this.#buffer.toString('latin1', 0, read)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) {
        const point = line.split(' ')[1] ?? ''
        this.#counts.set(point, (this.#counts.get(point) ?? 0) + 1)
      }
    }
  }
}
