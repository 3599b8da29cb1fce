/** What several rounds measured. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number) => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

export interface Pair {
  readonly ours: number
  readonly baseline: number
}

/**
 * Measures both sides in turn, A B A B, so that a machine that slows down slows both. The ratio is taken round by round.
 */
export async function interleaved(rounds: number, measure: (round: number) => Promise<Pair>) {
  const pairs: Pair[] = []
  for (let round = 1; round <= rounds; round++) pairs.push(await measure(round))
  return {
    ours: spreadOf(pairs.map(pair => pair.ours)),
    baseline: spreadOf(pairs.map(pair => pair.baseline)),
    ratio: spreadOf(pairs.map(pair => pair.ours / pair.baseline)),
  }
}
