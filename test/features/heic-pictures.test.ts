import { createReadStream, readFileSync, statSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import readExif from 'exif-reader'
import sharp, { type Sharp } from 'sharp'
import type { FileRequest } from '../../src/features/insight/examination.ts'
import { type InsightLimits, insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { fixture } from '../support/fixtures.ts'
import { ended } from '../support/processes.ts'
import { bytesOf, fileOf } from './insight-files.ts'
import { heic } from './insight-heic.ts'
import { redacted } from './redaction-subject.ts'

const started: InsightService[] = []
afterAll(() => Promise.all(started.map(insight => insight.close())))

function start(limits: Partial<InsightLimits> = {}): InsightService {
  const patient = { ...insightDefaults, processes: 1, examinationMs: 50_000, decodingMs: 100_000 }
  const insight = new InsightService({ limits: { ...patient, ...limits } })
  started.push(insight)
  return insight
}

const insight = start()

/** What the service says, and what it wrote. */
async function pictureOf(request: FileRequest, by = insight) {
  const sink = new PassThrough()
  const written = buffer(sink)
  const result = await by.preview({ ...request, sink })
  sink.end()
  return { result, bytes: await written }
}

const pathOf = (file: string) => fileURLToPath(new URL(`../fixtures/heic/${file}`, import.meta.url))
const small = (file: string): FileRequest => ({
  mimeType: 'image/heic',
  size: statSync(pathOf(file)).size,
  open: async ({ start, end }) => createReadStream(pathOf(file), { start, end }),
})
const photo = fixture('photo-iphone-gps.heic')
const turned = fixture('photo-grid-turned.heic')

/** The pixels in sRGB, as those who show pictures see them. */
const seen = (bytes: Buffer) => sharp(bytes).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })

/** The colours within the four patches, row by row. */
async function patches(bytes: Buffer): Promise<number[][]> {
  const { data, info } = await seen(bytes)
  const at = (x: number, y: number) => (y * info.width + x) * info.channels
  const right = info.width - 14
  return [at(10, 16), at(right, 16), at(10, 48), at(right, 48)].map(n => [...data.subarray(n, n + 3)])
}

const near = (colours: readonly (readonly number[])[]) =>
  colours.map(colour =>
    colour.map(value => ({
      asymmetricMatch: (other: unknown) => Math.abs(Number(other) - value) <= 4,
      toString: () => `nearly ${value}`,
    })),
  )

// As heif-convert 1.15.1 decodes them.
const [RED, GREEN, BLUE, YELLOW] = [
  [200, 100, 100],
  [60, 180, 90],
  [70, 91, 200],
  [229, 200, 60],
]
const SRGB = [RED, GREEN, BLUE, YELLOW] as number[][]
/** The same values of Display P3, converted by the primaries of both. */
const FROM_P3 = [
  [215, 93, 97],
  [0, 183, 78],
  [64, 92, 207],
  [235, 199, 0],
]
/** On white, of which 127 of 255 is seen. */
const HALF_CLEAR = [
  [227, 177, 177],
  [60, 180, 90],
  [162, 172, 227],
  [229, 200, 60],
]

