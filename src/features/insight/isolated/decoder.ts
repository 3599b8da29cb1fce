/**
 * The one way in which images are opened here: whatever reads a file decodes it with the same options, so that what has been examined
 * can be shown. Run by Node itself in an isolated process: erasable TypeScript only.
 */
import sharp from 'sharp'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'

sharp.cache(false)
sharp.concurrency(1)
// Only these loaders, whatever the bytes pretend to be: no SVG, no PDF, nothing that reads other files.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff'].map(format => `VipsForeignLoad${format}Buffer`),
})

/** An image from its bytes, of which the first frame alone is decoded. `strict`: what is damaged is refused, not shown as far as it goes. */
export function openImage(bytes: Buffer, { maxPixels, strict }: { maxPixels: number; strict: boolean }) {
  const failOn = strict ? 'error' : 'none'
  return sharp(bytes, { failOn, limitInputPixels: maxPixels, unlimited: false })
}

/** What a decoder's error means, in words that the gateway knows. */
export function decoderFailure(error: unknown): HandlerFailure {
  const detail = error instanceof Error ? error.message : String(error)
  return new HandlerFailure(detail.includes('exceeds pixel limit') ? 'pixel-limit' : 'unreadable', detail)
}
