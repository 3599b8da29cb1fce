import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { findFfmpeg } from '../../src/features/insight/ffmpeg.ts'
import { type InsightLimits, insightDefaults } from '../../src/features/insight/insight.config.ts'
import { InsightService } from '../../src/features/insight/insight.service.ts'
import { isPassing, type Problem } from '../../src/features/insight/problem.ts'
import { sniffType } from '../../src/features/upload/sniff/sniff-type.ts'
import { SNIFFED_BYTES } from '../../src/features/upload/sniff/sniffer.ts'
import { fixture } from '../support/fixtures.ts'
import { bytesOf, fileOf } from './insight-files.ts'

const MIB = 1024 * 1024

let insight: InsightService
afterEach(() => insight.close())

function start(limits: Partial<InsightLimits> = {}): InsightService {
  insight = new InsightService({ limits: { ...insightDefaults, processes: 1, ...limits } })
  return insight
}

const passes = (problem: Problem | null) => problem !== null && isPassing(problem.reason)

describe('trouble that lies not in the file may be tried again', () => {
  const file = fixture('photo-iphone-gps.jpg')

  test.each([
    ['that cannot be opened', () => Promise.reject(new Error('no such object'))],
    ['that breaks off', async () => Readable.from([file.bytes().subarray(0, 50_000)])],
  ])('a store %s', async (_how, open) => {
    start()
    const { problem } = await insight.examine({ ...fileOf(file), open })
    expect(problem).toMatchObject({ reason: 'source' })
    expect(passes(problem)).toBe(true)
    expect((await insight.examine(fileOf(file))).problem).toBeNull()
  })

  test('a store that stalls to the deadline', async () => {
    start({ examinationMs: 8_000 })
    await insight.examine(fileOf(fixture('photo.png')))
    await insight.examine(fileOf(fixture('document-13-pages.pdf')))
    const { problem } = await insight.examine({ ...fileOf(file), open: async () => new PassThrough() })
    expect(passes(problem)).toBe(true)
    await insight.examine(fileOf(fixture('document-13-pages.pdf')))
    const sink = new PassThrough()
    const paper = { ...fileOf(fixture('document-13-pages.pdf')), open: async () => new PassThrough(), sink }
    const { made, reason } = await insight.preview(paper)
    expect([made, reason]).toEqual([null, 'source'])
  })

  test('a caller who gives up, and a gateway that stops', async () => {
    start()
    const caller = new AbortController()
    const body = new PassThrough()
    const opened = once(body, 'opened')
    const open = async () => {
      body.emit('opened')
      return body
    }
    const examination = insight.examine({ ...fileOf(file), open, signal: caller.signal })
    await opened
    caller.abort()
    expect((await examination).problem).toEqual({ reason: 'aborted' })
    await insight.close()
    const { problem } = await insight.examine(fileOf(file))
    expect(problem).toEqual({ reason: 'closed' })
    expect(passes(problem)).toBe(true)
  })

  test('but what a file does to its process does not pass', async () => {
    start({ memoryBytes: 1 })
    const { problem } = await insight.examine(fileOf(file))
    expect(problem?.reason).toBe('memory')
    expect(passes(problem)).toBe(false)
  })
})

describe('of a file of gigabytes little is read', () => {
  /** A file that begins with these bytes, and goes on with zeros. */
  function vast(head: Buffer, size: number) {
    let read = 0
    function* part(start: number, end: number) {
      for (let at = start; at <= end; at += 65_536) {
        const bytes = Buffer.alloc(Math.min(65_536, end + 1 - at))
        if (at < head.length) head.copy(bytes, 0, at)
        read += bytes.length
        yield bytes
      }
    }
    const open = async ({ start, end }: { start: number; end: number }) =>
      Readable.from(part(start, end), { highWaterMark: 1 })
    return { size, open, read: () => read }
  }

  test('for the facts of sound without compression', async () => {
    start()
    const size = 3_600_000_044
    const head = Buffer.from(fixture('audio.wav').bytes().subarray(0, 44))
    head.writeUInt32LE(size - 8, 4)
    head.writeUInt32LE(size - 44, 40)
    const file = vast(head, size)
    const { facts, problem } = await insight.examine({ mimeType: 'audio/vnd.wave', ...file })
    expect(problem).toBeNull()
    expect(facts.durationSeconds).toBeCloseTo((size - 44) / (22_050 * 4), 0)
    expect(file.read()).toBeLessThan(16 * MIB)
  })

  test.each([
    ['application/pdf', fixture('document-13-pages.pdf').bytes().subarray(0, 2_000)],
    ['video/x-flv', Buffer.from('FLV\x01\x05\0\0\0\x09\0\0\0\0', 'latin1')],
    ['audio/mpeg', fixture('audio.mp3').bytes().subarray(0, 20_000)],
    ['image/tiff', Buffer.from([0x49, 0x49, 0x2a, 0, 0, 0, 0, 0x70])],
    ['application/vnd.oasis.opendocument.text', Buffer.from('PK\x03\x04')],
  ])('of %s that never comes to its point', async (mimeType, head) => {
    start({ maxReadBytes: 8 * MIB })
    const file = vast(head, 3_000_000_000)
    await insight.examine({ mimeType, ...file })
    expect(file.read()).toBeLessThanOrEqual(9 * MIB)
    expect(await insight.examine(fileOf(fixture('photo.png')))).toMatchObject({ problem: null })
  })
})

