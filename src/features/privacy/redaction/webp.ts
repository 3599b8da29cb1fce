import { minimalExif } from './exif-block.ts'
import { RedactionImpossible } from './impossible.ts'
import type { Region } from './region.ts'

/** The chunks that a WebP picture is decoded from (RFC 9649, 2.7). */
const PICTURE = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])
const EXIF_FLAG = 0x08
const XMP_FLAG = 0x04
/** Readers ignore chunks that they do not know (2.7.1.6). */
const UNREAD = 'JUNK'
const MOST_CHUNKS = 200_000
const EXIF = 'Exif\0\0'

/** Leaves of a WebP what its picture is decoded from, with its orientation and whose it is; Exif, XMP, and unknown chunks go. */
export async function redactWebp(file: Region): Promise<void> {
  const announced = 8 + (await file.read(0, 8)).readUInt32LE(4)
  const end = Math.min(file.size, announced)
  let keepsExif = false
  let flags = -1
  let at = 12
  for (let n = 0; at + 8 <= end; n++) {
    if (n > MOST_CHUNKS) throw new RedactionImpossible('it has too many chunks')
    const head = await file.read(at, 8)
    const length = head.readUInt32LE(4)
    const type = head.toString('latin1', 0, 4)
    const chunk = file.part(at, 8 + length)
    if (type === 'VP8X' && flags < 0) flags = at + 8
    else if (type === 'EXIF' && !keepsExif) keepsExif = await reduceExif(chunk)
    else if (!PICTURE.has(type)) await blankChunk(chunk)
    at += 8 + length + (length % 2)
  }
  await file.blank(Math.min(at, end), file.size)
  if (flags < 0) return
  const [old = 0] = await file.read(flags, 1)
  await file.put(flags, Buffer.of(old & ~XMP_FLAG & (keepsExif ? 0xff : ~EXIF_FLAG)))
}

/** Whether something was left of it. Some writers put the identifier of JPEG in front. */
async function reduceExif(chunk: Region): Promise<boolean> {
  const old = await chunk.read(8, 1024 * 1024)
  const start = old.toString('latin1', 0, EXIF.length) === EXIF ? EXIF.length : 0
  const room = chunk.size - 8 - start
  const block = minimalExif(old.subarray(start), room)
  if (block) await chunk.put(8 + start, block, room)
  else await blankChunk(chunk)
  return block !== null
}

async function blankChunk(chunk: Region): Promise<void> {
  await chunk.put(0, Buffer.from(UNREAD, 'latin1'))
  await chunk.blank(8, chunk.size)
}
