/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { BoundedReader } from './bounded-reader.ts'
import { isHarmlessTag } from './media-tags.ts'

const WINDOW_BYTES = 1024 * 1024
const MOST_PARTS = 1_000

type Search = (reader: BoundedReader, windows: readonly Buffer[]) => Promise<boolean>

/**
 * By the library's name of a container: whether it holds nothing that may tell where or with what it was made beside the tags that the
 * library lists. Of a container that is not here, nobody knows all places where it might be told.
 */
const SEARCHES: Readonly<Record<string, Search>> = {
  Matroska: hasHarmlessTagNames,
  WebM: hasHarmlessTagNames,
  Ogg: async () => true,
  MP3: async () => true,
  ADTS: async () => true,
  FLAC: hasHarmlessBlocks,
  WAVE: hasHarmlessChunks,
}

export async function hasNothingElse(reader: BoundedReader, format: string): Promise<boolean> {
  const search = SEARCHES[format]
  if (!search) return false
  const windows = await windowsOf(reader)
  return !windows.some(hasMarks) && (await search(reader, windows))
}

/** The beginning and the end, where containers keep what they say of themselves. */
async function windowsOf(reader: BoundedReader): Promise<Buffer[]> {
  const { size } = reader
  const head = await reader.read(0, WINDOW_BYTES)
  return size > WINDOW_BYTES
    ? [head, await reader.read(Math.max(WINDOW_BYTES, size - WINDOW_BYTES), size)]
    : [head]
}

/** What positions and blocks of metadata look like wherever they lie, in texts of one byte a character or of two. */
const MARKS =
  /[+-]\d{2}\.\d{2,}[+-]\d{3}\.\d{2,}|location|iso6709|gpslatitude|xmpmeta|xpacket|exif\0\0|manufacturer|serialnumber|apetagex/i

const hasMarks = (bytes: Buffer): boolean => {
  const text = bytes.toString('latin1')
  return MARKS.test(text) || MARKS.test(text.replaceAll('\0', ''))
}

/** Names in SimpleTag elements of Matroska (RFC 9559, 5.1.8.1.2) of whatever they tag: the library lists those of the whole film. */
async function hasHarmlessTagNames(_reader: BoundedReader, windows: readonly Buffer[]): Promise<boolean> {
  return windows.every(bytes => tagNames(bytes).every(isHarmlessTag))
}

/** What may stand behind a name: TagLanguage, TagDefault, values, or the next of the elements around. Two bytes of a picture may look like a name. */
const BEHIND_NAME = /^(?:447a|447b|4484|4487|4485|67c8|7373|$)/

function tagNames(bytes: Buffer): string[] {
  const names: string[] = []
  for (let at = bytes.indexOf('45a3', 0, 'hex'); at >= 0; at = bytes.indexOf('45a3', at + 2, 'hex')) {
    // The leading zeros of a size are the bytes that follow its first (RFC 8794, 4).
    const more = Math.clz32(bytes[at + 2] ?? 0) - 24
    const start = at + 3 + more
    if (more > 5 || start >= bytes.length) continue
    const end = start + bytes.readUIntBE(at + 2, more + 1) - 2 ** (7 * (more + 1))
    if (end > start && BEHIND_NAME.test(bytes.toString('hex', end, end + 2)))
      names.push(bytes.toString('utf8', start, end))
  }
  return names
}

/** STREAMINFO, PADDING, SEEKTABLE, VORBIS_COMMENT, CUESHEET, PICTURE (RFC 9639, 8.1); a block of an application may hold anything. */
const FLAC_BLOCKS = new Set([0, 1, 3, 4, 5, 6])

async function hasHarmlessBlocks(reader: BoundedReader): Promise<boolean> {
  if ((await reader.read(0, 4)).toString('latin1') !== 'fLaC') return false
  for (let at = 4, n = 0; n < MOST_PARTS; n++) {
    const head = await reader.read(at, at + 4)
    if (head.length < 4 || !FLAC_BLOCKS.has((head[0] ?? 0) & 0x7f)) return false
    if ((head[0] ?? 0) & 0x80) return true
    at += 4 + head.readUIntBE(1, 3)
  }
  return false
}

/** What sound is played from, and the tags that the library lists; recorders write chunks of their own that name them. */
const RIFF_CHUNKS = new Set(['fmt ', 'data', 'fact', 'LIST', 'id3 ', 'ID3 ', 'cue ', 'PAD ', 'FLLR', 'PEAK'])

async function hasHarmlessChunks(reader: BoundedReader): Promise<boolean> {
  if ((await reader.read(0, 4)).toString('latin1') !== 'RIFF') return false
  for (let at = 12, n = 0; n < MOST_PARTS; n++) {
    if (at >= reader.size) return true
    const head = await reader.read(at, at + 8)
    if (head.length < 8 || !RIFF_CHUNKS.has(head.toString('latin1', 0, 4))) return false
    const size = head.readUInt32LE(4)
    at += 8 + size + (size % 2)
  }
  return false
}
