import type { Region } from './region.ts'

const TRAILER = 0x3b
const EXTENSION = 0x21
const IMAGE = 0x2c
const GRAPHIC_CONTROL = 0xf9
const PLAIN_TEXT = 0x01
const APPLICATION = 0xff

/** Applications whose data say how the picture is shown: how often it repeats, and its colours. */
const SHOWS = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012'])
const APPLICATION_BYTES = 12

/** Leaves of a GIF (GIF89a) what it is shown by. Comments, XMP, other applications' data, and what lies behind the trailer, go. */
export async function redactGif(file: Region): Promise<void> {
  const head = await file.read(0, 13)
  let at = 13 + tableBytes(head[10] ?? 0)
  for (;;) {
    const [block, label = 0] = await file.read(at, 2)
    if (block === IMAGE) {
      const [packed = 0] = await file.read(at + 9, 1)
      at = await endOfBlocks(file, at + 11 + tableBytes(packed))
    } else if (block === EXTENSION) {
      const end = await endOfBlocks(file, at + 2)
      await judge(file.part(at, end - at), label)
      at = end
    } else {
      return file.blank(block === TRAILER ? at + 1 : at, file.size)
    }
  }
}

/** The bytes of a colour table that a packed field announces. */
const tableBytes = (packed: number): number => (packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0)

/** Where the chain of sub-blocks that begins at `from` has ended. */
async function endOfBlocks(file: Region, from: number): Promise<number> {
  let at = from
  for (;;) {
    const bytes = await file.ahead(at)
    if (bytes.length === 0) return file.size
    let inside = 0
    while (inside < bytes.length) {
      const length = bytes[inside] ?? 0
      inside += 1 + length
      if (length === 0) return at + inside
    }
    at += inside
  }
}

async function judge(extension: Region, label: number): Promise<void> {
  if (label === GRAPHIC_CONTROL || label === PLAIN_TEXT) return
  if (label !== APPLICATION) return blankBlocks(extension, 2)
  const head = await extension.read(2, APPLICATION_BYTES)
  if (head[0] === APPLICATION_BYTES - 1 && SHOWS.has(head.toString('latin1', 1))) return
  if (head[0] !== APPLICATION_BYTES - 1) return blankBlocks(extension, 2)
  await extension.put(3, Buffer.from('REDACTED000', 'latin1'))
  await blankBlocks(extension, 2 + APPLICATION_BYTES)
}

/**
 * Fills a chain of sub-blocks up to its terminator with sub-blocks of one byte. Their lengths are written anew, too: in XMP the data
 * themselves are taken for lengths.
 */
async function blankBlocks(extension: Region, from: number): Promise<void> {
  const [terminator] = await extension.read(extension.size - 1, 1)
  // The end of the file cuts it off.
  if (terminator !== 0) return extension.blank(from, extension.size)
  const length = extension.size - 1 - from
  const isOdd = length % 2 === 1
  if (isOdd && length >= 3) await extension.put(from, Buffer.of(2, 1, 1))
  await extension.blank(isOdd ? from + 3 : from, length - (isOdd ? 3 : 0), 1)
}
