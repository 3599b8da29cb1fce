import { Readable } from 'node:stream'
import { insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { type Fixture, fixture, fixtures } from '../support/fixtures.ts'
import { bytesOf, fileOf, slices } from './insight-files.ts'
import { heic } from './insight-heic.ts'

type Range = { readonly start: number; readonly end: number }

const insight = new InsightService({ limits: { ...insightDefaults, deadlineMs: 20_000, processes: 1 } })
afterAll(() => insight.close())

const isImage = ({ mimeType }: Fixture) => mimeType === null || mimeType.startsWith('image/')
const nothing = (reason: string) => expect.objectContaining({ width: null, height: null, reason })

describe('images', () => {
  const sized = fixtures.good.filter(good => isImage(good) && good.displayWidth)

  test.each(sized.map(good => [good.file, good] as const))(
    '%s has the size it is shown in',
    async (_file, good) => {
      expect(await insight.probe(fileOf(good))).toEqual({
        width: good.displayWidth,
        height: good.displayHeight,
        reason: null,
      })
    },
  )

  test('an SVG without width and height has no size, and says so', async () => {
    expect(await insight.probe(fileOf(fixture('vector-viewbox-only.svg')))).toEqual(nothing('no-size'))
  })

  test('a HEIC has a size by its header alone', async () => {
    expect(await insight.probe(bytesOf(heic(640, 480), 'image/heic'))).toEqual({
      width: 640,
      height: 480,
      reason: null,
    })
  })

  test('a file of a type that no probe reads is not even opened', async () => {
    const open = () => Promise.reject(new Error('it was opened'))
    expect(await insight.probe({ mimeType: 'application/pdf', size: 10, open })).toEqual(
      nothing('unsupported'),
    )
  })

  test('a big file is read no further than its header', async () => {
    const padded = Buffer.concat([fixture('photo-orientation-6.jpg').bytes(), Buffer.alloc(20_000_000)])
    let read = 0
    function* counted({ start, end }: Range) {
      for (const slice of slices(padded.subarray(start, end + 1))) {
        read += slice.length
        yield slice
      }
    }
    const open = async (range: Range) => Readable.from(counted(range), { highWaterMark: 1 })
    const facts = await insight.probe({ mimeType: 'image/jpeg', size: padded.length, open })
    expect(facts).toEqual({ width: 1800, height: 1200, reason: null })
    expect(read).toBeLessThan(insightDefaults.headBytes + 500_000)
  })

  test('a header behind the first bytes is found by reading on', async () => {
    const jpeg = fixture('photo-orientation-6.jpg').bytes()
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(65_533)])
    const comments = Array<Buffer>(20).fill(comment)
    const late = Buffer.concat([jpeg.subarray(0, 2), ...comments, jpeg.subarray(2)])
    expect(late.length - jpeg.length).toBeGreaterThan(insightDefaults.headBytes)
    expect(await insight.probe(bytesOf(late, 'image/jpeg'))).toEqual({
      width: 1800,
      height: 1200,
      reason: null,
    })
  })

  test('what claims more pixels than allowed has no size', async () => {
    for (const file of ['bomb-280-megapixel.jpg', 'bomb-1600-megapixel.png']) {
      expect(await insight.probe(fileOf(fixture(file)))).toEqual(nothing('pixel-limit'))
    }
  })

  test('an SVG that poses as another image is not rendered', async () => {
    const svg = fixture('hostile-script.svg').bytes()
    expect(await insight.probe(bytesOf(svg, 'image/png'))).toEqual(nothing('unreadable'))
  })
})

describe('malformed and hostile images', () => {
  const bad = [...fixtures.malformed, ...fixtures.hostile].filter(isImage)

  test('are answered by the same process, which stays small', async () => {
    await insight.probe(fileOf(fixture('photo.png')))
    const before = insight.pids
    for (const file of bad) expect(await insight.probe(fileOf(file))).toHaveProperty('reason')
    for (const file of fixtures.good.filter(isImage)) {
      // Cut anywhere, and with a damaged header.
      for (const part of [1, 20, 100, file.size >> 1]) {
        const bytes = file.bytes().subarray(0, part)
        expect(await insight.probe(bytesOf(bytes, file.mimeType ?? ''))).toHaveProperty('reason')
      }
      const damaged = Buffer.from(file.bytes())
      for (let at = 16; at < 200 && at < damaged.length; at += 7) damaged[at] = 0xff
      expect(await insight.probe(bytesOf(damaged, file.mimeType ?? ''))).toHaveProperty('reason')
    }
    expect(insight.pids).toEqual(before)
  })

  test.each(['bad-corrupt-header.jpg', 'bad-empty.jpg', 'bomb.gif'])('%s has no size', async file => {
    expect(await insight.probe(fileOf(fixture(file)))).toEqual(nothing('unreadable'))
  })
})

describe('bytes that cannot be read', () => {
  const request = { mimeType: 'image/png', size: 1_000_000 }

  test.each([
    ['open rejects', () => Promise.reject(new Error('no such object'))],
    ['the stream fails', async () => Readable.from(failing())],
    ['the stream ends early', async () => Readable.from([Buffer.alloc(10)])],
  ])('are a reason, not an error, when %s', async (_how, open) => {
    expect(await insight.probe({ ...request, open })).toEqual(nothing('source'))
    expect(await insight.probe({ ...request, mimeType: 'image/svg+xml', open })).toEqual(nothing('source'))
    expect(await insight.probe(fileOf(fixture('photo.png')))).toMatchObject({ width: 128 })
  })

  async function* failing() {
    yield Buffer.alloc(10)
    throw new Error('connection reset')
  }
})
