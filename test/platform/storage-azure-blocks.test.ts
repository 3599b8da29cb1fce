import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import {
  blockId,
  blockOf,
  chainOf,
  endOf,
  type StoredBlock,
} from '../../src/platform/storage/drivers/azure-block.ts'
import {
  blockBytesAfter,
  blocksInFlight,
  firstBlockBytes,
  MOST_BLOCKS,
} from '../../src/platform/storage/drivers/azure-block-size.ts'

const MEBIBYTE = 1024 * 1024
const LARGEST = 5 * MEBIBYTE * MEBIBYTE

describe('the sizes of blocks', () => {
  const announced = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: LARGEST }), fc.maxSafeNat())

  it('let 5 TiB fit, whatever was announced, also when only two of them have the size that is wanted', () => {
    fc.assert(
      fc.property(announced, fc.constantFrom(1, 8), (size, least) => {
        const first = firstBlockBytes(size, least * MEBIBYTE)
        const step = least === 1 ? 2 : 1
        let blocks = 0
        for (let at = 0; at < LARGEST; blocks += step) at += blockBytesAfter(blocks, first)
        expect(blocks).toBeLessThanOrEqual(MOST_BLOCKS)
      }),
      { numRuns: 30 },
    )
  })

  it('are no larger than they must be', () => {
    expect(firstBlockBytes(0, 8 * MEBIBYTE)).toBe(8 * MEBIBYTE)
    expect(firstBlockBytes(300 * 1024 * MEBIBYTE, 8 * MEBIBYTE)).toBe(8 * MEBIBYTE)
    expect(firstBlockBytes(LARGEST, 8 * MEBIBYTE)).toBe(Math.ceil(LARGEST / 45_000))
    expect(blockBytesAfter(20_000, 8 * MEBIBYTE)).toBe(8 * MEBIBYTE)
    expect(blockBytesAfter(MOST_BLOCKS, 117 * MEBIBYTE)).toBeLessThan(1024 * MEBIBYTE)
  })

  it('are on the way three at a time, and by themselves where they are large', () => {
    expect([1, 8, 9, 12, 13, 1024].map(size => blocksInFlight(size * MEBIBYTE))).toEqual([3, 3, 2, 2, 1, 1])
  })
})

describe('the id of a block', () => {
  const number = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 })

  it('tells what it was made of, and is of one length', () => {
    fc.assert(
      fc.property(fc.uuid(), number(40), number(48), number(48), (writeId, turn, start, offset) => {
        const id = blockId(writeId, { turn, start, offset })
        expect(id).toHaveLength(44)
        expect(blockOf(writeId, { name: id, size: 7 })).toEqual({ id, size: 7, turn, start, offset })
      }),
    )
  })

  it('of another write, or of somebody else, is none', () => {
    const id = blockId(randomUUID(), { turn: 0, start: 0, offset: 0 })
    for (const name of [id, 'AAAA', '', 'not Base64'])
      expect(blockOf(randomUUID(), { name, size: 1 })).toBeNull()
  })
})

describe('blocks that follow each other', () => {
  const block = (turn: number, start: number, offset: number, size: number): StoredBlock => ({
    id: `${turn}/${offset}`,
    turn,
    start,
    offset,
    size,
  })
  const ids = (blocks: StoredBlock[]) => chainOf(blocks).map(({ id }) => id)

  it.each([
    ['of one turn, in whatever order they came', [block(1, 0, 5, 5), block(1, 0, 0, 5)], ['1/0', '1/5']],
    ['up to a gap', [block(1, 0, 0, 5), block(1, 0, 10, 5)], ['1/0']],
    [
      'not even when a later turn fills the gap',
      [block(1, 0, 0, 5), block(1, 0, 10, 5), block(2, 5, 5, 5)],
      ['1/0', '2/5'],
    ],
    [
      'in place of those of an earlier turn',
      [block(1, 0, 0, 5), block(1, 0, 5, 5), block(2, 5, 5, 9)],
      ['1/0', '2/5'],
    ],
    [
      'without those that an earlier turn had, when its own first one is missing',
      [block(1, 0, 0, 5), block(1, 0, 5, 5), block(2, 0, 5, 5)],
      [],
    ],
    ['from the beginning', [block(1, 0, 5, 5)], []],
  ])('count %s', (_which, blocks, expected) => {
    expect(ids(blocks)).toEqual(expected)
  })

  it('end where the last one does', () => {
    expect(endOf([])).toBe(0)
    expect(endOf([block(1, 0, 0, 5), block(1, 0, 5, 7)])).toBe(12)
  })
})
