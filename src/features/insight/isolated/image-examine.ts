/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { Metadata } from 'sharp'
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import type { FileFacts } from '../file-facts.ts'
import { exifFacts } from './exif-facts.ts'
import { iccDescription } from './icc-description.ts'
import { first } from './image-size.ts'
import { decodingBytes } from './pixel-budget.ts'
import { decoderFailure, openImage } from './pixel-decoder.ts'
import { placeholderOf } from './placeholder.ts'
import { type ExamineArgs, tell } from './tell.ts'
import { xmpFacts } from './xmp-facts.ts'

/** Tells what the header says, then decodes the first frame to see that it can be shown. */
export async function examineImage({ mimeType, limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  const { maxPixels, maxPixelBytes, maxReadBytes } = limits
  const bytes = await first(tools, maxReadBytes)
  const metadata = await readHeader(bytes, maxPixels)
  const header = headerFacts(metadata, bytes, mimeType)
  const fromXmp = metadata.xmp && xmpFacts(metadata.xmp)
  const fromExif = metadata.exif && exifFacts(metadata.exif)
  const icc = metadata.icc && { icc: { description: iccDescription(metadata.icc) } }
  await tell(tools, {
    facts: {
      ...fromXmp?.facts,
      ...fromExif?.facts,
      ...header,
      alsoTells: { ...fromXmp?.facts?.alsoTells, ...fromExif?.facts?.alsoTells },
    },
    metadata: { image: technical(metadata), ...icc, ...fromExif?.metadata, ...fromXmp?.metadata },
  })
  if (tools.size > maxReadBytes) throw new HandlerFailure('too-large', `more than ${maxReadBytes} bytes`)
  if (decodingBytes(metadata) > maxPixelBytes)
    throw new HandlerFailure('pixel-limit', `${metadata.width} × ${metadata.height} to be decoded at once`)
  // Nothing here decodes HEVC: what it shows, its preview shows.
  if (metadata.compression === 'hevc') return
  try {
    await tell(tools, {
      facts: { placeholder: await placeholderOf(openImage(bytes, { maxPixels, strict: true })) },
    })
  } catch (error) {
    throw decoderFailure(error)
  }
}

async function readHeader(bytes: Buffer, maxPixels: number): Promise<Metadata> {
  try {
    return await openImage(bytes, { maxPixels, strict: false }).metadata()
  } catch (error) {
    throw decoderFailure(error)
  }
}

function headerFacts(metadata: Metadata, bytes: Buffer, mimeType: string): FileFacts {
  const { width, height, orientation = 1, pages = 1, space, hasAlpha, autoOrient } = metadata
  return {
    width: autoOrient.width,
    height: autoOrient.height,
    image: {
      storedWidth: width,
      storedHeight: height,
      orientation,
      frameCount: mimeType === 'image/apng' ? apngFrames(bytes) : pages,
      colorSpace: space,
      hasAlpha,
    },
  }
}

/** The decoder shows the first frame alone; how many there are stands in the chunk `acTL` (PNG 3rd edition, 11.3.6.1). */
function apngFrames(bytes: Buffer): number {
  const at = bytes.subarray(0, 64 * 1024).indexOf('acTL')
  return at < 0 || at + 8 > bytes.length ? 1 : Math.max(1, bytes.readUInt32BE(at + 4))
}

const TECHNICAL = [
  'format',
  'compression',
  'depth',
  'channels',
  'density',
  'chromaSubsampling',
  'isProgressive',
  'isPalette',
  'bitsPerSample',
  'loop',
  'hasProfile',
] as const satisfies ReadonlyArray<keyof Metadata>

const technical = (metadata: Metadata) => Object.fromEntries(TECHNICAL.map(key => [key, metadata[key]]))
