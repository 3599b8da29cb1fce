import { markupText, xmlRoot } from '../xml-root.ts'

/** CSS pixels in one unit (CSS Values and Units 4, 6.2); `em`, `%` and the like depend on where the image is shown. */
const PIXELS = {
  '': 1,
  px: 1,
  in: 96,
  cm: 96 / 2.54,
  mm: 9.6 / 2.54,
  q: 2.4 / 2.54,
  pt: 96 / 72,
  pc: 16,
} as const

const LENGTH = /^\s*\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})(|px|in|cm|mm|q|pt|pc)\s*$/i

/** No browser or renderer goes beyond; a claim above is no fact. */
const LARGEST = 1_000_000

/**
 * The size in whole pixels that an SVG's root states in `width` and `height`, from the first bytes of the file. Null when it
 * states none in absolute units (a `viewBox` is a shape, not a size); undefined when there is no SVG root to read.
 */
export function svgSize(head: Uint8Array): { width: number; height: number } | null | undefined {
  const root = xmlRoot(markupText(head))
  if (root?.name !== 'svg') return undefined
  const width = pixels(root.attributes.get('width'))
  const height = pixels(root.attributes.get('height'))
  return width && height ? { width, height } : null
}

function pixels(length: string | undefined): number | null {
  const [, digits, unit = ''] = LENGTH.exec(length ?? '') ?? []
  if (digits === undefined) return null
  const value = Math.round(Number(digits) * PIXELS[unit.toLowerCase() as keyof typeof PIXELS])
  return value <= LARGEST ? value : null
}