describe('a HEIC is shown', () => {
  test.each([
    ['srgb.heic', SRGB],
    ['ten-bit.heic', SRGB],
    ['sequence.heic', SRGB],
    ['p3-icc.heic', FROM_P3],
    ['p3-nclx.heic', FROM_P3],
    ['alpha.heic', HALF_CLEAR],
    ['alpha-premultiplied.heic', HALF_CLEAR],
  ])('in its own colours, on white: %s', async (file, colours) => {
    const { result, bytes } = await pictureOf(small(file))
    expect(result).toEqual({ made: { mimeType: 'image/jpeg', width: 64, height: 64 }, reason: null })
    expect(await sharp(bytes).metadata()).toMatchObject({
      format: 'jpeg',
      width: 64,
      height: 64,
      channels: 3,
    })
    expect(await patches(bytes)).toEqual(near(colours))
  })

  test('cut, then mirrored; with nothing of its metadata but whose it is', async () => {
    const { result, bytes } = await pictureOf(small('mirrored-cropped.heic'))
    expect(result.made).toMatchObject({ width: 48, height: 64 })
    expect(await patches(bytes)).toEqual(near([GREEN, RED, YELLOW, BLUE] as number[][]))
    const { data } = await seen(bytes)
    // The left patch has lost 16 columns.
    expect([...data.subarray(18 * 3, 18 * 3 + 3)]).toEqual(near([RED as number[]])[0])
    const { exif = Buffer.alloc(0), orientation } = await sharp(bytes).metadata()
    expect(orientation ?? 1).toBe(1)
    const { Image, Photo, GPSInfo } = readExif(exif)
    expect(Image).toMatchObject({ Artist: 'Jo Doe', Copyright: 'Jo Doe 2024' })
    expect([Image?.Make, Photo?.LensModel, GPSInfo]).toEqual([undefined, undefined, undefined])
  })

  test('put together of tiles, turned once, and the primary picture, which is not the first', async () => {
    const { result, bytes } = await pictureOf(fileOf(turned))
    expect(result.made).toMatchObject({ width: turned.displayWidth, height: turned.displayHeight })
    const grey = (image: Sharp) => image.resize(24, 24, { fit: 'fill' }).grayscale().raw().toBuffer()
    // What it was made of, turned the same way.
    const source = await sharp(fixture('photo-iphone-gps.jpg').path).rotate(90).toBuffer()
    const [shown, meant] = await Promise.all([grey(sharp(bytes)), grey(sharp(source))])
    const difference = (one: Buffer, other: Buffer) =>
      one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length
    expect(difference(shown, meant)).toBeLessThan(4)
    expect(difference(shown, Buffer.from(meant).reverse())).toBeGreaterThan(15)
  })

  test('as its standard says, filters at the edges of blocks included', async () => {
    const { bytes } = await pictureOf(small('coarse.heic'))
    const grey = (image: Buffer | string) => sharp(image).grayscale().raw().toBuffer()
    const [shown, reference] = [await grey(bytes), await grey(pathOf('coarse.png'))]
    // Without them it is 16; what is left is the JPEG's.
    expect(Math.max(...shown.map((value, at) => Math.abs(value - (reference[at] ?? 0))))).toBeLessThan(7)
  })

  test('in full, or 4096 pixels long', async () => {
    const { displayWidth: width, displayHeight: height } = photo
    expect((await pictureOf(fileOf(photo))).result.made).toEqual({ mimeType: 'image/jpeg', width, height })
    expect((await pictureOf(small('long.heic'))).result.made).toMatchObject({ width: 4096, height: 82 })
  })

  test('where it is AV1 that lies in it, too', async () => {
    const avif = { ...fileOf(fixture('colors.avif')), mimeType: 'image/heif' }
    expect((await pictureOf(avif)).result.made).toMatchObject({ width: 200, height: 200 })
  })
})

describe('a HEIC tells', () => {
  test('when, where and with what it was taken; its orientation is not applied once more', async () => {
    const { facts, technicalMetadata, problem } = await insight.examine(fileOf(turned))
    expect(facts).toMatchObject({
      width: 440,
      height: 600,
      takenAt: '2024-06-01T10:30:15.000Z',
      camera: { make: 'Example', model: 'Phone 9', lens: 'Phone 9 back camera', software: '9.1' },
      artist: 'Jo Doe',
      image: { orientation: 1, hasAlpha: false },
    })
    expect(facts.geolocation?.latitude).toBeCloseTo(-33.856767, 4)
    expect(technicalMetadata).toMatchObject({ image: { compression: 'hevc' }, icc: { description: 'sP3C' } })
    expect(problem).toBeNull()
    expect(await insight.probe(fileOf(turned))).toEqual({ width: 440, height: 600, reason: null })
  })

  test('nothing of it once that was taken out, and is shown as before', async () => {
    const subjects = [turned.bytes(), readFileSync(pathOf('mirrored-cropped.heic'))]
    for (const original of subjects) {
      const bytes = await redacted('image/heic', original)
      expect(bytes).toHaveLength(original.length)
      for (const secret of ['Example', 'Phone 9', '2024:06:01'])
        expect([secret, bytes.indexOf(secret)]).toEqual([secret, -1])
      const { facts } = await insight.examine(bytesOf(bytes, 'image/heic'))
      expect([facts.geolocation, facts.camera, facts.takenAt]).toEqual([undefined, undefined, undefined])
      expect(facts.artist).toBe('Jo Doe')
      const [before, after] = await Promise.all(
        [original, bytes].map(each => pictureOf(bytesOf(each, 'image/heic'))),
      )
      expect(after?.result).toEqual(before?.result)
      expect(after?.bytes.equals(before?.bytes as Buffer)).toBe(true)
    }
  })
})

