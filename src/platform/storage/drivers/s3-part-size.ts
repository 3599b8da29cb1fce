const MEBIBYTE = 1024 * 1024
/** What S3 takes of one upload. */
export const MOST_PARTS = 10_000
/** Least bytes of a part that is not the last one. */
export const LEAST_PART_BYTES = 5 * MEBIBYTE
/** Most bytes of one part, and of one PUT. */
export const MOST_PART_BYTES = 5 * 1024 * MEBIBYTE
/** Largest object of S3; what is announced beyond it is not believed. */
const LARGEST_BYTES = 5 * 1024 * 1024 * MEBIBYTE
/** Parts that an announced size is divided into: some are left for what comes beyond it. */
const PLANNED_PARTS = 9000
/**
 * From an offset of so many parts on, each part is this fraction of what lies before it. Parts of 5 MiB then reach 5 TiB
 * with 1200 × (1 + ln(5 TiB / 1200 / 5 MiB)) = 9 328 parts, larger ones with fewer.
 */
const GROWTH = 1200
/** Bytes of parts on the way at once, unless one part alone is larger. */
const IN_FLIGHT_BYTES = 24 * MEBIBYTE
const MOST_IN_FLIGHT = 3

/** Size of the first parts of an upload that announces `size` bytes: at least `least`, in whole MiB. */
export function firstPartBytes(size: number, least: number): number {
  return Math.max(least, wholeMebibytes(Math.min(size, LARGEST_BYTES) / PLANNED_PARTS))
}

/**
 * Size of the part that begins at an offset. It follows from the two alone, so that every node, and every new attempt, cuts
 * at the same places; 5 TiB fit into 10 000 parts, whatever was announced.
 */
export function partBytesAt(offset: number, first: number): number {
  return Math.min(MOST_PART_BYTES, Math.max(first, wholeMebibytes(offset / GROWTH)))
}

/** Size of the parts of an object of exactly `size` bytes that the client sends by itself. */
export function evenPartBytes(size: number, least: number): number {
  return Math.max(least, wholeMebibytes(size / MOST_PARTS))
}

/** How many parts of a size may be on the way at once. */
export function partsInFlight(partBytes: number): number {
  return Math.max(1, Math.min(MOST_IN_FLIGHT, Math.floor(IN_FLIGHT_BYTES / partBytes)))
}

function wholeMebibytes(bytes: number): number {
  return Math.ceil(bytes / MEBIBYTE) * MEBIBYTE
}
