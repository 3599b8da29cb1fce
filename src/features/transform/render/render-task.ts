import type { Recipe } from '../recipe/recipe.ts'

/** What the rendering process is told. */
export interface RenderArgs {
  /** With a format of its own, never AUTO. */
  readonly recipe: Recipe
  /** The true type of the bytes. */
  readonly mimeType: string
  readonly maxPixels: number
}

/** Why a picture cannot be made, in the rendering process's own words; the text completes "This image cannot be transformed: …". */
export const renderReasons = {
  unreadable: 'it is damaged, or no image that is known here.',
  'pixel-limit': 'it has more pixels than are decoded here, over all its frames.',
  'too-many-made': 'so many frames of that size are not made. Ask for smaller ones.',
} as const satisfies Record<string, string>

export type RenderReason = keyof typeof renderReasons

/** Pixels of what was made, of one frame; its bytes have been handed over. */
export interface Rendered {
  readonly width: number
  readonly height: number
}
