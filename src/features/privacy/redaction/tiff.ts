import { RedactionImpossible } from './impossible.ts'
import type { Region } from './region.ts'
import { type TiffOrder, tiffOrder } from './tiff-order.ts'

/** The entries by which a picture is decoded and shown (TIFF 6.0 and its supplements), its name, date, artist and copyright. */
const KEPT = new Set([
  254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 269, 270, 273, 274, 277, 278, 279, 280, 281, 282,
  283, 284, 285, 286, 287, 288, 289, 290, 291, 292, 293, 296, 297, 301, 306, 315, 317, 318, 319, 320, 321,
  322, 323, 324, 325, 326, 327, 328, 330, 332, 333, 334, 336, 337, 338, 339, 340, 341, 342, 343, 344, 345,
  346, 347, 351, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 559, 32995, 32996, 32997,
  32998, 33432, 34675, 37439, 50674,
])
const SUB_PICTURES = 330
/** Directories that go, with all that they point to: Exif, GPS, interoperability. */
const DIRECTORIES = new Set([34665, 34853, 40965])

/** Bytes of one value by its type (section 2); of an unknown type nobody can say where its values end. */
const WIDTHS = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]
const MOST_DIRECTORIES = 1_000
const MOST_ENTRIES = 4_096
const DEPTH = 4

interface Entry {
  readonly tag: number
  readonly bytes: Buffer
  /** Where its values lie: in the entry, or elsewhere. */
  readonly values: Region
  readonly isElsewhere: boolean
}

interface Directory {
  readonly entries: readonly Entry[]
  readonly table: Region
  /** The offset of the next one, as it stands there. */
  readonly next: Buffer
}

/** Leaves of each directory of a TIFF what its picture is decoded and shown by, and whose it is; the others' values are blanked. */
export async function redactTiff(file: Region): Promise<void> {
  const head = await file.read(0, 8)
  const order = tiffOrder(head)
  if (!order) throw new RedactionImpossible('it is a BigTIFF')
  await new Directories(file, order).redact(order.u32(head, 4))
}

class Directories {
  readonly #seen = new Set<number>()

  constructor(
    private readonly file: Region,
    private readonly order: TiffOrder,
  ) {}

  async redact(first: number): Promise<void> {
    const waiting = [first]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (at === 0 || this.#isKnown(at)) continue
      const { entries, table, next } = await this.#read(at)
      const kept = entries.filter(entry => KEPT.has(entry.tag))
      for (const entry of entries) {
        if (!KEPT.has(entry.tag)) await this.#drop(entry)
        if (entry.tag === SUB_PICTURES) waiting.push(...(await this.#offsetsOf(entry)))
      }
      waiting.push(this.order.u32(next, 0))
      if (kept.length < entries.length) await table.put(0, this.#tableOf(kept, next), table.size)
    }
  }

  #isKnown(at: number): boolean {
    if (this.#seen.has(at)) return true
    this.#seen.add(at)
    if (this.#seen.size > MOST_DIRECTORIES) throw new RedactionImpossible('it has too many directories')
    return false
  }

  async #read(at: number): Promise<Directory> {
    const count = this.order.u16(await this.file.read(at, 2), 0)
    if (count > MOST_ENTRIES) throw new RedactionImpossible('a directory has too many entries')
    const table = this.file.part(at, 2 + count * 12 + 4)
    if (table.size < 2 + count * 12) throw new RedactionImpossible('a directory is cut off')
    const bytes = Buffer.from(await table.read(0, table.size))
    const next = Buffer.alloc(4)
    bytes.copy(next, 0, 2 + count * 12)
    const entries = Array.from({ length: count }, (_, n) => this.#entry(table, bytes, 2 + n * 12))
    return { entries, table, next }
  }

  #entry(table: Region, all: Buffer, at: number): Entry {
    const bytes = all.subarray(at, at + 12)
    const width = WIDTHS[this.order.u16(bytes, 2)] ?? 0
    const length = width * this.order.u32(bytes, 4)
    const isElsewhere = length > 4
    const values = isElsewhere
      ? this.file.part(this.order.u32(bytes, 8), length)
      : table.part(at + 8, Math.min(length, 4))
    return { tag: this.order.u16(bytes, 0), bytes, values, isElsewhere }
  }

  /** Blanks what the entry's values are, and what they point to; the entry itself goes with its table. */
  async #drop(entry: Entry, depth = 0): Promise<void> {
    if (DIRECTORIES.has(entry.tag)) {
      if (depth > DEPTH) throw new RedactionImpossible('its directories are nested too deeply')
      for (const at of await this.#offsetsOf(entry)) {
        if (at === 0 || this.#isKnown(at)) continue
        const { entries, table } = await this.#read(at)
        for (const inner of entries) await this.#drop(inner, depth + 1)
        await table.blank(0, table.size)
      }
    }
    if (entry.isElsewhere) await entry.values.blank(0, entry.values.size)
  }

  async #offsetsOf({ values }: Entry): Promise<number[]> {
    const bytes = await values.read(0, Math.min(values.size, MOST_DIRECTORIES * 4))
    return Array.from({ length: Math.floor(bytes.length / 4) }, (_, n) => this.order.u32(bytes, n * 4))
  }

  #tableOf(kept: readonly Entry[], next: Buffer): Buffer {
    const count = Buffer.alloc(2)
    this.order.put16(count, kept.length, 0)
    return Buffer.concat([count, ...kept.map(({ bytes }) => bytes), next])
  }
}
