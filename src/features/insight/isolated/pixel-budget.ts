/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { Metadata } from 'sharp'

/** Bytes that decoding takes for each pixel, as measured, where all pixels lie in memory at once; of other formats a few lines do. */
const WHOLE_BYTES: Readonly<Record<string, number>> = { webp: 4, gif: 4, heif: 20 }
const PROGRESSIVE_BYTES = 4
/** The same of HEVC: its planes twice, and what is made of them. */
const HEVC_BYTES = 8
const HEVC_RICH_BYTES = 14

type Header = Pick<
  Metadata,
  'format' | 'compression' | 'isProgressive' | 'width' | 'height' | 'hasAlpha' | 'bitsPerSample'
>

/** Bytes that decoding a picture takes, by what its header says. */
export function decodingBytes(header: Header): number {
  const { format, compression, isProgressive, width, height, hasAlpha, bitsPerSample: bits = 8 } = header
  const each =
    compression === 'hevc'
      ? hevcBytes({ hasAlpha, bits })
      : (WHOLE_BYTES[format] ?? (isProgressive ? PROGRESSIVE_BYTES : 0))
  return width * height * each
}

/** Bytes for each pixel. */
export const hevcBytes = ({ hasAlpha, bits }: { readonly hasAlpha: boolean; readonly bits: number }) =>
  hasAlpha || bits > 8 ? HEVC_RICH_BYTES : HEVC_BYTES
