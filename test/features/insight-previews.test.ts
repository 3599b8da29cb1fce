import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { findFfmpeg } from '../../src/features/insight/ffmpeg.ts'
import { type InsightLimits, insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { needsPreview } from '../../src/features/insight/readers.ts'
import { fixture, fixtures } from '../support/fixtures.ts'
import { ended, peakMib } from '../support/processes.ts'
import { bytesOf, fileOf } from './insight-files.ts'

const ffmpeg = await findFfmpeg(null)
if (!ffmpeg && process.env.CI) throw new Error('CI needs ffmpeg: .ci/run installs it.')
if (!ffmpeg)
  process.stderr.write(
    'Left out for want of ffmpeg: posters of videos (test/features/insight-previews.test.ts).\n',
  )
const withFfmpeg = ffmpeg ? describe : describe.skip

const started: InsightService[] = []
afterAll(() => Promise.all(started.map(insight => insight.close())))

function start(limits: Partial<InsightLimits> = {}, ffmpegPath: string | null = null): InsightService {
  const patient = { ...insightDefaults, processes: 1, examinationMs: 50_000 }
  const insight = new InsightService({ limits: { ...patient, ...limits }, ffmpegPath })
  started.push(insight)
  return insight
}

const insight = start()

/** What the service says, and what it wrote. */
async function previewOf(request: Parameters<typeof fileOf>[0] | ReturnType<typeof bytesOf>, by = insight) {
  const sink = new PassThrough()
  const written = buffer(sink)
  const result = await by.preview({ ...('path' in request ? fileOf(request) : request), sink })
  sink.end()
  return { result, bytes: await written }
}

/** Grey 16 × 16 pixels. */
const thumbnail = (bytes: Buffer) => sharp(bytes).resize(16, 16, { fit: 'fill' }).grayscale().raw().toBuffer()

function difference(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length
}

describe('a PDF', () => {
  test('shows its first page, on white, in its own shape', async () => {
    const { result, bytes } = await previewOf(fixture('document-13-pages.pdf'))
    expect(result).toEqual({ made: { mimeType: 'image/jpeg', width: 1131, height: 1600 }, reason: null })
    const { format, width, height } = await sharp(bytes).metadata()
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 1131, height: 1600 })
    // A page of black text on white: light, but not empty.
    const { channels, dominant } = await sharp(bytes).stats()
    expect(dominant).toEqual({ r: 248, g: 248, b: 248 })
    expect(channels[0]?.mean).toBeLessThan(250)
    expect(channels[0]?.min).toBeLessThan(60)
  })

  test('with a giant page makes no giant picture', async () => {
    const giant = pdfOfOnePage([0, 0, 14_400_000, 7_200_000])
    const { result } = await previewOf(bytesOf(giant, 'application/pdf'))
    expect(result).toMatchObject({ made: { width: 1600, height: 800 } })
    const tiny = pdfOfOnePage([0, 0, 10, 5])
    expect((await previewOf(bytesOf(tiny, 'application/pdf'))).result).toMatchObject({
      made: { width: 40, height: 20 },
    })
  })

  test('with giant pictures takes no giant memory', async () => {
    const { result } = await previewOf(fixture('bomb-giant.pdf'))
    expect(result.reason).toBeNull()
    for (const pid of insight.pids) expect(peakMib(pid)).toBeLessThan(512)
  })

  test('that asks for a password has none', async () => {
    const { result, bytes } = await previewOf(fixture('bad-encrypted.pdf'))
    expect(result).toMatchObject({ made: null, reason: 'encrypted' })
    expect(bytes).toHaveLength(0)
  })

  test('is told apart from a sink that breaks', async () => {
    const sink = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('the disk is full')),
      highWaterMark: 1,
    })
    sink.on('error', () => undefined)
    expect(await insight.preview({ ...fileOf(fixture('document-13-pages.pdf')), sink })).toMatchObject({
      reason: 'sink',
    })
  })
})

