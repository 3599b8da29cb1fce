import fc from 'fast-check'
import {
  evenPartBytes,
  firstPartBytes,
  LEAST_PART_BYTES,
  MOST_PART_BYTES,
  MOST_PARTS,
  partBytesAt,
  partsInFlight,
} from '../../src/platform/storage/drivers/s3-part-size.ts'

const MEBIBYTE = 1024 * 1024
const LARGEST = 5 * MEBIBYTE * MEBIBYTE

function partsOf(size: number, first: number): number {
  let parts = 0
  for (let at = 0; at < size; at += partBytesAt(at, first)) parts += 1
  return parts
}

const announced = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: LARGEST }), fc.maxSafeNat())

describe('parts of an upload', () => {
  it('hold 5 TiB, whatever was announced', () => {
    fc.assert(
      fc.property(announced, size => {
        const parts = partsOf(LARGEST, firstPartBytes(size, LEAST_PART_BYTES))
        expect(parts).toBeLessThanOrEqual(MOST_PARTS)
      }),
      { numRuns: 30 },
    )
  })

  it('are within what S3 takes at every offset', () => {
    fc.assert(
      fc.property(announced, fc.integer({ min: 0, max: LARGEST }), (size, offset) => {
        const bytes = partBytesAt(offset, firstPartBytes(size, LEAST_PART_BYTES))
        expect(bytes).toBeGreaterThanOrEqual(LEAST_PART_BYTES)
        expect(bytes).toBeLessThanOrEqual(MOST_PART_BYTES)
      }),
    )
  })

  it('are no larger than they must be', () => {
    expect(firstPartBytes(0, LEAST_PART_BYTES)).toBe(5 * MEBIBYTE)
    expect(firstPartBytes(40 * 1024 * MEBIBYTE, LEAST_PART_BYTES)).toBe(5 * MEBIBYTE)
    expect(firstPartBytes(1024 * 1024 * MEBIBYTE, LEAST_PART_BYTES)).toBe(117 * MEBIBYTE)
    expect(partBytesAt(5 * 1024 * MEBIBYTE, 5 * MEBIBYTE)).toBe(5 * MEBIBYTE)
    expect(evenPartBytes(100 * 1024 * MEBIBYTE, 16 * MEBIBYTE)).toBe(16 * MEBIBYTE)
    expect(evenPartBytes(LARGEST, 16 * MEBIBYTE)).toBe(525 * MEBIBYTE)
  })

  it('are on the way three at a time, and by themselves where they are large', () => {
    expect([5, 8, 9, 12, 13, 1024].map(size => partsInFlight(size * MEBIBYTE))).toEqual([3, 3, 2, 2, 1, 1])
  })
})
