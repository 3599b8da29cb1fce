/** A HEIC file of one item with the headers of ISO/IEC 23008-12 and no picture: enough to state a size. */
export function heic(width: number, height: number): Buffer {
  const codec = box(
    'hvcC',
    [1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 90, 0xf0, 0, 0xfc, 0xfd, 0xf8, 0xf8, 0, 0, 15, 0],
  )
  const extent = fullBox('ispe', [...u32(width), ...u32(height)])
  const properties = box('iprp', box('ipco', codec, extent), fullBox('ipma', [...u32(1), 0, 1, 2, 0x81, 2]))
  const item = fullBox('infe', [0, 1, 0, 0, ...ascii('hvc1'), 0], 2)
  const meta = fullBox(
    'meta',
    Buffer.concat([
      fullBox('hdlr', [...u32(0), ...ascii('pict'), ...Buffer.alloc(13)]),
      fullBox('pitm', [0, 1]),
      fullBox('iloc', [0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1, ...u32(0), ...u32(16)]),
      fullBox('iinf', Buffer.concat([Buffer.from([0, 1]), item])),
      properties,
    ]),
  )
  return Buffer.concat([
    box('ftyp', ascii('heic'), u32(0), ascii('mif1heic')),
    meta,
    box('mdat', Buffer.alloc(16)),
  ])
}

type Bytes = Uint8Array | readonly number[]

function box(type: string, ...parts: readonly Bytes[]): Buffer {
  const body = Buffer.concat(parts.map(part => Uint8Array.from(part)))
  return Buffer.concat([Buffer.from(u32(body.length + 8)), Buffer.from(type, 'latin1'), body])
}

function fullBox(type: string, body: Bytes, version = 0): Buffer {
  return box(type, [version, 0, 0, 0], body)
}

const ascii = (text: string) => Buffer.from(text, 'latin1')
const u32 = (value: number) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
