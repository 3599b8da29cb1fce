/** Reads and writes numbers in the order of bytes of one TIFF structure (TIFF 6.0, section 2). */
export interface TiffOrder {
  u16(bytes: Buffer, at: number): number
  u32(bytes: Buffer, at: number): number
  put16(bytes: Buffer, value: number, at: number): void
}

const LITTLE: TiffOrder = {
  u16: (bytes, at) => bytes.readUInt16LE(at),
  u32: (bytes, at) => bytes.readUInt32LE(at),
  put16: (bytes, value, at) => void bytes.writeUInt16LE(value, at),
}
const BIG: TiffOrder = {
  u16: (bytes, at) => bytes.readUInt16BE(at),
  u32: (bytes, at) => bytes.readUInt32BE(at),
  put16: (bytes, value, at) => void bytes.writeUInt16BE(value, at),
}

/** The order that the first 8 bytes tell; null where they do not begin a TIFF structure, or a BigTIFF. */
export function tiffOrder(head: Buffer): TiffOrder | null {
  const magic = head.length >= 8 ? head.toString('latin1', 0, 4) : ''
  return magic === 'II*\0' ? LITTLE : magic === 'MM\0*' ? BIG : null
}
