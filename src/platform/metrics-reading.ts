import { Deadline } from './db/deadline.ts'
import { inTime } from './lib/in-time.ts'
import type { Metrics } from './metrics.ts'

export interface Reading {
  /** Asks the database, and gives what sets the gauges. */
  read(): Promise<() => void>
  /** Takes their values away: an old one would look like a new one. */
  forget(): void
}

/** So long a reading is good, so long who asks for metrics waits for one, and so long it may take at all. */
const FRESH_MS = 10_000
const PATIENCE_MS = 2_000
const LONGEST_SECONDS = 30
/** What takes long is read so much more seldom: the database spends at most a twentieth of its time on it. */
const PAUSES = 20

/**
 * Values that the database knows, read when metrics are asked for and kept for a while. One reading at a time; one that fails leaves no
 * value, one that takes longer than somebody waits is there the next time.
 */
export function keepReading(metrics: Metrics, { read, forget }: Reading): void {
  let next = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const begin = async () => {
    const began = performance.now()
    try {
      const set = await Deadline.within(LONGEST_SECONDS, read)
      forget()
      set()
    } catch {
      forget()
    } finally {
      const ended = performance.now()
      next = ended + Math.max(FRESH_MS, PAUSES * (ended - began))
      reading = undefined
    }
  }
  // Without a value from the beginning, too: 0 would be one.
  forget()
  metrics.beforeReading(async () => {
    if (!reading && performance.now() < next) return
    reading ??= begin()
    await inTime(reading, PATIENCE_MS).catch(() => undefined)
  })
}
