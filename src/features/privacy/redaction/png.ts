import { crc32 } from 'node:zlib'
import { minimalExif } from './exif-block.ts'
import { RedactionImpossible } from './impossible.ts'
import type { Region } from './region.ts'

/** Ancillary chunks (PNG 3rd edition, 11.3) that say how the picture looks, of which decoders make use; `tIME` says when alone. */
const LOOKS = new Set(
  'tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV mDCv cLLI cLLi bKGD hIST pHYs sPLT tIME acTL fcTL fdAT'.split(' '),
)
/** Texts that say whose the picture is, by their keyword. */
const ATTRIBUTION = /^(?:Author|Copyright)\0/
/** An ancillary, private chunk that is safe to copy: decoders skip what they do not know. */
const UNREAD = 'reDa'
/** Longer metadata is nobody's: its new checksum would cost too much. */
const LONGEST = 64 * 1024 * 1024
const MOST_CHUNKS = 200_000

/**
 * Leaves of a PNG the chunks that its picture is decoded from, with its orientation and whose it is. Exif, XMP, raw profiles in texts,
 * private chunks, and what lies behind the end, go.
 */
export async function redactPng(file: Region): Promise<void> {
  let at = 8
  for (let n = 0; at + 8 <= file.size; n++) {
    if (n > MOST_CHUNKS) throw new RedactionImpossible('it has too many chunks')
    const head = await file.read(at, 8)
    const length = head.readUInt32BE()
    const type = head.toString('latin1', 4)
    await judge(file.part(at, 12 + length), type)
    at += 12 + length
    if (type === 'IEND') break
  }
  await file.blank(at, file.size)
}

async function judge(chunk: Region, type: string): Promise<void> {
  const isCritical = /^[A-Z]/.test(type)
  if (isCritical || LOOKS.has(type)) return
  if (type === 'eXIf') return reduceExif(chunk)
  if (type === 'tEXt' && ATTRIBUTION.test((await chunk.read(8, 10)).toString('latin1'))) return
  await rewrite(chunk, UNREAD, Buffer.alloc(0))
}

async function reduceExif(chunk: Region): Promise<void> {
  const length = Math.max(0, chunk.size - 12)
  const old = length > LONGEST ? Buffer.alloc(0) : await chunk.read(8, Math.min(length, 1024 * 1024))
  const block = minimalExif(old, length)
  await rewrite(chunk, block ? 'eXIf' : UNREAD, block ?? Buffer.alloc(0))
}

const ZEROS = Buffer.alloc(64 * 1024)

async function rewrite(chunk: Region, type: string, data: Buffer): Promise<void> {
  const length = chunk.size - 12
  if (length > LONGEST) throw new RedactionImpossible('it has metadata beyond all measure')
  // A chunk that the end of the file cuts off has no checksum to mend.
  if (length < 0) return chunk.blank(8, chunk.size)
  const head = Buffer.concat([Buffer.from(type, 'latin1'), data])
  let crc = crc32(head)
  for (let left = length - data.length; left > 0; left -= ZEROS.length)
    crc = crc32(ZEROS.subarray(0, Math.min(left, ZEROS.length)), crc)
  await chunk.put(4, head, 4 + length)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc)
  await chunk.put(8 + length, checksum)
}
