/** Also run by Node itself: erasable TypeScript only. */

/** Longest side of what is made, in pixels. */
export const LONGEST_SIDE = 4096

/** What each format takes for a quality that is not given; the others lose nothing by theirs. */
export const DEFAULT_QUALITY = { JPEG: 80, WEBP: 80, AVIF: 50 } as const

/** Pixels that are made at most, over all frames. */
export const MOST_MADE = 64_000_000
