import { type Box, boxesOf, boxOf } from './boxes.ts'
import { RedactionImpossible } from './impossible.ts'
import type { Region } from './region.ts'

export interface StoredItem {
  /** Four characters of Latin-1. */
  readonly type: string
  /** Where its type is written. */
  readonly typeField: Region
  /** Where its bytes lie; null where they lie in other items. */
  readonly parts: readonly Region[] | null
}

const LARGEST_TABLE = 1024 * 1024
const MOST_EXTENTS = 20_000

/** The items that a `meta` box lists (ISO/IEC 14496-12, 8.11.3 and 8.11.6). */
export async function readItems(meta: Box, file: Region): Promise<StoredItem[]> {
  const inside = meta.content.part(4, meta.content.size)
  const info = await boxOf(inside, ['iinf'])
  if (!info) return []
  const places = await placesOf(inside, file)
  const items: StoredItem[] = []
  const [version = 0] = await info.content.read(0, 1)
  for await (const entry of boxesOf(info.content, version === 0 ? 6 : 8)) {
    const head = await entry.content.read(0, 16)
    const form = head[0] ?? 0
    if (entry.type !== 'infe' || form < 2) throw new RedactionImpossible('it lists its items in an old form')
    const id = form === 2 ? head.readUInt16BE(4) : head.readUInt32BE(4)
    const at = form === 2 ? 8 : 10
    items.push({
      type: head.toString('latin1', at, at + 4),
      typeField: entry.content.part(at, 4),
      parts: places.has(id) ? (places.get(id) ?? null) : [],
    })
  }
  return items
}

async function placesOf(meta: Region, file: Region): Promise<Map<number, Region[] | null>> {
  const places = new Map<number, Region[] | null>()
  const location = await boxOf(meta, ['iloc'])
  if (!location) return places
  if (location.content.size > LARGEST_TABLE) throw new RedactionImpossible('it has too many items')
  const data = await boxOf(meta, ['idat'])
  const table = new Numbers(Buffer.from(await location.content.read(0, location.content.size)))
  const version = table.next(1)
  table.next(3)
  const sizes = table.next(2)
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15]
  const indexSize = version > 0 ? sizes & 15 : 0
  const count = table.next(version < 2 ? 2 : 4)
  for (let n = 0, extents = 0; n < count; n++) {
    const id = table.next(version < 2 ? 2 : 4)
    const method = version > 0 ? table.next(2) & 15 : 0
    table.next(2)
    const base = table.next(baseSize)
    const from = method === 0 ? file : method === 1 ? data?.content : undefined
    const parts: Region[] = []
    for (let left = table.next(2); left > 0; left--) {
      if (++extents > MOST_EXTENTS) throw new RedactionImpossible('it has too many items')
      table.next(indexSize)
      const offset = base + table.next(offsetSize)
      const length = table.next(lengthSize)
      // Without a length it is all that there is.
      if (from) parts.push(from.part(offset, length || from.size))
    }
    places.set(id, from ? parts : null)
  }
  return places
}

/** Reads one number after the other; behind the end there are none, and the file is impossible. */
class Numbers {
  #at = 0
  constructor(private readonly bytes: Buffer) {}

  next(width: number): number {
    if (this.#at + width > this.bytes.length) throw new RedactionImpossible('its list of places is cut off')
    let value = 0
    for (let n = 0; n < width; n++) value = value * 256 + (this.bytes[this.#at++] ?? 0)
    return value
  }
}
