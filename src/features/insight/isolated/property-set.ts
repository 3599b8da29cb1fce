/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { TextDecoder } from 'node:util'

/** Types of values that are read ([MS-OLEPS] 2.2). */
const TYPES = { i2: 2, i4: 3, text: 30, wideText: 31, time: 64 } as const
const SECTION_OFFSET = 44
const MOST_PROPERTIES = 100
const LONGEST_TEXT = 4_096
const CODE_PAGE = 1
const UTF_8 = 65_001
const UTF_16 = 1_200
/** 100-nanosecond steps from 1601 in a millisecond, and milliseconds from 1601 to 1970. */
const STEPS = 10_000n
const EPOCH = 11_644_473_600_000

export type PropertyValue = string | number | Date

/** The properties of the first section of an OLE property set stream ([MS-OLEPS] 2.21) by number, as far as it is not damaged. */
export function propertySet(stream: Buffer): ReadonlyMap<number, PropertyValue> {
  const values = new Map<number, PropertyValue>()
  try {
    const section = stream.subarray(stream.readUInt32LE(SECTION_OFFSET))
    const count = Math.min(section.readUInt32LE(4), MOST_PROPERTIES)
    const offsets = Array.from({ length: count }, (_, at) => ({
      id: section.readUInt32LE(8 + at * 8),
      offset: section.readUInt32LE(12 + at * 8),
    }))
    const codePage = offsets.find(({ id }) => id === CODE_PAGE)
    const decoder = decoderOf(codePage && section.readUInt16LE(codePage.offset + 4))
    for (const { id, offset } of offsets) {
      const value = valueAt(section, offset, decoder)
      if (value !== undefined && id !== CODE_PAGE) values.set(id, value)
    }
  } catch {
    // It ends too early.
  }
  return values
}

function decoderOf(codePage: number | undefined): TextDecoder {
  if (codePage === UTF_8) return new TextDecoder('utf-8')
  if (codePage === UTF_16) return new TextDecoder('utf-16le')
  try {
    return new TextDecoder(`windows-${codePage ?? 1252}`)
  } catch {
    return new TextDecoder('windows-1252')
  }
}

function valueAt(section: Buffer, offset: number, decoder: TextDecoder): PropertyValue | undefined {
  const type = section.readUInt16LE(offset)
  const at = offset + 4
  if (type === TYPES.i2) return section.readInt16LE(at)
  if (type === TYPES.i4) return section.readInt32LE(at)
  if (type === TYPES.time) return timeOf(section.readBigUInt64LE(at))
  if (type !== TYPES.text && type !== TYPES.wideText) return undefined
  const wide = type === TYPES.wideText ? new TextDecoder('utf-16le') : decoder
  const bytes = section.readUInt32LE(at) * (type === TYPES.wideText ? 2 : 1)
  const text = wide.decode(section.subarray(at + 4, at + 4 + Math.min(bytes, LONGEST_TEXT)))
  return text.replace(/\0.*$/s, '').trim() || undefined
}

/** None for a zero, and for a duration, which is written in the same way. */
function timeOf(steps: bigint): Date | undefined {
  const at = Number(steps / STEPS) - EPOCH
  return at > 0 && at < 4_102_444_800_000 ? new Date(at) : undefined
}
