/** Bytes that are sent instead of as many that are stored: `bytes` first, then `fill` up to `length`. */
export interface Patch {
  /** From the beginning of the file. */
  readonly offset: number
  readonly length: number
  readonly bytes: Buffer
  readonly fill: number
}

/** Writes into `chunk`, whose first byte is byte `at` of the file, what `patch` has for it. */
export function applyTo(chunk: Uint8Array, at: number, patch: Patch): void {
  const from = Math.max(at, patch.offset)
  const to = Math.min(at + chunk.length, patch.offset + patch.length)
  if (from >= to) return
  const told = Math.min(to, Math.max(from, patch.offset + patch.bytes.length))
  chunk.set(patch.bytes.subarray(from - patch.offset, told - patch.offset), from - at)
  chunk.fill(patch.fill, told - at, to - at)
}

/** As it is kept: offset, length, bytes in base64, fill. */
export type KeptPatch = readonly [number, number, string, number]

export const keptPatch = ({ offset, length, bytes, fill }: Patch): KeptPatch => [
  offset,
  length,
  bytes.toString('base64'),
  fill,
]

export const patchOf = ([offset, length, bytes, fill]: KeptPatch): Patch => ({
  offset,
  length,
  bytes: Buffer.from(bytes, 'base64'),
  fill,
})

/**
 * The patches in the order of the file, none touching another; null where two that say different things of one byte were asked for, as
 * only a file does whose parts overlap.
 */
export function ordered(patches: readonly Patch[]): Patch[] | null {
  const result: Patch[] = []
  for (const patch of [...patches].sort((a, b) => a.offset - b.offset)) {
    const last = result.at(-1)
    const joins = last && isBlank(last) && isBlank(patch) && last.fill === patch.fill
    if (joins && patch.offset <= last.offset + last.length) {
      const end = Math.max(last.offset + last.length, patch.offset + patch.length)
      result[result.length - 1] = { ...last, length: end - last.offset }
    } else if (last && patch.offset < last.offset + last.length) return null
    else result.push(patch)
  }
  return result
}

const isBlank = ({ bytes }: Patch): boolean => bytes.length === 0