describe('containers of older kinds', () => {
  test('tell as much of sound', async () => {
    start()
    const samples = 44_100
    const common = Buffer.from('COMM\0\0\0\x12\0\x01\0\0\0\0\0\x08\x40\x0e\xac\x44\0\0\0\0\0\0', 'latin1')
    common.writeUInt32BE(samples, 10)
    const sound = Buffer.concat([
      Buffer.from('SSND\0\0\0\0\0\0\0\0\0\0\0\0', 'latin1'),
      Buffer.alloc(samples),
    ])
    sound.writeUInt32BE(samples + 8, 4)
    const body = Buffer.concat([Buffer.from('AIFF'), common, sound])
    const form = Buffer.from('FORM\0\0\0\0', 'latin1')
    form.writeUInt32BE(body.length, 4)
    expect(await insight.examine(bytesOf(Buffer.concat([form, body]), 'audio/aiff'))).toMatchObject({
      facts: { durationSeconds: 1, audio: { channels: 1, sampleRate: 44_100 } },
      technicalMetadata: { container: { format: 'AIFF' } },
      problem: null,
    })
  })

  const film = ['-i', fixture('video.webm').path, '-t', '2', '-ar', '44100']
  const sound = ['-i', fixture('audio.flac').path, '-ar', '44100']
  const kinds = [
    ['film.avi', 'video/vnd.avi', film],
    ['film.wmv', 'video/x-ms-wmv', film],
    ['film.flv', 'video/x-flv', film],
    ['film.mpg', 'video/mpeg', film],
    ['film.ts', 'video/mp2t', film],
    ['film.ogv', 'video/ogg', film],
    ['film.mkv', 'video/matroska', film],
    ['film.3gp', 'video/3gpp', [...film, '-s', '352x288', '-c:a', 'aac']],
    ['film.mxf', 'application/mxf', [...film, '-an', '-r', '25']],
    // Its first stream is its sound.
    ['sound-first.wmv', 'video/x-ms-wmv', [...film, '-map', '0:a', '-map', '0:v:0']],
    ['sound.wma', 'audio/x-ms-wma', sound],
    ['sound.aac', 'audio/aac', sound],
    ['sound.aiff', 'audio/aiff', sound],
    ['sound.mka', 'audio/matroska', sound],
    ['sound.wv', 'audio/wavpack', sound],
    ['sound.ac3', 'audio/vnd.dolby.dd-raw', sound],
    ['sound.caf', 'audio/x-caf', sound],
  ] as const
  test('tell as much of films, broadcasts and sound, by the types that the sniffer calls them', async () => {
    const ffmpeg = await findFfmpeg(null)
    if (!ffmpeg && process.env.CI) throw new Error('CI needs ffmpeg: .ci/run installs it.')
    if (!ffmpeg) return void process.stderr.write('Left out for want of ffmpeg: older containers.\n')
    start({ examinationMs: 30_000 })
    const folder = await mkdtemp(join(tmpdir(), 'containers-'))
    for (const [fileName, mimeType, input] of kinds) {
      const path = join(folder, fileName)
      const maker = spawn(ffmpeg, ['-loglevel', 'error', ...input, path], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      await once(maker, 'close')
      const bytes = await readFile(path)
      const sniffed = await sniffType({ bytes: bytes.subarray(0, SNIFFED_BYTES), whole: false }, { fileName })
      expect([fileName, sniffed.mimeType]).toEqual([fileName, mimeType])
      const { facts, problem } = await insight.examine(bytesOf(bytes, sniffed.mimeType))
      expect({ fileName, problem }).toEqual({ fileName, problem: null })
      expect([fileName, facts.durationSeconds]).toEqual([fileName, expect.any(Number)])
      if (input === sound) expect([fileName, facts.audio?.sampleRate]).toEqual([fileName, 44_100])
      if (input !== film) continue
      expect({ fileName, width: facts.width, height: facts.height }).toEqual({
        fileName,
        width: 640,
        height: 360,
      })
      expect(Math.abs((facts.durationSeconds ?? 0) - 2)).toBeLessThanOrEqual(0.15)
      expect(facts.video).toMatchObject({ codec: expect.any(String), frameRate: expect.closeTo(25, 1) })
      expect(facts.audio).toMatchObject({ sampleRate: 44_100 })
    }
    await rm(folder, { recursive: true })
  })
})
