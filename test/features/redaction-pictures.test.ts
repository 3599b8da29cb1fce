import { crc32 } from 'node:zlib'
import { expect, test } from '@jest/globals'
import readExif from 'exif-reader'
import sharp, { type Sharp } from 'sharp'
import { fixture, fixtures } from '../support/fixtures.ts'
import { patchesOf, redacted } from './redaction-subject.ts'
import { tiffWithSecrets } from './redaction-tiff.ts'

const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,12.5N" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Model="Secretcam 9"/></rdf:RDF></x:xmpmeta>`
const EXIF = {
  IFD0: {
    Make: 'Secretmaker',
    Model: 'Secretcam 9',
    Artist: 'Ada Painter',
    Copyright: 'Ada 2024',
    Software: 'Secretsoft',
  },
  IFD2: { LensModel: 'Secretlens', BodySerialNumber: 'SN4711' },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '48/1 12/1 30/1',
    GPSLongitudeRef: 'E',
    GPSLongitude: '16/1 22/1 0/1',
  },
}
const SECRETS = ['Secretmaker', 'Secretcam', 'Secretsoft', 'Secretlens', 'SN4711', 'GPSLatitude', 'xmpmeta']

const picture = () =>
  sharp(fixture('photo.png').path)
    .resize(96, 64, { fit: 'fill' })
    .withExif(EXIF)
    .withXmp(XMP)
    .withMetadata({ orientation: 6 })

const MADE = {
  'image/jpeg': () => picture().jpeg(),
  'image/png': () => picture().png(),
  'image/webp': () => picture().webp(),
  'image/avif': () => picture().avif({ effort: 0 }),
} satisfies Record<string, () => Sharp>

const pixels = (bytes: Buffer) => sharp(bytes, { failOn: 'warning', animated: true }).raw().toBuffer()

test.each(Object.entries(MADE))(
  '%s keeps its pixels, its orientation and its author, and tells nothing else',
  async (mimeType, make) => {
    const original = await make().toBuffer()
    const before = await sharp(original).metadata()
    expect(readExif(before.exif as Buffer)).toMatchObject({ Image: { Model: 'Secretcam 9' } })

    const bytes = await redacted(mimeType, original)

    expect(bytes).toHaveLength(original.length)
    for (const secret of SECRETS) expect({ secret, at: bytes.indexOf(secret) }).toEqual({ secret, at: -1 })
    const after = await sharp(bytes).metadata()
    expect(after.xmp?.toString().trim() || undefined).toBeUndefined()
    expect(after.orientation).toBe(before.orientation)
    const exif = readExif(after.exif as Buffer)
    expect(exif.GPSInfo).toBeUndefined()
    expect(exif.Photo).toBeUndefined()
    expect(exif.Image).toMatchObject({ Artist: 'Ada Painter', Copyright: 'Ada 2024' })
    expect(Object.keys(exif.Image ?? {})).not.toEqual(expect.arrayContaining(['Make']))
    expect((await pixels(bytes)).equals(await pixels(original))).toBe(true)
  },
)

test.each([
  ['little', true],
  ['big', false],
] as const)('a TIFF whose numbers are %s-endian keeps what it is shown by alone', async (_, isLittle) => {
  const original = tiffWithSecrets(isLittle)
  expect(readExif(original)).toMatchObject({
    Image: { Model: 'Secretcam 9' },
    GPSInfo: { GPSLatitudeRef: 'N' },
  })

  const bytes = await redacted('image/tiff', original)

  expect(bytes).toHaveLength(original.length)
  for (const secret of [...SECRETS, 'Secret'])
    expect({ secret, at: bytes.indexOf(secret) }).toEqual({ secret, at: -1 })
  const { Image, GPSInfo, Photo } = readExif(bytes)
  expect({ GPSInfo, Photo }).toEqual({ GPSInfo: undefined, Photo: undefined })
  expect(Image).toMatchObject({ Orientation: 6, Artist: 'Ada Painter', Copyright: 'Ada 2024' })
  expect(Image).not.toHaveProperty('Make')
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 2, height: 2, orientation: 6 })
  expect((await pixels(bytes)).equals(await pixels(original))).toBe(true)
})

const REDACTABLE = /^image\/(?:jpeg|png|gif|webp|avif)$/
const PICTURES = fixtures.good.filter(({ mimeType }) => REDACTABLE.test(mimeType ?? ''))

