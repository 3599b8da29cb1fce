import { minimalExif } from './exif-block.ts'
import type { Region } from './region.ts'

const SOS = 0xda
const EOI = 0xd9
const APP1 = 0xe1
/** An application segment that nobody reads takes the place of one that must not be read. */
const APP15 = 0xef
const EXIF = 'Exif\0\0'

/** The segments that the picture is decoded from (ITU-T T.81, table B.1): frames, tables, scans. */
const isPicture = (code: number): boolean => (code >= 0xc0 && code <= 0xcf) || (code >= SOS && code <= 0xdf)

/** Application segments that colours depend on, by how they begin; of JFIF only the part before its thumbnail. */
const COLOURS: Readonly<Record<number, string>> = { 224: 'JFIF\0', 226: 'ICC_PROFILE\0', 238: 'Adobe' }
const JFIF_BYTES = 14

interface Marker {
  readonly at: number
  readonly code: number
}

/**
 * Leaves of a JPEG (ITU-T T.81, annex B) what its picture is decoded from, with its orientation and whose it is. All else goes: Exif with
 * maker notes and thumbnails, XMP, IPTC, comments, and what lies behind the end of the picture, where phones keep films and second pictures
 * that have metadata of their own.
 */
export async function redactJpeg(file: Region): Promise<void> {
  let at = 2
  let inScan = false
  let hasExif = false
  for (;;) {
    const marker = await nextMarker(file, at)
    if (!inScan) await blankGap(file, at, marker?.at ?? file.size)
    if (!marker) return
    if (marker.code === EOI) return file.blank(marker.at + 2, file.size)
    const head = await file.read(marker.at + 2, 2)
    const length = head.length === 2 ? head.readUInt16BE() : 0
    at = marker.at + 2
    inScan = false
    if (length < 2) continue
    const segment = file.part(marker.at, 2 + length)
    const isExif: boolean = marker.code === APP1 && !hasExif && (await begins(segment, EXIF))
    if (isExif) await reduceExif(segment)
    else await judge(segment, marker.code)
    hasExif ||= isExif
    at += length
    inScan = marker.code === SOS
  }
}

/** The next marker that begins or ends something; restarts and what only looks like one are none. */
async function nextMarker(file: Region, from: number): Promise<Marker | null> {
  for (let at = from; ; ) {
    const bytes = await file.ahead(at)
    if (bytes.length === 0) return null
    const found = markerIn(bytes)
    if (found >= 0) return { at: at + found, code: bytes[found + 1] ?? 0 }
    // The last byte may be the first half of one.
    if (at + bytes.length >= file.size) return null
    at += bytes.at(-1) === 0xff && bytes.length > 1 ? bytes.length - 1 : bytes.length
    if (bytes.length === 1) {
      const pair = await file.read(at - 1, 2)
      if (markerIn(pair) === 0) return { at: at - 1, code: pair[1] ?? 0 }
    }
  }
}

function markerIn(bytes: Buffer): number {
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 1 < bytes.length; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1] ?? 0
    if (code >= 0xc0 && code < 0xff && (code < 0xd0 || code > 0xd8)) return at
  }
  return -1
}

/** Between segments nothing may lie but fill bytes (B.1.1.2), which decoders skip, as they do anything else. */
async function blankGap(file: Region, from: number, to: number): Promise<void> {
  const gap = await file.read(from, Math.min(to - from, 64))
  if (to - from > 64 || gap.some(byte => byte !== 0xff)) await file.blank(from, to - from)
}

const begins = async (segment: Region, identifier: string): Promise<boolean> =>
  (await segment.read(4, identifier.length)).toString('latin1') === identifier

async function reduceExif(segment: Region): Promise<void> {
  const start = 4 + EXIF.length
  const block = minimalExif(await segment.read(start, segment.size), segment.size - start)
  if (block) await segment.put(start, block, segment.size - start)
  else await blankSegment(segment)
}

async function judge(segment: Region, code: number): Promise<void> {
  if (isPicture(code)) return
  const identifier = COLOURS[code]
  if (identifier === undefined || !(await begins(segment, identifier))) return blankSegment(segment)
  if (code === 0xe0) await segment.blank(4 + JFIF_BYTES, segment.size)
}

async function blankSegment(segment: Region): Promise<void> {
  const length = await segment.read(2, 2)
  await segment.put(1, Buffer.concat([Buffer.of(APP15), length]), segment.size - 1)
}
