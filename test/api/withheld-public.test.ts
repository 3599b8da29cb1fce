import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { findFfmpeg } from '../../src/features/insight/ffmpeg.ts'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { process as understand } from '../support/processing.ts'
import { contentOf, publicContentTools } from '../support/public-content.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({ STRIP_ON_PUBLIC: 'account:acme=on' })
})
afterAll(() => gateway.close())

const photo = fixture('photo-gps.jpg').bytes()
const { upload, ask, risksOf } = publicContentTools(() => gateway)

describe('a public media of an account whose public content is stripped', () => {
  test('is withheld from everybody but its readers where nothing can be taken out and it may tell something', async () => {
    const film = fixture('video.webm').bytes()
    const id = await upload({ public: true }, film, 'film.webm')
    const know = (facts: unknown) =>
      gateway.app.foundation.database.query('UPDATE media SET facts = $2 WHERE id = $1', [id, facts])
    const outcome = async (headers: Record<string, string> = {}) => {
      const { status, code, told } = await ask(contentOf(id), headers)
      return code ? [status, code, told('cache-control')] : [status]
    }
    const withheld = [403, 'CONTENT_WITHHELD', 'no-store']
    expect(await outcome()).toEqual(withheld)
    expect(await outcome({ authorization: ADMIN })).toEqual([200])
    await know({ width: 640, height: 360 })
    expect(await outcome()).toEqual(withheld)
    await know({ width: 640, height: 360, searched: true })
    expect(await outcome()).toEqual([200])
    const told = [
      { geolocation: { latitude: 1, longitude: 2 } },
      { camera: { model: 'Secretcam' } },
      { alsoTells: { place: true } },
      { alsoTells: { device: true } },
      { alsoTells: { owner: true } },
    ]
    for (const facts of told) {
      await know({ ...facts, searched: true })
      expect(await outcome()).toEqual(withheld)
    }
  })

  test.each([
    ...['audio.ogg', 'audio-opus.opus', 'audio.flac', 'audio.wav', 'audio.mp3'],
    ...['vector.svg', 'vector-viewbox-only.svg'],
  ])('is served when %s was looked through and nothing was found', async file => {
    const bytes = fixture(file).bytes()
    const id = await upload({ public: true }, bytes, file)
    expect((await ask(contentOf(id))).code).toBe('CONTENT_WITHHELD')
    await understand(gateway, id)
    expect((await ask(contentOf(id))).body.equals(bytes)).toBe(true)
  })

  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
    xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    exif:GPSLatitude="48,8.244N" exif:GPSLongitude="11,34.53E" tiff:Make="Secretmaker"/></rdf:RDF></x:xmpmeta>`
  const svg = (inside: string) =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${inside}</svg>`)

  test.each([
    ['an XMP packet', svg(`<metadata>${xmp}</metadata>`), ['GEOLOCATION', 'DEVICE']],
    ['metadata of any kind', svg('<s:metadata xmlns:s="http://www.w3.org/2000/svg">here</s:metadata>'), []],
    ['a photo', svg(`<image href="data:image/jpeg;base64,${photo.toString('base64')}"/>`), []],
    ['a poster that has Exif', fixture('video.webm').bytes(), []],
  ])('is withheld where it holds %s', async (_, bytes, risks) => {
    const id = await upload({ public: true }, bytes, 'drawing.svg')
    const foreign = await gateway.as(FOREIGN).upload({ bytes, fileName: 'drawing.svg' }, {}, 'id')
    await understand(gateway, id)
    await understand(gateway, foreign.media.id)
    expect((await ask(contentOf(id))).code).toBe('CONTENT_WITHHELD')
    expect(await risksOf(gateway, id)).toEqual([])
    expect(await risksOf(gateway.as(FOREIGN), foreign.media.id)).toEqual(risks)
  })

  const place = 'LOCATION=+48.1374+011.5755/'
  const made = [
    // As whoever takes a phone's film over into another container writes its tags.
    ['film.mkv', 'video-rotated-gps.mov', ['-c', 'copy', '-dn'], ['GEOLOCATION', 'DEVICE']],
    ['film.webm', 'video.webm', ['-c', 'copy', '-map', '0:v:0', '-metadata', place], ['GEOLOCATION']],
    ['track.webm', 'video.webm', ['-c', 'copy', '-map', '0:v:0', '-metadata:s:v', place], []],
    [
      'film.wmv',
      'video.webm',
      ['-t', '1', '-metadata', place, '-metadata', 'WM/Make=Secretmaker'],
      ['GEOLOCATION', 'DEVICE'],
    ],
    ['film.mxf', 'video.webm', ['-t', '1', '-an', '-r', '25', '-metadata', place], []],
    ['film.avi', 'video.webm', ['-t', '1'], []],
    ['sound.flac', 'audio.flac', ['-metadata', place], ['GEOLOCATION']],
    ['sound.ogg', 'audio.ogg', ['-c', 'copy', '-metadata:s:a', place], ['GEOLOCATION']],
    ['sound.mp3', 'audio.mp3', ['-c', 'copy', '-metadata', place], ['GEOLOCATION']],
    ['sound.wav', 'audio.wav', ['-write_bext', '1', '-metadata', 'originator=Secretcorder'], []],
  ] as const
  test('is withheld where a film or a sound says where or with what it was made, or may', async () => {
    const ffmpeg = await findFfmpeg(null)
    if (!ffmpeg && process.env.CI) throw new Error('CI needs ffmpeg: .ci/run installs it.')
    if (!ffmpeg) return void process.stderr.write('Left out for want of ffmpeg: films that tell a place.\n')
    const folder = await mkdtemp(join(tmpdir(), 'told-'))
    const make = async (file: string, from: string, options: readonly string[]) => {
      const path = join(folder, file)
      const maker = spawn(ffmpeg, ['-loglevel', 'error', '-i', fixture(from).path, ...options, path], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      await once(maker, 'close')
      return readFile(path)
    }
    const silent = await make('silent.webm', 'video.webm', ['-c', 'copy', '-map', '0:v:0'])
    const open = await upload({ public: true }, silent, 'silent.webm')
    await understand(gateway, open)
    expect((await ask(contentOf(open))).body.equals(silent)).toBe(true)
    for (const [file, from, options, risks] of made) {
      const bytes = await make(file, from, options)
      const id = await upload({ public: true }, bytes, file)
      const foreign = await gateway.as(FOREIGN).upload({ bytes, fileName: file }, {}, 'id')
      await understand(gateway, id)
      await understand(gateway, foreign.media.id)
      expect([file, (await ask(contentOf(id))).code]).toEqual([file, 'CONTENT_WITHHELD'])
      expect([file, (await risksOf(gateway, id)).filter((risk: string) => risk !== 'PERSON')]).toEqual([
        file,
        [],
      ])
      expect([file, await risksOf(gateway.as(FOREIGN), foreign.media.id)]).toEqual([
        file,
        expect.arrayContaining([...risks]),
      ])
      if (!file.endsWith('.mkv')) continue
      // Damaged, it is not understood, and still tells everything.
      const segment = bytes.indexOf('18538067', 0, 'hex')
      const damaged = Buffer.concat([
        bytes.subarray(0, segment),
        Buffer.of(0x19),
        bytes.subarray(segment + 1),
      ])
      const broken = await upload({ public: true }, damaged, file)
      await understand(gateway, broken)
      expect((await ask(contentOf(broken))).code).toBe('CONTENT_WITHHELD')
    }
    await rm(folder, { recursive: true })
  })
})