test.each(PICTURES.map(picture => [picture.file, picture] as const))(
  '%s is shown as before',
  async (_, { mimeType, bytes }) => {
    const original = bytes()
    const result = await redacted(mimeType as string, original)
    expect(result).toHaveLength(original.length)
    expect((await pixels(result)).equals(await pixels(original))).toBe(true)
    const [before, after] = await Promise.all([original, result].map(each => sharp(each).metadata()))
    expect({ ...after, exif: null, xmp: null, iptc: null, comments: null }).toEqual({
      ...before,
      exif: null,
      xmp: null,
      iptc: null,
      comments: null,
    })
    expect(after?.xmp).toBeUndefined()
    expect(after?.iptc).toBeUndefined()
  },
)

test.each(['photo-gps.jpg', 'photo-iphone-gps.jpg'])(
  '%s no longer says where and with what it was made',
  async file => {
    const original = fixture(file).bytes()
    const { Image = {} } = readExif((await sharp(original).metadata()).exif as Buffer)
    const result = await redacted('image/jpeg', original)
    const { exif } = await sharp(result).metadata()
    const kept = exif ? readExif(exif) : { Image: {} }
    expect(
      Object.keys(kept.Image ?? {}).filter(key => !['Orientation', 'Artist', 'Copyright'].includes(key)),
    ).toEqual([])
    for (const secret of [Image.Make, Image.Model, Image.Software].filter(Boolean))
      expect(result.indexOf(String(secret))).toBe(-1)
  },
)

test('what lies behind the end of a JPEG goes: phones keep films and other pictures there', async () => {
  const original = Buffer.concat([
    fixture('photo-orientation-6.jpg').bytes(),
    fixture('photo-gps.jpg').bytes(),
  ])
  const result = await redacted('image/jpeg', original)
  const end = fixture('photo-orientation-6.jpg').size
  expect(result.subarray(end).every(byte => byte === 0)).toBe(true)
  expect((await pixels(result)).equals(await pixels(original))).toBe(true)
})

test('a GIF loses its comments and XMP, and repeats as before', async () => {
  const gif = fixture('animated.gif').bytes()
  const behindHead = 13 + 3 * 2 ** (((gif[10] as number) & 7) + 1)
  const comment = Buffer.concat([Buffer.of(0x21, 0xfe, 17), Buffer.from('Secret of a place'), Buffer.of(0)])
  const magic = Buffer.concat([
    Buffer.of(1),
    Buffer.from(Array.from({ length: 256 }, (_, n) => 255 - n)),
    Buffer.of(0),
  ])
  const xmp = Buffer.concat([Buffer.of(0x21, 0xff, 11), Buffer.from('XMP DataXMP'), Buffer.from(XMP), magic])
  for (const inserted of [comment, xmp, Buffer.concat([xmp, comment])]) {
    const original = Buffer.concat([
      gif.subarray(0, behindHead),
      inserted,
      gif.subarray(behindHead),
      Buffer.from('Secret'),
    ])
    const result = await redacted('image/gif', original)
    expect(result).toHaveLength(original.length)
    for (const secret of [...SECRETS, 'Secret'])
      expect({ secret, at: result.indexOf(secret) }).toEqual({ secret, at: -1 })
    expect(await sharp(result, { animated: true }).metadata()).toMatchObject({ pages: 31, loop: 0 })
    expect((await pixels(result)).equals(await pixels(gif))).toBe(true)
  }
})

test('what carries nothing is sent as it is', async () => {
  const plain = await sharp(fixture('photo.png').path).png().toBuffer()
  expect(await patchesOf('image/png', plain)).toEqual([])
})

test('every chunk of a redacted PNG has the checksum of what it holds', async () => {
  const bytes = await redacted('image/png', await MADE['image/png']().toBuffer())
  const types: string[] = []
  for (let at = 8; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at)
    types.push(bytes.toString('latin1', at + 4, at + 8))
    expect([types.at(-1), bytes.readUInt32BE(end)]).toEqual([
      types.at(-1),
      crc32(bytes.subarray(at + 4, end)),
    ])
    at = end + 4
  }
  expect(types).toEqual(expect.arrayContaining(['IHDR', 'eXIf', 'reDa', 'IEND']))
})
