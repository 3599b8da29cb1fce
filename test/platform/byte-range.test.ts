import fc from 'fast-check'
import { parseRange } from '../../src/platform/lib/byte-range.ts'

const whole = { kind: 'whole' }
const unsatisfiable = { kind: 'unsatisfiable' }
const range = (start: number, end: number) => ({ kind: 'range', start, end })

describe('a Range header against 10 000 bytes', () => {
  it.each([
    // RFC 9110, 14.1.2: the examples
    ['bytes=0-499', range(0, 499)],
    ['bytes=500-999', range(500, 999)],
    ['bytes=-500', range(9500, 9999)],
    ['bytes=9500-', range(9500, 9999)],
    // 14.1.2: a last position behind the end, a suffix longer than all
    ['bytes=9999-10000', range(9999, 9999)],
    ['bytes=0-99999999999999999999999', range(0, 9999)],
    ['bytes=-99999', range(0, 9999)],
    ['bytes=0-0', range(0, 0)],
    ['bytes=-1', range(9999, 9999)],
    // 14.1: unit names do not depend on case; 5.6.1.2: empty list elements
    ['BYTES=0-0', range(0, 0)],
    ['bytes=,0-0 ,', range(0, 0)],
    // 14.1.2: nothing to send
    ['bytes=10000-', unsatisfiable],
    ['bytes=10000-10001', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=9007199254740993-9007199254740994', unsatisfiable],
    // 14.1.1 and 14.2: invalid, another unit, several: ignored
    ['bytes=5-4', whole],
    ['bytes=0-0,-1', whole],
    ['bytes=500-600,601-999', whole],
    ['items=0-5', whole],
    ['bytes', whole],
    ['bytes=', whole],
    ['bytes=-', whole],
    ['bytes=a-b', whole],
    ['bytes=1', whole],
    ['bytes=--1', whole],
    ['bytes=0x1-2', whole],
    ['bytes=1.5-2', whole],
    ['bytes=+1-2', whole],
    ['bytes:0-1', whole],
    ['', whole],
    [undefined, whole],
  ])('%j means %j', (header, expected) => {
    expect(parseRange(header, 10_000)).toEqual(expected)
  })

  it('is ignored when it is longer than any single range', () => {
    expect(parseRange(`bytes=${'0'.repeat(300)}-1`, 10_000)).toEqual(whole)
    expect(
      parseRange(`bytes=${Array.from({ length: 10_000 }, (_, i) => `${i}-${i}`).join()}`, 10_000),
    ).toEqual(whole)
  })
})

it.each([
  ['bytes=0-', unsatisfiable],
  ['bytes=0-0', unsatisfiable],
  ['bytes=-0', unsatisfiable],
  ['bytes=-5', whole],
])('of no bytes at all, %j means %j', (header, expected) => {
  expect(parseRange(header, 0)).toEqual(expected)
})

it('never leaves the content, whatever the header says', () => {
  const position = fc.oneof(fc.nat(200).map(String), fc.stringMatching(/^\d{0,25}$/), fc.string())
  fc.assert(
    fc.property(position, position, fc.nat(100), (first, last, size) => {
      const asked = parseRange(`bytes=${first}-${last}`, size)
      if (asked.kind !== 'range') return
      expect(asked.start).toBeGreaterThanOrEqual(0)
      expect(asked.end).toBeGreaterThanOrEqual(asked.start)
      expect(asked.end).toBeLessThan(size)
    }),
    { numRuns: 2_000 },
  )
})
