interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly value: Buffer | Directory
}

type Directory = readonly Entry[]

/** A TIFF of 2 × 2 grey pixels with Exif, a maker note, a place in GPS and in GeoTIFF, written by hand, in either order of bytes. */
export function tiffWithSecrets(isLittle: boolean): Buffer {
  const u16 = (value: number) => {
    const bytes = Buffer.alloc(2)
    if (isLittle) bytes.writeUInt16LE(value)
    else bytes.writeUInt16BE(value)
    return bytes
  }
  const u32 = (value: number) => {
    const bytes = Buffer.alloc(4)
    if (isLittle) bytes.writeUInt32LE(value)
    else bytes.writeUInt32BE(value)
    return bytes
  }
  const text = (tag: number, words: string): Entry => ({
    tag,
    type: 2,
    count: words.length + 1,
    value: Buffer.from(`${words}\0`, 'latin1'),
  })
  const short = (tag: number, value: number): Entry => ({ tag, type: 3, count: 1, value: u16(value) })
  const long = (tag: number, value: number): Entry => ({ tag, type: 4, count: 1, value: u32(value) })
  const degrees = (tag: number, ...parts: number[]): Entry => ({
    tag,
    type: 5,
    count: 3,
    value: Buffer.concat(parts.flatMap(part => [u32(part), u32(1)])),
  })

  const gps: Directory = [text(1, 'N'), degrees(2, 48, 12, 30), text(3, 'E'), degrees(4, 16, 22, 0)]
  const exif: Directory = [
    { tag: 0x927c, type: 7, count: 14, value: Buffer.from('Secretmakernot', 'latin1') },
    text(0xa434, 'Secretlens'),
  ]
  const pixels = Buffer.from([10, 80, 160, 240])
  const root: Directory = [
    short(256, 2),
    short(257, 2),
    short(258, 8),
    short(259, 1),
    short(262, 1),
    text(271, 'Secretmaker'),
    text(272, 'Secretcam 9'),
    long(273, 8),
    short(274, 6),
    short(277, 1),
    short(278, 2),
    long(279, pixels.length),
    text(305, 'Secretsoft'),
    text(315, 'Ada Painter'),
    text(700, '<x:xmpmeta/>'),
    text(33432, 'Ada 2024'),
    { tag: 34737, type: 2, count: 19, value: Buffer.from('SecretGeoReference\0', 'latin1') },
    { tag: 34665, type: 4, count: 1, value: exif },
    { tag: 34853, type: 4, count: 1, value: gps },
  ]

  const chunks: Buffer[] = [Buffer.from(isLittle ? 'II*\0' : 'MM\0*', 'latin1'), u32(0), pixels]
  let end = 12
  const append = (bytes: Buffer) => {
    const at = end
    const even = bytes.length % 2 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes
    chunks.push(even)
    end += even.length
    return at
  }
  const write = (directory: Directory): number => {
    const sorted = [...directory].sort((a, b) => a.tag - b.tag)
    const entries = sorted.map(({ tag, type, count, value }) => {
      const slot = Buffer.alloc(4)
      if (!Buffer.isBuffer(value)) u32(write(value)).copy(slot)
      else if (value.length > 4) u32(append(value)).copy(slot)
      else value.copy(slot)
      return Buffer.concat([u16(tag), u16(type), u32(count), slot])
    })
    return append(Buffer.concat([u16(entries.length), ...entries, u32(0)]))
  }
  const root0 = write(root)
  chunks[1] = u32(root0)
  return Buffer.concat(chunks)
}
