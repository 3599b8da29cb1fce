/** What of an image's metadata is kept in what is made of it. Run by Node itself in an isolated process: erasable TypeScript only. */
import readExif from 'exif-reader'
import type { Metadata } from 'sharp'

const LONGEST = 500
/** Whose picture it is (CIPA DC-008, 4.6.5, tags 33432 and 315); nothing else tells of anybody. */
const KEPT = ['Copyright', 'Artist'] as const

/** The rights that an image states in its EXIF; undefined where it states none. EXIF knows ASCII alone: other letters are written as near as it goes. */
export function rightsOf({ exif }: Pick<Metadata, 'exif'>): Record<string, string> | undefined {
  const image = exif && imageTags(exif)
  const rights: Record<string, string> = {}
  for (const tag of KEPT) {
    const value = image?.[tag]
    const text = typeof value === 'string' ? printable(value) : ''
    if (text !== '') rights[tag] = text
  }
  return Object.keys(rights).length > 0 ? rights : undefined
}

function imageTags(exif: Buffer): Record<string, unknown> | undefined {
  try {
    return readExif(exif).Image as Record<string, unknown> | undefined
  } catch {
    return undefined
  }
}

/** Without control characters; what a photographer's and an editor's copyright are parted by is U+0000. */
const printable = (text: string): string =>
  text
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, LONGEST)
