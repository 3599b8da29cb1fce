import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { anonymous, type Viewer } from '../../src/features/access/viewer.ts'
import { ArchiveService, type Manifest } from '../../src/features/archive/archive.service.ts'
import { EntryNames } from '../../src/features/archive/entry-names.ts'
import { DeliveryService } from '../../src/features/delivery/delivery.service.ts'
import { Library } from '../support/delivery.ts'
import { principal } from '../support/principal.ts'
import { readZip } from '../support/zip.ts'

const MiB = 2 ** 20
const NEVER = '01234567-89ab-7def-8123-456789abcdef'
const somebody = principal({ accountId: 'a' })

let folder: string
let library: Library
let archives: ArchiveService
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'))
  library = new Library(folder)
  const clock = { now: () => new Date() }
  const delivery = new DeliveryService({ media: library, storage: library, budget: library, clock })
  archives = new ArchiveService({ content: library, delivery })
})
afterEach(async () => {
  await library.allClosed()
  await rm(folder, { recursive: true })
})

async function unpack(mediaIds: readonly string[], viewer: Viewer = somebody) {
  const files = readZip(await buffer(archives.pack({ viewer, mediaIds })))
  const last = files.pop()
  expect(last?.name).toBe('manifest.json')
  return { files, manifest: JSON.parse(String(last?.bytes)) as Manifest }
}

describe('an archive', () => {
  test('holds the files in the order asked for, as they are, each once, and ends with a manifest', async () => {
    const a = await library.add('first', {
      fileName: 'Grüße 🎉.txt',
      contentUpdatedAt: new Date('2024-05-06T07:08:09Z'),
    })
    const b = await library.add(Buffer.alloc(0), { fileName: 'empty.bin' })
    const { files, manifest } = await unpack([b.mediaId, a.mediaId, b.mediaId])
    expect(files.map(({ name, bytes, method, isUtf8 }) => [name, String(bytes), method, isUtf8])).toEqual([
      ['empty.bin', '', 0, true],
      ['Grüße 🎉.txt', 'first', 0, true],
    ])
    expect(files[1]?.modifiedAt).toEqual(a.contentUpdatedAt)
    expect(manifest).toEqual({
      included: [
        { id: b.mediaId, name: 'empty.bin', size: 0, sha256: b.etag },
        { id: a.mediaId, name: 'Grüße 🎉.txt', size: 5, sha256: a.etag },
      ],
      leftOut: [],
    })
  })

  test('leaves out what its own download would refuse, and says why', async () => {
    const good = await library.add('good')
    const pending = library.addWithout('pending')
    const lost = library.addWithout('lost')
    const gone = await library.add('gone')
    await rm(library.path(gone.key))
    const used = await library.add('used', { maxDownloads: 1 })
    await library.spend(used)
    const { files, manifest } = await unpack([
      pending,
      lost,
      gone.mediaId,
      used.mediaId,
      NEVER,
      'no id',
      '',
      good.mediaId,
    ])
    expect(files.map(({ bytes }) => String(bytes))).toEqual(['good'])
    expect(manifest.leftOut.map(({ id, code }) => [id, code])).toEqual([
      [pending, 'CONTENT_PENDING'],
      [lost, 'CONTENT_LOST'],
      [gone.mediaId, 'CONTENT_LOST'],
      [used.mediaId, 'DOWNLOAD_LIMIT_REACHED'],
      [NEVER, 'NOT_FOUND'],
      ['no id', 'NOT_FOUND'],
      ['', 'NOT_FOUND'],
    ])
    for (const { reason } of manifest.leftOut) expect(reason).toMatch(/\.$/)
  })

  test('says the same of what may not be seen and of what never was', async () => {
    const hidden = await library.add('hidden')
    const { files, manifest } = await unpack([hidden.mediaId, NEVER], anonymous)
    expect(files).toEqual([])
    const [first, second] = manifest.leftOut
    expect({ ...first, id: '' }).toEqual({ ...second, id: '' })
  })

  test('counts each file as one download, also against its budget', async () => {
    const media = await library.add('x', { maxDownloads: 2 })
    for (const expected of [1, 1, 0]) expect((await unpack([media.mediaId])).files).toHaveLength(expected)
    expect(library.downloadsOf(media)).toBe(2)
  })

  test('takes a thousand files', async () => {
    const media = await Promise.all(Array.from({ length: 1_000 }, (_, n) => library.add(`file ${n}`)))
    const { files, manifest } = await unpack(media.map(({ mediaId }) => mediaId))
    expect(files.map(({ bytes }) => String(bytes))).toEqual(media.map((_, n) => `file ${n}`))
    expect(new Set(files.map(({ name }) => name)).size).toBe(1_000)
    expect(manifest.included.at(-1)?.name).toBe('photo (1000).png')
  })

  test('opens one file after the other, and none is read far ahead of the client', async () => {
    const media = await Promise.all([1, 2, 3].map(() => library.add('')))
    const big = []
    for (const { mediaId } of media) {
      const content = await library.add('', { mediaId, size: 64 * MiB })
      await truncate(library.path(content.key), 64 * MiB)
      big.push(content)
    }
    const archive = archives.pack({ viewer: somebody, mediaIds: media.map(({ mediaId }) => mediaId) })
    const before = process.memoryUsage().rss
    let got = 0
    let peak = 0
    let mostOpen = 0
    for await (const chunk of archive) {
      got += (chunk as Buffer).length
      peak = Math.max(peak, process.memoryUsage.rss())
      mostOpen = Math.max(mostOpen, library.streams.filter(stream => !stream.closed).length)
      const read = library.streams.reduce((sum, stream) => sum + stream.bytesRead, 0)
      expect(read - got).toBeLessThan(2 * MiB)
    }
    expect(got).toBeGreaterThan(3 * 64 * MiB)
    expect(mostOpen).toBe(1)
    expect(peak - before).toBeLessThan(128 * MiB)
  })

  test('whose file breaks off fails instead of ending', async () => {
    const media = await library.add(Buffer.alloc(MiB))
    library.failAfter = 1000
    await expect(buffer(archives.pack({ viewer: somebody, mediaIds: [media.mediaId] }))).rejects.toThrow(
      'on fire',
    )
  })

  test('whose file is shorter than it says fails instead of ending', async () => {
    const media = await library.add('short', { size: 100 })
    const after = await library.add('after')
    const archive = archives.pack({ viewer: somebody, mediaIds: [media.mediaId, after.mediaId] })
    await expect(buffer(archive)).rejects.toThrow('unexpected number of bytes')
  })

  test('that nobody wants any more closes its file and opens no other', async () => {
    const media = await library.add('')
    const big = await library.add('', { mediaId: media.mediaId, size: 64 * MiB })
    await truncate(library.path(big.key), 64 * MiB)
    const next = await library.add('next')
    const archive = archives.pack({ viewer: somebody, mediaIds: [big.mediaId, next.mediaId] })
    await once(archive, 'readable')
    archive.destroy()
    await library.allClosed()
    await settled(archive)
    expect(library.streams).toHaveLength(1)
    expect(library.downloadsOf(next)).toBe(0)
  })

  test('that is given up while a file is being opened closes that file', async () => {
    const media = await library.add('x')
    const mayOpen = Promise.withResolvers<void>()
    library.mayOpen = mayOpen.promise
    const archive = archives.pack({ viewer: somebody, mediaIds: [media.mediaId] })
    archive.destroy()
    const opened = once(library, 'opened')
    mayOpen.resolve()
    await opened
    await library.allClosed()
    expect(library.streams).toHaveLength(1)
  })
})

