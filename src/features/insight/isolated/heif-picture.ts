/** Run by Node itself in an isolated process: erasable TypeScript only. */
import sharp, { type Metadata, type Sharp } from 'sharp'
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { type DecodedPicture, decodeHevc } from './hevc-decoder.ts'
import { first } from './image-size.ts'
import { withProfile } from './jpeg-profile.ts'
import { decodingBytes } from './pixel-budget.ts'
import { decoderFailure, openImage } from './pixel-decoder.ts'
import type { PreviewArgs } from './preview-args.ts'
import { rightsOf } from './rights.ts'

/** At which encoding what is made of it once more shows no difference. */
const QUALITY = 90
const WHITE = '#ffffff'
/** Colour primaries of Display P3 and DCI-P3 (ITU-T H.273, table 2). */
const P3 = new Set([11, 12])

/** Makes a JPEG of the primary picture as it is shown, on white, in its own colours, and says its size. */
export async function makeHeifPicture({ limits, longestSide }: PreviewArgs, tools: TaskTools) {
  const { maxBytes, maxPixels, maxPixelBytes } = limits
  if (tools.size > maxBytes) throw new HandlerFailure('too-large', `more than ${maxBytes} bytes`)
  const bytes = await first(tools, maxBytes)
  try {
    const file = openImage(bytes, { maxPixels, strict: true })
    const metadata = await file.metadata()
    if (decodingBytes(metadata) > maxPixelBytes)
      throw new HandlerFailure('pixel-limit', `${metadata.width} × ${metadata.height} to be decoded at once`)
    // AV1 may be in it, too, which sharp decodes.
    const decoded = metadata.compression === 'hevc' ? decodeHevc(bytes, limits) : null
    const image = decoded ? opened(decoded) : file.autoOrient()
    const { data, info } = await jpegOf(image, metadata, longestSide)
    const icc = decoded && (await profileOf(decoded))
    await tools.make(icc ? withProfile(data, icc) : data)
    return { width: info.width, height: info.height }
  } catch (error) {
    throw error instanceof HandlerFailure ? error : decoderFailure(error)
  }
}

function jpegOf(image: Sharp, metadata: Metadata, longestSide: number) {
  const rights = rightsOf(metadata)
  if (rights) image.withExif({ IFD0: rights })
  return (
    image
      .flatten({ background: WHITE })
      .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
      // Optimised coding would hold the whole picture once more.
      .jpeg({ quality: QUALITY, optimiseCoding: false })
      .toBuffer({ resolveWithObject: true })
  )
}

/** The pixels as they are: what is opened without a profile is not converted. */
function opened({ pixels, width, height, channels, isPremultiplied }: DecodedPicture): Sharp {
  if (isPremultiplied && channels === 4) putOnWhite(pixels)
  return sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false })
}

/** RGBA whose colours have been multiplied by alpha, which sharp does not flatten. */
function putOnWhite(rgba: Buffer): void {
  for (let at = 0; at + 3 < rgba.length; at += 4) {
    const white = 255 - (rgba[at + 3] ?? 255)
    for (let n = at; n < at + 3; n++) rgba[n] = Math.min(255, (rgba[n] ?? 0) + white)
    rgba[at + 3] = 255
  }
}

/** The profile to say in the JPEG; null for sRGB, as which other primaries without a profile are shown, too: nobody's photos have them. */
async function profileOf({ icc, primaries }: DecodedPicture): Promise<Buffer | null> {
  // One of grey is not for the RGB that was decoded (ICC.1:2022, 7.2.8).
  if (icc) return icc.toString('latin1', 16, 20) === 'RGB ' ? icc : null
  if (primaries === undefined || !P3.has(primaries)) return null
  const dot = { create: { width: 1, height: 1, channels: 3, background: WHITE } } as const
  const bytes = await sharp(dot).withIccProfile('p3').png().toBuffer()
  // sharp's own, which it tells no other way.
  return (await openImage(bytes, { maxPixels: 1, strict: true }).metadata()).icc ?? null
}
