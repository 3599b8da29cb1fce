import { expect, test } from '@jest/globals'
import { redactionOf } from '../../src/features/privacy/redaction/redactors.ts'
import { seededRandom } from '../faults/random.ts'
import { countOf } from '../support/counts.ts'
import { fixtures } from '../support/fixtures.ts'
import { tiffWithSecrets } from './redaction-tiff.ts'

const SEED = Number(process.env.PROPERTY_SEED ?? 20261129)
const VARIANTS = countOf({ daily: 20, thorough: 500 })

const REDACTABLE = /^(?:image\/(?:jpeg|png|gif|webp|avif|heic)|video\/(?:mp4|quicktime)|audio\/mp4)$/
const SUBJECTS = [
  ...fixtures.all
    .filter(({ mimeType }) => REDACTABLE.test(mimeType ?? ''))
    .map(({ file, mimeType, bytes }) => ({ file, mimeType: mimeType as string, bytes: bytes() })),
  { file: 'little-endian.tif', mimeType: 'image/tiff', bytes: tiffWithSecrets(true) },
  { file: 'big-endian.tif', mimeType: 'image/tiff', bytes: tiffWithSecrets(false) },
]

test.each(SUBJECTS)(
  '$file, damaged in any way, is read within bounds, and patched within them or not at all',
  async ({ mimeType, bytes }) => {
    const random = seededRandom(SEED)
    for (let n = 0; n < VARIANTS; n++) {
      const damaged = Buffer.from(bytes.subarray(0, n % 2 ? random.integer(12, bytes.length) : bytes.length))
      // The structure lies at the ends more than in the middle.
      const span = random.pick([64, 1024, damaged.length])
      for (let flips = random.integer(0, 12); flips > 0; flips--) {
        const near = random.integer(0, Math.min(span, damaged.length) - 1)
        const at = random.pick([near, damaged.length - 1 - near])
        damaged[at] = random.integer(0, 255)
      }
      let reads = 0
      const patches = await redactionOf(mimeType, {
        size: damaged.length,
        read: async (start, end) => {
          if (start < 0 || end < start || end >= damaged.length) throw new Error(`range ${start}-${end}`)
          if (++reads > 2_000) throw new Error('it is read without an end')
          return Buffer.from(damaged.subarray(start, end + 1))
        },
      })
      let end = 0
      for (const { offset, length, bytes: head } of patches ?? []) {
        if (offset < end || length < head.length || length <= 0 || offset + length > damaged.length)
          throw new Error(`variant ${n} of seed ${SEED} has a patch from ${offset} of ${length}`)
        end = offset + length
      }
    }
    expect(SUBJECTS.length).toBeGreaterThan(15)
  },
)

test('directories of a TIFF that point to each other, and boxes within boxes, come to an end', async () => {
  const ring = Buffer.alloc(64)
  ring.write('II*\0', 'latin1')
  ring.writeUInt32LE(8, 4)
  ring.writeUInt16LE(1, 8)
  ring.writeUInt16LE(330, 10)
  ring.writeUInt16LE(4, 12)
  ring.writeUInt32LE(1, 14)
  ring.writeUInt32LE(8, 18)
  ring.writeUInt32LE(8, 22)
  const read = async (start: number, end: number) => Buffer.from(ring.subarray(start, end + 1))
  expect(await redactionOf('image/tiff', { size: ring.length, read })).toEqual([])

  const nested = Buffer.alloc(1024)
  for (let at = 0; at + 8 <= nested.length; at += 8) {
    nested.writeUInt32BE(nested.length - at, at)
    nested.write(at === 0 ? 'moov' : 'trak', at + 4, 'latin1')
  }
  const readNested = async (start: number, end: number) => Buffer.from(nested.subarray(start, end + 1))
  expect(await redactionOf('video/mp4', { size: nested.length, read: readNested })).toEqual(expect.any(Array))
})