/** After some turns of the event loop: what was to be done about a destroyed stream has been. */
async function settled(stream: Readable): Promise<void> {
  if (!stream.closed) await once(stream, 'close')
  for (let i = 0; i < 20; i++) await nextTurn()
}

describe('names in an archive', () => {
  const named = (...fileNames: string[]) => {
    const names = new EntryNames(['manifest.json'])
    return fileNames.map(name => names.next(name))
  }

  test.each([
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['..\\..\\boot.ini', '.._.._boot.ini'],
    ['/etc/passwd', '_etc_passwd'],
    ['C:\\x.txt', 'C__x.txt'],
    ['c:x.txt', 'c_x.txt'],
    ['a<b>c|d?e*f".txt', 'a_b_c_d_e_f_.txt'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com¹.log', '_com¹.log'],
    ['aux .png', '_aux .png'],
    ['console.log', 'console.log'],
    ['..', 'download'],
    ['', 'download'],
    ['trailing. ', 'trailing'],
    ['manifest.json', 'manifest (2).json'],
  ])('%j becomes %j', (given, expected) => {
    expect(named(given)).toEqual([expected])
  })

  test('are unique, letter case aside, with the number before the extension', () => {
    expect(named('a.png', 'A.PNG', 'a.png', 'a (2).png', '.env', '.env', 'x', 'X', 'é', 'e\u0301')).toEqual([
      'a.png',
      'A (2).PNG',
      'a (3).png',
      'a (2) (2).png',
      '.env',
      '.env (2)',
      'x',
      'X (2)',
      'é',
      'e\u0301 (2)',
    ])
  })

  test('keep within 255 bytes, whole characters and extension', () => {
    const long = `${'🎉'.repeat(100)}.jpeg`
    const names = named(long, long, `con.${'x'.repeat(251)}`)
    expect(new Set(names).size).toBe(3)
    for (const name of names) expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(names[1]).toMatch(/^🎉+ \(2\)\.jpeg$/u)
  })

  test('can be written whatever was typed', async () => {
    const naughty: string[] = JSON.parse(
      readFileSync(new URL('../fixtures/naughty-strings.json', import.meta.url), 'utf8'),
    )
    const media = []
    for (const fileName of naughty) media.push(await library.add('x', { fileName }))
    const { files } = await unpack(media.map(({ mediaId }) => mediaId))
    expect(files).toHaveLength(naughty.length)
    expect(new Set(files.map(({ name }) => name.normalize('NFC').toLowerCase())).size).toBe(naughty.length)
    for (const { name } of files) {
      expect(name).not.toMatch(/[/\\:\p{Cc}]|^\.\.?$/u)
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    }
  })
})
