import type { Spread } from './spread.ts'

export interface Bench {
  readonly rounds: number
  /** Media in the library of the figure that needs many. */
  readonly media: number
  readonly progress: (message: string) => void
}

/**
 * One line of the result. With a baseline the bound is for the median ratio ours / baseline; without one it is for the
 * worst round of ours, or for its median where ours is itself a difference of two measurements.
 */
export interface Row {
  readonly figure: string
  readonly unit: string
  readonly ours: Spread
  readonly isDifference?: boolean
  readonly baseline?: Spread
  readonly ratio?: Spread
  readonly atMost?: number
  readonly atLeast?: number
  /** What else was seen. */
  readonly note?: string
}

export type Figure = (bench: Bench) => Promise<Row[]>

export function holds({ ours, isDifference, ratio, atMost, atLeast }: Row): boolean {
  const median = isDifference ? ours.median : ratio?.median
  const least = median ?? ours.min
  const most = median ?? ours.max
  // A measurement that failed is no number, and then nothing holds.
  return most <= (atMost ?? Number.MAX_VALUE) && least >= (atLeast ?? -Number.MAX_VALUE)
}
