import { RedactionImpossible } from './impossible.ts'
import type { Region } from './region.ts'

/** A box of ISO base media, or an atom of QuickTime, which is the same (ISO/IEC 14496-12, 4.2). */
export interface Box {
  /** Four characters of Latin-1. */
  readonly type: string
  readonly all: Region
  readonly content: Region
}

/** A film in pieces has two boxes a piece. */
const MOST_BOXES = 100_000

/** The boxes that `parent` holds from `from` on; one that reaches beyond its parent ends with it. Gives back where the last one ends. */
export async function* boxesOf(parent: Region, from = 0): AsyncGenerator<Box, number> {
  let at = from
  for (let n = 0; at + 8 <= parent.size; n++) {
    if (n > MOST_BOXES) throw new RedactionImpossible('it has too many boxes')
    const head = await parent.read(at, 16)
    const short = head.readUInt32BE()
    const isLong = short === 1 && head.length === 16
    const header = isLong ? 16 : 8
    const size = isLong ? Number(head.readBigUInt64BE(8)) : short === 0 ? parent.size - at : short
    if (size < header) break
    const all = parent.part(at, size)
    yield { type: head.toString('latin1', 4, 8), all, content: all.part(header, all.size) }
    at += size
  }
  return at
}

/** Has each box judged; what is left behind the last one goes, since nobody can say what it is. */
export async function judgeBoxes(
  parent: Region,
  judge: (box: Box) => Promise<void>,
  from = 0,
): Promise<void> {
  const boxes = boxesOf(parent, from)
  for (;;) {
    const { value, done } = await boxes.next()
    if (done) return parent.blank(value, parent.size)
    await judge(value)
  }
}

/** Makes a box free space (8.1.2): it keeps its size, so that nothing moves, and loses its content. */
export async function freeBox(box: Box): Promise<void> {
  await box.all.put(4, Buffer.from('free', 'latin1'))
  await box.content.blank(0, box.content.size)
}

/** The first box of this type; null without one. */
export async function boxOf(parent: Region, path: readonly string[]): Promise<Box | null> {
  let found: Box | null = null
  for (const type of path) {
    const inside: Region = found ? found.content : parent
    found = null
    for await (const box of boxesOf(inside)) {
      if (box.type !== type) continue
      found = box
      break
    }
    if (!found) return null
  }
  return found
}
