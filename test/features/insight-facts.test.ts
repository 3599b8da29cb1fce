import type { FileFacts } from '../../src/features/insight/file-facts.ts'
import { insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { examines } from '../../src/features/insight/readers.ts'
import { type Fixture, type FixtureFacts, fixture, fixtures } from '../support/fixtures.ts'
import { peakMib } from '../support/processes.ts'
import { bytesOf, fileOf } from './insight-files.ts'
import { heic } from './insight-heic.ts'

// Whoever shares this machine must not decide; that files end in time is proved where deadlines are.
const insight = new InsightService({
  limits: { ...insightDefaults, processes: 1, examinationMs: 50_000 },
})
afterAll(() => insight.close())

/** Where each measured fact of the manifest is reported, and how near it must be. */
const REPORTED = {
  width: facts => facts.image?.storedWidth ?? facts.video?.storedWidth ?? facts.width,
  height: facts => facts.image?.storedHeight ?? facts.video?.storedHeight ?? facts.height,
  displayWidth: facts => facts.width,
  displayHeight: facts => facts.height,
  orientation: facts => facts.image?.orientation,
  // The manifest counts against the clock.
  rotation: facts => (360 - (facts.video?.rotation ?? Number.NaN)) % 360,
  duration: facts => facts.durationSeconds,
  pages: facts => facts.pageCount,
  frames: facts => facts.image?.frameCount,
  gps: facts => facts.geolocation && { lat: facts.geolocation.latitude, lng: facts.geolocation.longitude },
} as const satisfies Partial<Record<keyof FixtureFacts, (facts: FileFacts) => unknown>>

const near = (value: number, tolerance: number) => ({
  asymmetricMatch: (other: unknown) => Math.abs(Number(other) - value) <= tolerance,
  toString: () => `within ${tolerance} of ${value}`,
})

function expected(good: Fixture, name: keyof typeof REPORTED): unknown {
  if (name === 'duration' && good.duration !== undefined)
    return near(good.duration, Math.max(0.15, good.duration * 0.02))
  if (name === 'gps' && good.gps) return { lat: near(good.gps.lat, 1e-4), lng: near(good.gps.lng, 1e-4) }
  return good[name]
}

describe('every fact that was measured is reported', () => {
  test.each(fixtures.good.map(good => [good.file, good] as const))('of %s', async (_file, good) => {
    const { facts, problem } = await insight.examine(fileOf(good))
    const names = (Object.keys(REPORTED) as Array<keyof typeof REPORTED>).filter(
      name => good[name] !== undefined,
    )
    const reported = Object.fromEntries(names.map(name => [name, REPORTED[name](facts)]))
    expect(reported).toEqual(Object.fromEntries(names.map(name => [name, expected(good, name)])))
    expect(problem).toBeNull()
  })

  test('of all that the manifest measures', () => {
    const told = new Set(fixtures.good.flatMap(good => Object.keys(good)))
    const untold = [
      'file',
      'kind',
      'sha256',
      'size',
      'mimeType',
      'note',
      'source',
      'path',
      'licence',
      'tools',
      'bytes',
    ]
    expect([...told].filter(name => !untold.includes(name)).sort()).toEqual(Object.keys(REPORTED).sort())
    expect(fixtures.good.filter(good => !examines(good.mimeType ?? ''))).toEqual([])
  })
})

describe('images tell', () => {
  test('camera, local time without a zone, and a colour profile', async () => {
    const { facts, technicalMetadata } = await insight.examine(fileOf(fixture('photo-iphone-gps.jpg')))
    expect(facts).toMatchObject({
      takenAt: '2011-01-13T14:33:39',
      camera: { make: 'Apple', model: 'iPhone 4', software: '4.1' },
    })
    expect(technicalMetadata).toMatchObject({
      icc: { description: 'sRGB IEC61966-2.1' },
      exif: { photo: { FNumber: 2.8, DateTimeOriginal: '2011-01-13T14:33:39' } },
      image: { format: 'jpeg', chromaSubsampling: '4:2:0' },
    })
  })

  test('a placeholder that shows the picture as it is shown', async () => {
    const { thumbHashToApproximateAspectRatio } = await import('thumbhash')
    const { facts } = await insight.examine(fileOf(fixture('photo-orientation-6.jpg')))
    expect(facts.placeholder?.dominantColor).toMatch(/^#[0-9a-f]{6}$/)
    const hash = Buffer.from(facts.placeholder?.thumbhash ?? '', 'base64')
    expect(thumbHashToApproximateAspectRatio(hash)).toBeCloseTo(1.5, 0)
  })

  test('a size where their pixels are cut off, or HEVC, which is not decoded for it', async () => {
    for (const file of ['bad-truncated.jpg', 'bad-truncated.png']) {
      const { headerWidth: width, headerHeight: height } = fixture(file)
      expect(await insight.examine(fileOf(fixture(file)))).toMatchObject({
        facts: { width, height },
        problem: { reason: 'unreadable' },
      })
    }
    expect(await insight.examine(bytesOf(heic(640, 480), 'image/heic'))).toMatchObject({
      facts: { width: 640, height: 480 },
      problem: null,
    })
  })
})

describe('films and sound tell', () => {
  test('when and with what they were recorded', async () => {
    const { facts } = await insight.examine(fileOf(fixture('video-rotated-gps.mov')))
    expect(facts).toMatchObject({
      takenAt: '2019-07-24T08:25:40.000Z',
      camera: { make: 'Apple', model: 'iPhone 6' },
      video: { codec: 'avc', frameRate: expect.closeTo(30, 0) },
      audio: { codec: 'aac', channels: 1, sampleRate: 44_100 },
    })
  })

  test('the time in the movie header, where no tag tells another', async () => {
    const { facts } = await insight.examine(fileOf(fixture('video-1080p-gps.mp4')))
    expect(facts.takenAt).toBe('2017-02-22T08:20:28.000Z')
  })

  test('title, artist and album', async () => {
    const { facts } = await insight.examine(fileOf(fixture('audio.mp3')))
    expect(facts).toMatchObject({ title: 'Test Title', artist: 'Test Artist', album: 'Test Album' })
  })
})

describe('documents tell', () => {
  test('title, author and the size of a page', async () => {
    const { facts } = await insight.examine(fileOf(fixture('document-13-pages.pdf')))
    expect(facts).toMatchObject({
      title: 'pdf-title',
      document: { author: 'pdf-author', encrypted: false, pageWidth: 595.3, pageHeight: 841.9 },
    })
  })

  test('that they ask for a password', async () => {
    expect(await insight.examine(fileOf(fixture('bad-encrypted.pdf')))).toMatchObject({
      facts: { document: { encrypted: true } },
      problem: null,
    })
  })
})

describe('malformed and hostile files', () => {
  const bad = [...fixtures.malformed, ...fixtures.hostile]

  test.each(bad.map(file => [file.file, file] as const))(
    '%s is answered, and so is the next file',
    async (_, file) => {
      const { problem, facts } = await insight.examine(fileOf(file))
      const isHarmless = [
        'bad-png-named.jpg',
        'bad-encrypted.pdf',
        'hostile-script.svg',
        'bomb-giant.pdf',
        'bomb-xml.xlsx',
      ]
      if (isHarmless.includes(file.file)) expect(problem).toBeNull()
      else expect(problem?.reason).toMatch(/^(unreadable|pixel-limit|unsupported)$/)
      expect(facts.placeholder === undefined || file.file === 'bad-png-named.jpg').toBe(true)
      for (const pid of insight.pids) expect(peakMib(pid)).toBeLessThan(512)
      const next = await insight.examine(fileOf(fixture('photo.png')))
      expect(next).toMatchObject({ facts: { width: 128 }, problem: null })
    },
  )
})