withFfmpeg('a video', () => {
  const films = fixtures.good.filter(({ mimeType }) => mimeType?.startsWith('video/'))

  test.each(films.map(film => [film.file, film] as const))(
    'shows a frame of %s as it is displayed',
    async (_file, film) => {
      const { result, bytes } = await previewOf(film)
      const { format, width = 0, height = 0 } = await sharp(bytes).metadata()
      expect(result).toEqual({ made: { mimeType: 'image/jpeg', width, height }, reason: null })
      expect(format).toBe('jpeg')
      expect(Math.max(width, height)).toBeLessThanOrEqual(1_600)
      expect(width / height).toBeCloseTo((film.displayWidth ?? 0) / (film.displayHeight ?? 0), 1)
    },
  )

  test('stands upright, as a player shows it', async () => {
    const film = fixture('video-rotated-gps.mov')
    const player = spawn(
      ffmpeg ?? '',
      ['-loglevel', 'error', '-i', film.path, '-frames:v', '1', '-f', 'image2pipe', '-'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const shown = await thumbnail(await buffer(player.stdout))
    const poster = await thumbnail((await previewOf(film)).bytes)
    expect(difference(poster, shown)).toBeLessThan(15)
    expect(difference(poster, Buffer.from(shown).reverse())).toBeGreaterThan(30)
  })

  test('of a container that is only recognised has none, and says so', async () => {
    const riff = Buffer.from('RIFF\0\0\0\0AVI LIST', 'latin1')
    expect((await previewOf(bytesOf(riff, 'video/vnd.avi'))).result).toMatchObject({
      made: null,
      reason: 'no-keyframe',
    })
  })

  test('with a frame larger than allowed is not decoded', async () => {
    const small = start({ maxFramePixels: 1_000_000 })
    expect((await previewOf(fixture('video-1080p-gps.mp4'), small)).result).toMatchObject({
      reason: 'pixel-limit',
    })
  })

  test('that a caller no longer wants is given up', async () => {
    const caller = new AbortController()
    caller.abort()
    const request = { ...fileOf(fixture('video.mp4')), sink: new PassThrough(), signal: caller.signal }
    expect(await insight.preview(request)).toMatchObject({ made: null, reason: 'aborted' })
  })
})

describe('without ffmpeg', () => {
  test('a video has no poster, and says so; a PDF has its page', async () => {
    const bare = start({}, '/nowhere/ffmpeg')
    expect((await previewOf(fixture('video.mp4'), bare)).result).toEqual({
      made: null,
      reason: 'no-ffmpeg',
      detail: undefined,
    })
    expect((await previewOf(fixture('document-13-pages.pdf'), bare)).result.reason).toBeNull()
  })
})

describe('an ffmpeg that does what it should not', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ffmpeg-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function program(script: string, limits: Partial<InsightLimits> = {}) {
    const path = join(folder, `ffmpeg-${script.length}`)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
    return (await previewOf(fixture('video.mp4'), start(limits, path))).result
  }

  test.each([
    ['hangs', 'exec sleep 600', 'deadline'],
    ['makes without end', 'exec yes', 'too-large'],
    ['makes nothing', 'exit 0', 'unreadable'],
    ['refuses', 'echo what is this >&2; exit 1', 'unreadable'],
    ['dies', 'kill -SEGV $$', 'crashed'],
    ['is no program', '#', 'unreadable'],
  ])('and %s makes no poster', async (_how, script, reason) => {
    const limits = reason === 'deadline' ? { examinationMs: 6_000 } : {}
    expect(await program(script, limits)).toMatchObject({ made: null, reason })
  })

  test('is told nothing of the environment', async () => {
    process.env.PLANTED_SECRET = 'swordfish'
    const { detail } = (await program('/usr/bin/env >&2; exit 1')) as { detail?: string }
    expect(detail).toContain('PWD=/')
    expect(detail).not.toContain('swordfish')
    expect(detail).not.toContain('HOME=')
  })

  test('is ended when the gateway ends', async () => {
    const path = join(folder, 'ffmpeg-last')
    await writeFile(path, '#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n')
    await chmod(path, 0o755)
    const last = start({}, path)
    const watcher = watch(folder)
    const result = previewOf(fixture('video.mp4'), last)
    for await (const [, name] of eventsOf(watcher)) if (name === 'ffmpeg-last.pid') break
    watcher.close()
    await last.close()
    expect((await result).result).toMatchObject({ made: null, reason: 'closed' })
    await ended(Number(await readFile(`${path}.pid`, 'utf8')))
  })
})

test('sound and images that sharp decodes need no preview, and get none', async () => {
  expect(
    fixtures.good.filter(({ mimeType }) => needsPreview(mimeType ?? '')).map(({ file }) => file),
  ).toEqual(fixtures.good.map(({ file }) => file).filter(file => /\.(heic|pdf|mp4|mov|webm)$/.test(file)))
  expect((await previewOf(fixture('photo.png'))).result).toEqual({ made: null, reason: 'unsupported' })
})

async function* eventsOf(watcher: NodeJS.EventEmitter): AsyncGenerator<[string, string]> {
  for (;;) yield (await once(watcher, 'change')) as [string, string]
}

/** A PDF of one empty page of that size; its cross-references are left to be found. */
function pdfOfOnePage(box: readonly number[]): Buffer {
  return Buffer.from(
    `%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [${box.join(' ')}] /Resources <<>>>> endobj
trailer <</Root 1 0 R /Size 4>>
%%EOF
`,
  )
}
