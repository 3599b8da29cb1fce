import type { WriteId } from './azure-container.ts'

/** A block as its id tells it: whose it is, and where in the blob its bytes belong. */
export interface BlockName {
  /** Counts the appends of a write; a write in one go has the turn 0 alone. */
  readonly turn: number
  /** Where the blocks of its turn begin. */
  readonly start: number
  readonly offset: number
}

export interface StoredBlock extends BlockName {
  readonly id: string
  readonly size: number
}

/** All ids of a blob must be of one length, of 64 bytes at most; a multiple of three needs no padding. */
const ID_BYTES = 33
const WRITE_BYTES = 16
const START_AT = 21
const OFFSET_AT = 27

/** The id of a block: no other write, and no other turn of this one, can name it. */
export function blockId(writeId: WriteId, { turn, start, offset }: BlockName): string {
  const id = Buffer.alloc(ID_BYTES)
  id.write(writeId.replaceAll('-', ''), 'hex')
  id.writeUIntBE(turn, WRITE_BYTES, START_AT - WRITE_BYTES)
  id.writeUIntBE(start, START_AT, OFFSET_AT - START_AT)
  id.writeUIntBE(offset, OFFSET_AT, ID_BYTES - OFFSET_AT)
  return id.toString('base64')
}

/** The block of such an id; null for one of another write. */
export function blockOf(
  writeId: WriteId,
  { name, size }: { name: string; size: number },
): StoredBlock | null {
  const id = Buffer.from(name, 'base64')
  const isOurs =
    id.byteLength === ID_BYTES && id.toString('hex', 0, WRITE_BYTES) === writeId.replaceAll('-', '')
  if (!isOurs) return null
  return {
    id: name,
    size,
    turn: id.readUIntBE(WRITE_BYTES, START_AT - WRITE_BYTES),
    start: id.readUIntBE(START_AT, OFFSET_AT - START_AT),
    offset: id.readUIntBE(OFFSET_AT, ID_BYTES - OFFSET_AT),
  }
}

/**
 * The blocks that follow each other without a gap from the beginning. A later turn takes the place of what earlier ones have
 * put behind its start; what came after a gap does not count.
 */
export function chainOf(blocks: Iterable<StoredBlock>): StoredBlock[] {
  const chain: StoredBlock[] = []
  const sorted = [...blocks].sort((a, b) => a.turn - b.turn || a.offset - b.offset)
  let turn = -1
  for (const block of sorted) {
    if (block.turn !== turn) cutOff(chain, block.start)
    turn = block.turn
    if (block.offset === endOf(chain)) chain.push(block)
  }
  return chain
}

/** Where a chain ends. */
export function endOf(chain: readonly StoredBlock[]): number {
  const last = chain.at(-1)
  return last ? last.offset + last.size : 0
}

/** Takes the blocks away that begin at an offset or behind it. */
export function cutOff(chain: StoredBlock[], offset: number): StoredBlock[] {
  while ((chain.at(-1)?.offset ?? -1) >= offset) chain.pop()
  return chain
}
