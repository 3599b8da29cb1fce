const MEBIBYTE = 1024 * 1024
/** Bytes that a block is filled with, and of the largest body that is one Put Blob, unless there are very many blocks. */
export const WHOLE_BLOCK_BYTES = 8 * MEBIBYTE
/** What Azure takes of one blob; of uncommitted blocks it keeps twice as many. */
export const MOST_BLOCKS = 50_000
/** Most bytes of one block since the service version 2019-12-12. */
const MOST_BLOCK_BYTES = 4000 * MEBIBYTE
/** Most bytes that the gateway promises to take; what is announced beyond it is not believed. */
const LARGEST_BYTES = 5 * 1024 * 1024 * MEBIBYTE
/** Blocks that an announced size is divided into: some are left for what comes beyond it. */
const PLANNED_BLOCKS = 45_000
/**
 * From so many blocks on, each is larger than the one before it by a step. Then 5 TiB fit into 50 000 blocks whatever was
 * announced, also when only two blocks together have the size that is asked for here.
 */
const EVEN_BLOCKS = 20_000
const STEP_BYTES = 27 * 1024
/** Bytes of blocks on the way at once, unless one block alone is larger. */
const IN_FLIGHT_BYTES = 24 * MEBIBYTE
const MOST_IN_FLIGHT = 3

/** Size of the first blocks of an upload that announces `size` bytes, of which a whole block has at least `least`. */
export function firstBlockBytes(size: number, least: number): number {
  return Math.max(least, Math.ceil(Math.min(size, LARGEST_BYTES) / PLANNED_BLOCKS))
}

/** Size of the block that comes after so many others. */
export function blockBytesAfter(blocks: number, first: number): number {
  return Math.min(MOST_BLOCK_BYTES, first + Math.max(0, blocks - EVEN_BLOCKS) * STEP_BYTES)
}

/** How many blocks of a size may be on the way at once. */
export function blocksInFlight(blockBytes: number): number {
  return Math.max(1, Math.min(MOST_IN_FLIGHT, Math.floor(IN_FLIGHT_BYTES / blockBytes)))
}