describe('a HEIC that is not what it should be', () => {
  const sized = (width: number, height: number): Buffer => {
    const bytes = photo.bytes()
    const at = bytes.indexOf('ispe') + 8
    bytes.writeUInt32BE(width, at)
    bytes.writeUInt32BE(height, at + 4)
    return bytes
  }
  const damaged = (from: number, to: number) => Buffer.from(photo.bytes()).fill(0, from, to)

  test.each<[string, Buffer, string]>([
    ['is cut off', photo.bytes().subarray(0, 40_000), 'unreadable'],
    ['has lost a part of its picture', damaged(6_000, 40_000), 'unreadable'],
    ['has lost two bytes of it', damaged(30_000, 30_002), 'unreadable'],
    ['says a smaller size than it has', sized(64, 64), 'unreadable'],
    ['says a larger one', sized(5_000, 5_000), 'unreadable'],
    ['says more pixels than are decoded at once', sized(8_000, 8_000), 'pixel-limit'],
    ['has no picture', heic(640, 480), 'unreadable'],
  ])('and %s', async (_how, bytes, reason) => {
    const { result } = await pictureOf(bytesOf(bytes, 'image/heic'))
    expect(result).toMatchObject({ made: null, reason })
  })

  test('is examined no further than its header says that it can be decoded', async () => {
    const { facts, problem } = await insight.examine(bytesOf(sized(8_000, 8_000), 'image/heic'))
    expect(facts).toMatchObject({ width: 8_000, height: 8_000 })
    expect(problem?.reason).toBe('pixel-limit')
  })

  test('takes no more memory than its decoder may, and the next one is shown', async () => {
    const large = Buffer.concat([
      photo.bytes(),
      Buffer.from('\x01\xc9\xc3\x80free', 'latin1'),
      Buffer.alloc(29_999_992),
    ])
    const tight = start({ maxPixelBytes: 20_000_000 })
    const { result } = await pictureOf(bytesOf(large, 'image/heic'), tight)
    expect(result).toMatchObject({ made: null, reason: 'memory' })
    expect((await pictureOf(bytesOf(large, 'image/heic'))).result.reason).toBeNull()
    expect((await pictureOf(small('srgb.heic'), start({ memoryBytes: 20_000_000 }))).result).toMatchObject({
      reason: 'memory',
    })
    expect((await pictureOf(small('srgb.heic'))).result.reason).toBeNull()
  })

  test('has a time, and an end when nobody wants it', async () => {
    const { result } = await pictureOf(fileOf(photo), start({ decodingMs: 1 }))
    expect(result).toMatchObject({ made: null, reason: 'deadline' })
    const caller = new AbortController()
    caller.abort()
    expect((await pictureOf({ ...fileOf(photo), signal: caller.signal })).result).toMatchObject({
      reason: 'aborted',
    })
    expect((await pictureOf(fileOf(photo), start({ maxBytes: 70_000 }))).result).toMatchObject({
      reason: 'too-large',
    })
  })
})

test('each HEIC has its process to itself, and nothing else has one for its sake', async () => {
  const own = start()
  await own.examine(fileOf(fixture('photo.png')))
  await own.examine(fileOf(photo))
  const before = own.pids
  expect(before).toHaveLength(1)
  const seenPids = new Set<number>()
  for (let n = 0; n < 2; n++) {
    const sink = new PassThrough().resume()
    const request = small('srgb.heic')
    const open: FileRequest['open'] = range => {
      for (const pid of own.pids) if (!before.includes(pid)) seenPids.add(pid)
      return request.open(range)
    }
    expect((await own.preview({ ...request, open, sink })).reason).toBeNull()
  }
  expect(seenPids.size).toBe(2)
  for (const pid of seenPids) await ended(pid)
})
