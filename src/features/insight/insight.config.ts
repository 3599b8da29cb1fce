const MIB = 1024 * 1024

/** Bounds of what is done to one file in an isolated process; the process is told them. */
export interface ReadingLimits {
  /** Bytes of a file in which a header is looked for first: nearly every one lies within. */
  readonly headBytes: number
  /** Bytes of a file that are read at most where the format must be read whole (WebP) or hides its header at the end (TIFF). */
  readonly maxBytes: number
  /** Bytes read at most of a container, which is read in parts and may be of any size. */
  readonly maxReadBytes: number
  /** Width times height that an image may claim. */
  readonly maxPixels: number
  /** Bytes that decoding may take, where a format cannot be decoded line by line: an AVIF of 20 megapixels, a HEIC of 50, a WebP of 100. */
  readonly maxPixelBytes: number
  /** Pixels of a video's frame that is decoded for a poster. */
  readonly maxFramePixels: number
}

export interface InsightLimits extends ReadingLimits {
  /** Milliseconds for one probe, waiting for a process and reading the store included. */
  readonly deadlineMs: number
  /** Milliseconds for one examination or preview, reading the store included, waiting for a process not. */
  readonly examinationMs: number
  /** Milliseconds for one HEVC picture, likewise: 48 megapixels take some 15 s on a busy machine. */
  readonly decodingMs: number
  /** Processes of each pool, and so files of each, at the same time: one pool for probes, one for HEVC, one for the rest. */
  readonly processes: number
  /** Milliseconds without work after which a process is ended. */
  readonly idleMs: number
  /** Resident memory at which a process is ended, in bytes; the runtime and a library alone take 80 MiB. */
  readonly memoryBytes: number
  /** Bytes that one preview, or the keyframe that it is made of, may take. */
  readonly maxPreviewBytes: number
}

export const insightDefaults: InsightLimits = {
  deadlineMs: 5_000,
  examinationMs: 10_000,
  decodingMs: 60_000,
  processes: 2,
  idleMs: 30_000,
  memoryBytes: 512 * MIB,
  headBytes: MIB,
  maxBytes: 64 * MIB,
  maxReadBytes: 128 * MIB,
  maxPixels: 16_383 * 16_383,
  maxPixelBytes: 384 * MIB,
  maxFramePixels: 8_192 * 4_320,
  maxPreviewBytes: 16 * MIB,
}
