import type { ReadingLimits } from '../insight.config.ts'

/** What the maker of a preview is told. */
export interface PreviewArgs {
  readonly limits: ReadingLimits
  /** Pixels that the longer side of a picture takes at most. */
  readonly longestSide: number
}
