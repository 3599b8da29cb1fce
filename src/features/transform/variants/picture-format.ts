import Negotiator from 'negotiator'
import type { Format } from '../recipe/operations.ts'
import { inFormat, type Recipe } from '../recipe/recipe.ts'

/** How each format is called in the world. */
const FILES = {
  JPEG: { mimeType: 'image/jpeg', extension: 'jpg' },
  PNG: { mimeType: 'image/png', extension: 'png' },
  WEBP: { mimeType: 'image/webp', extension: 'webp' },
  AVIF: { mimeType: 'image/avif', extension: 'avif' },
  GIF: { mimeType: 'image/gif', extension: 'gif' },
} as const satisfies Record<Exclude<Format, 'AUTO'>, { mimeType: string; extension: string }>

const fileOf = (format: Format) => FILES[format === 'AUTO' ? 'WEBP' : format]

export const mimeTypeOf = (format: Format): string => fileOf(format).mimeType

/** A name for a picture that was made of a file of this name. */
export function pictureName(fileName: string, format: Format): string {
  const stem = fileName.replace(/\.[^./\\]{1,10}$/, '') || fileName
  return `${stem}.${fileOf(format).extension}`
}

/**
 * The recipe with the format that AUTO is for this client. WebP must be named in its Accept: programs that take anything name nothing,
 * and what they do with it is not known.
 */
export function negotiated(recipe: Recipe, mimeType: string, accept: string | undefined): Recipe {
  if (recipe.format !== 'AUTO') return recipe
  // Types are written in any case (RFC 9110, 8.3.1).
  const headers = { accept: (accept ?? '').toLowerCase() }
  const isWebp = new Negotiator({ headers }).mediaTypes().includes('image/webp')
  return inFormat(recipe, isWebp ? 'WEBP' : plainFormat(mimeType))
}

/** What every client shows. */
function plainFormat(mimeType: string): Format {
  if (mimeType === 'image/jpeg') return 'JPEG'
  return mimeType === 'image/gif' ? 'GIF' : 'PNG'
}