test('a photo whose owner, serial numbers and city are written into it says so, and none of them goes out', async () => {
  const exif = {
    IFD2: {
      CameraOwnerName: 'Jane Secret',
      BodySerialNumber: 'SN4711',
      LensSerialNumber: 'LN4712',
      LensMake: 'Secretglass',
    },
  }
  const city = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:City="Secretville"/></rdf:RDF></x:xmpmeta>`
  const plain = sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
  const secrets = ['Jane Secret', 'SN4711', 'LN4712', 'Secretglass', 'Secretville']
  for (const [bytes, risks] of [
    [await plain.clone().withExif(exif).jpeg().toBuffer(), ['DEVICE', 'PERSON']],
    [await plain.clone().withXmp(city).jpeg().toBuffer(), ['GEOLOCATION']],
    [await plain.clone().withExif(exif).withXmp(city).webp().toBuffer(), ['GEOLOCATION', 'DEVICE', 'PERSON']],
  ] as const) {
    expect(secrets.some(secret => bytes.includes(secret))).toBe(true)
    const { media } = await gateway.as(FOREIGN).upload({ bytes, fileName: 'p.jpg' }, {}, 'id')
    await understand(gateway, media.id)
    expect(await risksOf(gateway.as(FOREIGN), media.id)).toEqual(risks)
    const id = await upload({ public: true }, bytes)
    await understand(gateway, id)
    expect(await risksOf(gateway, id)).toEqual([])
    const { status, body } = await ask(contentOf(id))
    expect([status, body.length, secrets.filter(secret => body.includes(secret))]).toEqual([
      200,
      bytes.length,
      [],
    ])
  }
})
