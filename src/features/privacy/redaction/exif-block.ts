import { tiffOrder } from './tiff-order.ts'

const ORIENTATION = 0x0112
const ARTIST = 0x013b
const COPYRIGHT = 0x8298
const SHORT = 3
const ASCII = 2
const MOST_ENTRIES = 1_000
const LONGEST_TEXT = 512

interface Kept {
  readonly orientation?: number
  readonly texts: readonly { readonly tag: number; readonly text: Buffer }[]
}

/**
 * A new Exif block (a TIFF structure with one directory) of at most `room` bytes that says of the old one only how to turn the picture,
 * and whose it is: Orientation, Artist, Copyright. Null where there is nothing of that to say, or no room.
 */
export function minimalExif(old: Buffer, room: number): Buffer | null {
  const kept = keptOf(old)
  for (let texts = kept.texts; ; texts = texts.slice(0, -1)) {
    if (kept.orientation === undefined && texts.length === 0) return null
    const block = blockOf({ ...kept, texts })
    if (block.length <= room) return block
    if (texts.length === 0) return null
  }
}

/** The same out of a TIFF structure that may be damaged in any way. */
function keptOf(old: Buffer): Kept {
  const texts: { tag: number; text: Buffer }[] = []
  let orientation: number | undefined
  const order = tiffOrder(old)
  const directory = order?.u32(old, 4) ?? 0
  if (!order || directory < 8 || directory + 2 > old.length) return { texts }
  const count = Math.min(order.u16(old, directory), MOST_ENTRIES)
  for (let at = directory + 2, n = 0; n < count && at + 12 <= old.length; n++, at += 12) {
    const tag = order.u16(old, at)
    const type = order.u16(old, at + 2)
    const values = order.u32(old, at + 4)
    if (tag === ORIENTATION && type === SHORT && values === 1) {
      const value = order.u16(old, at + 8)
      if (value >= 1 && value <= 8) orientation = value
    }
    if ((tag === ARTIST || tag === COPYRIGHT) && type === ASCII && values >= 1 && values <= LONGEST_TEXT) {
      const from = values <= 4 ? at + 8 : order.u32(old, at + 8)
      const text = old.subarray(from, from + values)
      const isText = text.length === values && text.some(byte => byte > 0x20)
      if (isText && !texts.some(known => known.tag === tag)) texts.push({ tag, text })
    }
  }
  return { orientation, texts: texts.sort((a, b) => a.tag - b.tag) }
}

function blockOf({ orientation, texts }: Kept): Buffer {
  const count = texts.length + (orientation === undefined ? 0 : 1)
  const values = 8 + 2 + count * 12 + 4
  const block = Buffer.alloc(values + texts.reduce((sum, { text }) => sum + even(text.length), 0))
  block.write('II*\0', 'latin1')
  block.writeUInt32LE(8, 4)
  block.writeUInt16LE(count, 8)
  let entry = 10
  let value = values
  const add = (tag: number, type: number, length: number) => {
    block.writeUInt16LE(tag, entry)
    block.writeUInt16LE(type, entry + 2)
    block.writeUInt32LE(length, entry + 4)
    entry += 12
    return entry - 4
  }
  if (orientation !== undefined) block.writeUInt16LE(orientation, add(ORIENTATION, SHORT, 1))
  for (const { tag, text } of texts) {
    const slot = add(tag, ASCII, text.length)
    if (text.length <= 4) text.copy(block, slot)
    else {
      block.writeUInt32LE(value, slot)
      text.copy(block, value)
    }
    value += even(text.length)
  }
  return block
}

const even = (length: number): number => length + (length % 2)
