/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { BoundedReader } from './bounded-reader.ts'

/** Seconds from 1904, from which QuickTime counts, to 1970. */
const EPOCH = 2_082_844_800
const HEADER = 16
const MOST_BOXES = 200
/** Before digital cameras nothing was recorded into such a file: what says so is an encoder's zero. */
const EARLIEST = Date.UTC(1990, 0)
const LATEST = Date.UTC(2100, 0)

interface Box {
  readonly type: string
  readonly body: number
  readonly end: number
}

/** When a film was recorded, as its movie header says (ISO 14496-12, 8.2.2), in UTC; undefined where it says nothing that can be. */
export async function movieTime(reader: BoundedReader): Promise<string | undefined> {
  const movie = await find(reader, 'moov', { start: 0, end: reader.size })
  const header = movie && (await find(reader, 'mvhd', { start: movie.body, end: movie.end }))
  if (!header || header.end - header.body < 12) return undefined
  const body = await reader.read(header.body, header.body + 12)
  const seconds = body[0] === 1 ? Number(body.readBigUInt64BE(4)) : body.readUInt32BE(4)
  const at = (seconds - EPOCH) * 1000
  return at >= EARLIEST && at <= LATEST ? new Date(at).toISOString() : undefined
}

async function find(
  reader: BoundedReader,
  type: string,
  within: { start: number; end: number },
): Promise<Box | null> {
  let at = within.start
  for (let count = 0; count < MOST_BOXES && at + HEADER <= within.end; count++) {
    const box = parse(await reader.read(at, at + HEADER), at, within.end)
    if (!box) return null
    if (box.type === type) return box
    at = box.end
  }
  return null
}

function parse(header: Buffer, at: number, limit: number): Box | null {
  if (header.length < HEADER) return null
  const short = header.readUInt32BE(0)
  const isLong = short === 1
  const size = isLong ? Number(header.readBigUInt64BE(8)) : short === 0 ? limit - at : short
  const body = at + (isLong ? HEADER : HEADER / 2)
  const end = at + size
  return end > body && end <= limit ? { type: header.toString('latin1', 4, 8), body, end } : null
}
