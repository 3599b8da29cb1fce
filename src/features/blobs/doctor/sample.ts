/** How many blobs are read: so many, or a share of them all. */
export type Sample = { readonly count: number } | { readonly percent: number }

/** Reads `250` and `5%`; null for anything else. */
export function parseSample(text: string): Sample | null {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
  const value = Number(number)
  if (number === undefined) return null
  if (percent) return value <= 100 ? { percent: value } : null
  return Number.isSafeInteger(value) ? { count: value } : null
}

/**
 * Says of one blob after the other whether it is of the sample: as many as are asked for, and each as likely as another (Knuth, The
 * Art of Computer Programming 3.4.2, algorithm S). Without a sample it is every one. Those beyond `total` are not.
 */
export function picker(
  sample: Sample | undefined,
  total: number,
  random: () => number = Math.random,
): () => boolean {
  if (sample === undefined) return () => true
  let wanted = Math.min(total, 'count' in sample ? sample.count : Math.ceil((total * sample.percent) / 100))
  let left = total
  return () => {
    if (left <= 0) return false
    const picked = random() * left < wanted
    left--
    if (picked) wanted--
    return picked
  }
}
