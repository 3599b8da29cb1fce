/** What of an image's metadata is kept in what is made of it. Run by Node itself in an isolated process: erasable TypeScript only. */
import readExif from 'exif-reader'
import type { Metadata } from 'sharp'
import { exifText } from './exif-facts.ts'
import { xmpFacts } from './xmp-facts.ts'

const LONGEST = 500
/** Whose picture it is (CIPA DC-008, 4.6.5, tags 33432 and 315), and as what it stands in XMP; nothing else tells of anybody. */
const KEPT = { Copyright: 'copyright', Artist: 'artist' } as const

/**
 * The rights that an image states in its EXIF, or else in its XMP; undefined where it states none. EXIF knows ASCII alone: libvips writes
 * other letters as near to them as it goes, "©" as "(C)".
 */
export function rightsOf({ exif, xmp }: Pick<Metadata, 'exif' | 'xmp'>): Record<string, string> | undefined {
  const image = exif && imageTags(exif)
  const said = xmp && xmpFacts(xmp).facts
  const rights: Record<string, string> = {}
  for (const [tag, name] of Object.entries(KEPT)) {
    const text = printable(image?.[tag]) || printable(said?.[name])
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
function printable(value: unknown): string {
  const text = Buffer.isBuffer(value) ? exifText(value) : value
  return typeof text === 'string'
    ? text
        .replace(/\p{C}+/gu, ' ')
        .trim()
        .slice(0, LONGEST)
    : ''
}
