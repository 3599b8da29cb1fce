import { crc32 } from 'node:zlib'

export interface ZipEntry {
  readonly name: string
  readonly bytes: Buffer
  readonly method: number
  readonly isUtf8: boolean
  readonly modifiedAt: Date
}

/**
 * Reads a ZIP by its central directory (APPNOTE.TXT 6.3.10, 4.3), stored entries only; throws when anything does not fit:
 * signatures, sizes, names, checksums, or bytes that belong to nothing.
 */
export function readZip(zip: Buffer): ZipEntry[] {
  const end = zip.length - 22
  if (end < 0 || zip.readUInt32LE(end) !== 0x06054b50)
    throw new Error('no end of central directory: cut off?')
  const count = zip.readUInt16LE(end + 10)
  const entries: ZipEntry[] = []
  let at = zip.readUInt32LE(end + 16)
  let expected = 0
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== 0x02014b50) throw new Error(`entry ${i} is not in the central directory`)
    const size = zip.readUInt32LE(at + 20)
    const lengths = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)] as const
    const name = zip.toString('utf8', at + 46, at + 46 + lengths[0])
    const extra = zip.subarray(at + 46 + lengths[0], at + 46 + lengths[0] + lengths[1])
    const local = zip.readUInt32LE(at + 42)
    if (local !== expected || zip.readUInt32LE(local) !== 0x04034b50)
      throw new Error(`${name} does not start where it says`)
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    if (zip.toString('utf8', local + 30, local + 30 + zip.readUInt16LE(local + 26)) !== name)
      throw new Error(`${name} has another name locally`)
    const bytes = zip.subarray(start, start + size)
    if (crc32(bytes) !== zip.readUInt32LE(at + 16)) throw new Error(`${name} has another checksum`)
    const flags = zip.readUInt16LE(at + 8)
    expected = start + size + (flags & 8 ? 16 : 0)
    entries.push({
      name,
      bytes,
      method: zip.readUInt16LE(at + 10),
      isUtf8: (flags & 0x800) !== 0,
      // The "UT" extra field: seconds since 1970.
      modifiedAt: new Date(extra.readUInt32LE(5) * 1000),
    })
    at += 46 + lengths[0] + lengths[1] + lengths[2]
  }
  if (at !== end) throw new Error('bytes between the central directory and its end')
  return entries
}
