import { type Box, freeBox, judgeBoxes } from './boxes.ts'
import { minimalExif } from './exif-block.ts'
import { RedactionImpossible } from './impossible.ts'
import { readItems, type StoredItem } from './iso-item-table.ts'
import type { Region } from './region.ts'

/** What describes the pictures of a file (ISO/IEC 14496-12, 8.11; 23008-12), beside the items themselves. */
const PARTS = new Set('hdlr pitm iloc iinf iref iprp idat ipro dinf grpl'.split(' '))
/** Items that are pictures, or are put together of pictures. */
const PICTURES = new Set(
  'av01 hvc1 hvt1 lhv1 avc1 jpeg j2k1 vvc1 evc1 unci mski grid iden iovl tmap auxl a1op a1lx'.split(' '),
)
const LARGEST_EXIF = 1024 * 1024

/** Leaves of the items of an AVIF or HEIF its pictures, and of Exif whose they are; XMP and all other items go. */
export async function redactItems(meta: Box, file: Region): Promise<void> {
  const judge = async (box: Box) => (PARTS.has(box.type) ? undefined : freeBox(box))
  await judgeBoxes(meta.content, judge, 4)
  for (const item of await readItems(meta, file)) {
    if (PICTURES.has(item.type)) continue
    if (!item.parts) throw new RedactionImpossible('it keeps metadata within other items')
    const isKept = item.type === 'Exif' && (await reduceExif(item))
    if (isKept) continue
    await item.typeField.put(0, Buffer.from('free', 'latin1'))
    for (const part of item.parts) await part.blank(0, part.size)
  }
}

/** Whether something was left of it: 4 bytes say where in the item the TIFF structure begins (23008-12, A.2.1). */
async function reduceExif({ parts }: StoredItem): Promise<boolean> {
  const [whole, ...others] = parts ?? []
  if (!whole || others.length > 0 || whole.size < 8 || whole.size > LARGEST_EXIF) return false
  const bytes = await whole.read(0, whole.size)
  const block = minimalExif(bytes.subarray(4 + bytes.readUInt32BE()), whole.size - 4)
  if (block) await whole.put(0, Buffer.concat([Buffer.alloc(4), block]), whole.size)
  return block !== null
}
