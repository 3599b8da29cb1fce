const MIB = 1024 * 1024

export interface InsightLimits {
  /** Milliseconds for one probe, waiting for a decoder and reading the store included. */
  readonly deadlineMs: number
  /** Decoding processes, and so probes, at the same time. */
  readonly processes: number
  /** Milliseconds without work after which a decoder is ended. */
  readonly idleMs: number
  /** Resident memory of a decoder at which it is ended, in bytes; the runtime and the library alone take 80 MiB. */
  readonly memoryBytes: number
  /** What is tried first: nearly every header lies within. */
  readonly headBytes: number
  /** What is tried at most, where the format needs the whole file (WebP) or hides its header at the end (TIFF). */
  readonly maxBytes: number
  /** Width times height that an image may claim. */
  readonly maxPixels: number
}

export const insightDefaults: InsightLimits = {
  deadlineMs: 5_000,
  processes: 2,
  idleMs: 30_000,
  memoryBytes: 512 * MIB,
  headBytes: MIB,
  maxBytes: 64 * MIB,
  maxPixels: 16_383 * 16_383,
}
