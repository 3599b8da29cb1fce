/**
 * The one way in which images are opened here: whatever reads a file decodes it with the same options, so that what has been examined
 * can be shown. Run by Node itself in an isolated process: erasable TypeScript only.
 */
import sharp from 'sharp'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'

/** The loaders of libvips for what consists of pixels. None of them reads other files. */
export const PIXELS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'] as const

/** Sets this process up to decode these formats alone, whatever the bytes pretend to be. */
export function decodeOnly(formats: readonly string[]): void {
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: formats.map(format => `VipsForeignLoad${format}Buffer`) })
}

export interface Decoding {
  readonly maxPixels: number
  /** What is damaged is refused, not shown as far as it goes. */
  readonly strict: boolean
}

export const decodingOf = ({ maxPixels, strict }: Decoding) =>
  ({ failOn: strict ? 'error' : 'none', limitInputPixels: maxPixels, unlimited: false }) as const

/** An image from its bytes, of which the first frame alone is decoded. */
export const openImage = (bytes: Buffer, decoding: Decoding) => sharp(bytes, decodingOf(decoding))

/** What a decoder's error means, in words that the gateway knows. */
export function decoderFailure(error: unknown): HandlerFailure {
  const detail = error instanceof Error ? error.message : String(error)
  return new HandlerFailure(detail.includes('pixel limit') ? 'pixel-limit' : 'unreadable', detail)
}
