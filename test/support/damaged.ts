import type { Random } from '../faults/random.ts'

/** A file that was cut off, or in which some bits are wrong, near its beginning more often than elsewhere. */
export function damaged(bytes: Buffer, random: Random): Buffer {
  if (random.next() < 0.3) return bytes.subarray(0, random.integer(1, bytes.length))
  const copy = Buffer.from(bytes)
  const reach = random.pick([64, 1_024, bytes.length, bytes.length])
  for (let flips = random.integer(1, 24); flips > 0; flips--) {
    const at = random.integer(0, Math.min(reach, bytes.length) - 1)
    copy[at] = (copy[at] ?? 0) ^ (1 << random.integer(0, 7))
  }
  return copy
}
