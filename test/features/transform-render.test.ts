import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import readExif from 'exif-reader'
import sharp from 'sharp'
import { inFormat, recipeOf, type TransformInput } from '../../src/features/transform/recipe/recipe.ts'
import { Renderer } from '../../src/features/transform/render/renderer.ts'
import { fixture } from '../support/fixtures.ts'
import {
  drawing,
  LIMITS,
  openRenderer,
  type Picture,
  picture,
  pixel,
  rendered,
  renderRequest,
  SVG,
} from '../support/rendered.ts'

const MIB = 1024 * 1024
const renderer = openRenderer()
const render = (of: Picture, input: TransformInput, by = renderer) => rendered(of, input, by)

/** Red on the left, blue on the right, 40 × 20. */
const twoColours = async (): Promise<Picture> => ({
  bytes: await sharp({ create: { width: 40, height: 20, channels: 3, background: '#0000ff' } })
    .composite([
      { input: { create: { width: 20, height: 20, channels: 3, background: '#ff0000' } }, left: 0, top: 0 },
    ])
    .png()
    .toBuffer(),
  mimeType: 'image/png',
})
const RED = [255, 0, 0]
const BLUE = [0, 0, 255]

describe('a transform', () => {
  test('shows a picture upright', async () => {
    const { metadata } = await render(picture('photo-orientation-6.jpg'), { width: 180, format: 'JPEG' })
    expect(metadata).toMatchObject({ width: 180, height: 120 })
    expect(metadata.orientation ?? 1).toBe(1)
  })

  test.each<[string, TransformInput, number[], number[]]>([
    ['crop takes a part', { crop: { x: 0.5, y: 0, width: 0.5, height: 1 } }, BLUE, BLUE],
    ['flop turns left to right', { flop: true }, BLUE, RED],
    ['rotate turns clockwise', { rotate: 180 }, BLUE, RED],
    ['gravity keeps a side', { width: 10, height: 20, gravity: 'EAST' }, BLUE, BLUE],
    ['a focal point stays in view', { width: 10, height: 20, focalPoint: { x: 0.1, y: 0.5 } }, RED, RED],
    ['turned, then fitted', { width: 20, height: 40, rotate: 90 }, RED, RED],
  ])('%s', async (_, input, left, right) => {
    const { data, metadata } = await render(await twoColours(), { ...input, format: 'PNG' })
    expect(await pixel(data, 1, 1)).toEqual(left)
    expect(await pixel(data, metadata.width - 2, 1)).toEqual(right)
  })

  test('rotate by 90 degrees puts the left side on top', async () => {
    const { data } = await render(await twoColours(), { rotate: 90, format: 'PNG' })
    expect(await pixel(data, 10, 1)).toEqual(RED)
    expect(await pixel(data, 10, 38)).toEqual(BLUE)
  })

  test('CONTAIN puts the picture where gravity says, on the background', async () => {
    const box = { width: 40, height: 40, fit: 'CONTAIN', format: 'PNG' }
    const above = await render(await twoColours(), { ...box, gravity: 'NORTH', background: '#0f0' })
    expect(await pixel(above.data, 1, 1)).toEqual(RED)
    expect(await pixel(above.data, 1, 39)).toEqual([0, 255, 0])
    const { metadata } = await render(await twoColours(), box)
    expect(metadata.hasAlpha).toBe(true)
  })

  test('a JPEG of what is transparent stands on white, or on the background', async () => {
    const clear = drawing(`<svg ${SVG}/>`)
    const white = await render(clear, { format: 'JPEG' })
    expect(await pixel(white.data, 5, 5)).toEqual([255, 255, 255])
    const green = await render(clear, { format: 'JPEG', background: '00ff00' })
    const [red = 255, shade = 0] = await pixel(green.data, 5, 5)
    expect(red < 20 && shade > 240).toBe(true)
  })

  test.each(['WEBP', 'GIF'])(
    'an animated GIF stays animated in %s, turned and blurred, too',
    async format => {
      for (const more of [{}, { rotate: 90, blur: 2, crop: { x: 0.2, y: 0.2, width: 0.6, height: 0.6 } }]) {
        const { metadata, size } = await render(picture('animated.gif'), { width: 60, format, ...more })
        expect(metadata).toMatchObject({ pages: fixture('animated.gif').frames, loop: 0, width: 60 })
        expect(size.height).toBe(metadata.pageHeight ?? metadata.height)
        expect(new Set(metadata.delay)).toEqual(
          new Set((await sharp(fixture('animated.gif').bytes()).metadata()).delay),
        )
      }
    },
  )

  test('an animation is a still picture in other formats', async () => {
    for (const format of ['JPEG', 'PNG', 'AVIF'])
      expect((await render(picture('animated.webp'), { width: 60, format })).metadata.pages ?? 1).toBe(1)
  })

  test('a CMYK picture and one with a wide colour profile become sRGB, without a profile', async () => {
    const base = sharp({ create: { width: 8, height: 8, channels: 3, background: '#40c080' } })
    for (const profile of ['cmyk', 'p3']) {
      const bytes = await base.clone().withIccProfile(profile).jpeg({ quality: 100 }).toBuffer()
      const { data, metadata } = await render({ bytes, mimeType: 'image/jpeg' }, { format: 'PNG' })
      expect(metadata).toMatchObject({ space: 'srgb', hasProfile: false })
      const [red = 0, green = 0] = await pixel(data, 4, 4)
      expect(Math.abs(red - 0x40) < 24 && Math.abs(green - 0xc0) < 24).toBe(true)
    }
  })

  test('turns the frames of an animation as it turns a still picture', async () => {
    const create = { width: 60, height: 30, channels: 3, background: '#0000ff' } as const
    const red = { create: { width: 20, height: 10, channels: 3, background: '#ff0000' } } as const
    const still = await sharp({ create })
      .composite([{ input: red, left: 0, top: 0 }])
      .png()
      .toBuffer()
    const input = [still, await sharp({ create }).png().toBuffer()]
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await sharp(input, { join: { animated: true } })
        .withMetadata({ orientation })
        .webp({ lossless: true, loop: 0, delay: [100, 100] })
        .toBuffer()
      const of = { bytes, mimeType: 'image/webp' }
      expect(await sharp(bytes).metadata()).toMatchObject({ pages: 2, orientation })
      for (const asked of [
        { width: 40 },
        { rotate: 90 },
        { crop: { x: 0.2, y: 0.2, width: 0.6, height: 0.6 } },
      ]) {
        const moving = await render(of, { ...asked, format: 'WEBP' })
        const flat = await render(of, { ...asked, format: 'PNG' })
        expect([orientation, asked, moving.size, moving.metadata.pages]).toEqual([
          orientation,
          asked,
          flat.size,
          2,
        ])
        const { width, height } = flat.size
        for (const [x, y] of [
          [2, 2],
          [width - 3, 2],
          [2, height - 3],
          [width - 3, height - 3],
        ] as const) {
          const [was, is] = [await pixel(flat.data, x, y), await pixel(moving.data, x, y)]
          expect(is.slice(0, 3).map(value => value > 127)).toEqual(was.slice(0, 3).map(value => value > 127))
        }
      }
    }
  })

  test('keeps whose picture it is in letters that EXIF does not know, and where XMP alone says so', async () => {
    const plain = await sharp(fixture('photo.png').bytes()).jpeg().toBuffer()
    const imageOf = async (bytes: Buffer, mimeType = 'image/jpeg') => {
      const { exif } = (await render({ bytes, mimeType }, { width: 20, format: 'WEBP' })).metadata
      return readExif(exif as Buffer).Image
    }
    // The writer knows ASCII alone, as others do not.
    const saying = async (text: Buffer) => {
      const stands = Buffer.from('x'.repeat(text.length))
      const bytes = await sharp(plain)
        .withExif({ IFD0: { Copyright: String(stands) } })
        .jpeg()
        .toBuffer()
      const at = bytes.indexOf(stands)
      return Buffer.concat([bytes.subarray(0, at), text, bytes.subarray(at + text.length)])
    }
    const written = '© Zoë Müller 2024'
    for (const encoding of ['utf8', 'latin1'] as const)
      expect((await imageOf(await saying(Buffer.from(written, encoding))))?.Copyright).toMatch(
        /^\(C\) Zoe Muller 2024$/i,
      )
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights><rdf:Alt><rdf:li xml:lang="x-default">© Jo Doe</rdf:li></rdf:Alt></dc:rights><dc:creator><rdf:Seq><rdf:li>Jo</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>`
    expect(await imageOf(await sharp(plain).withXmp(xmp).jpeg().toBuffer())).toMatchObject({
      Copyright: expect.stringMatching(/^\(C\) Jo Doe$/i),
      Artist: 'Jo',
    })
  })

  test('keeps nothing of the metadata but whose picture it is', async () => {
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>`
    const bytes = await sharp(fixture('photo-gps.jpg').bytes())
      .keepExif()
      .withExifMerge({ IFD0: { Copyright: 'Jo Doe 2024', Artist: 'Jo Doe' } })
      .withXmp(xmp)
      .jpeg()
      .toBuffer()
    const before = await sharp(bytes).metadata()
    expect(readExif(before.exif as Buffer).GPSInfo).toBeDefined()
    for (const format of ['JPEG', 'PNG', 'WEBP', 'AVIF', 'GIF']) {
      const { data, metadata } = await render({ bytes, mimeType: 'image/jpeg' }, { width: 50, format })
      expect(metadata.xmp).toBeUndefined()
      expect(metadata.iptc).toBeUndefined()
      if (format === 'GIF') continue // it has no place for it
      const exif = readExif(metadata.exif as Buffer)
      expect(exif.GPSInfo).toBeUndefined()
      expect(exif.Image).toMatchObject({ Copyright: 'Jo Doe 2024', Artist: 'Jo Doe' })
      expect(exif.Image?.Make).toBeUndefined()
      expect(data.includes('xmpmeta')).toBe(false)
    }
    expect((await render(picture('photo-gps.jpg'), { format: 'JPEG' })).metadata.exif).toBeUndefined()
  })
})

describe('what cannot be transformed', () => {
  test.each(['bomb-280-megapixel.jpg', 'bomb-1600-megapixel.png', 'bomb.gif', 'bad-corrupt-header.jpg'])(
    '%s is refused by its reason, and the next one is made',
    async file => {
      await expect(render(picture(file), { width: 10, format: 'WEBP' })).rejects.toMatchObject({
        status: 422,
        code: 'NOT_TRANSFORMABLE',
        publicMessage: expect.stringContaining('This image cannot be transformed: '),
      })
      await render(picture('photo.png'), { width: 10, format: 'WEBP' })
    },
  )

  test('an animation of too many pixels', async () => {
    const input = { width: 4000, enlarge: true, format: 'WEBP' }
    await expect(render(picture('animated.gif'), input)).rejects.toMatchObject({
      publicMessage: expect.stringContaining('so many frames'),
    })
  })

  test('is what another type pretends to be', async () => {
    const svg = { ...drawing(`<svg ${SVG}/>`), mimeType: 'image/png' }
    await expect(render(svg, { format: 'PNG' })).rejects.toMatchObject({ status: 422 })
    const pdf = { bytes: Buffer.from('%PDF-1.4\n'), mimeType: 'image/jpeg' }
    await expect(render(pdf, { format: 'PNG' })).rejects.toMatchObject({ status: 422 })
  })

  test('takes too long, or too much memory', async () => {
    const slow = new Renderer({ limits: { ...LIMITS, deadlineMs: 300 } })
    const small = new Renderer({ limits: { ...LIMITS, memoryBytes: 60 * 1024 * 1024 } })
    try {
      const large = { width: 4000, enlarge: true, blur: 20, format: 'AVIF' }
      await expect(render(picture('photo.webp'), large, slow)).rejects.toMatchObject({
        status: 422,
        publicMessage: expect.stringContaining('too long'),
      })
      let opened = 0
      const counted = { ...picture('photo.webp'), onOpen: () => void opened++ }
      await expect(render(counted, { format: 'PNG' }, small)).rejects.toMatchObject({
        status: 422,
        publicMessage: expect.stringContaining('memory'),
      })
      // The first process might have held what earlier pictures took.
      expect(opened).toBe(2)
    } finally {
      await Promise.all([slow.close(), small.close()])
    }
  }, 120_000)
})

describe('many at once', () => {
  test('beyond the queue are told to come back', async () => {
    const one = new Renderer({ limits: { ...LIMITS, processes: 1, queue: 2 } })
    const asked = Array.from({ length: 5 }, () => render(picture('photo.png'), { format: 'PNG' }, one))
    const outcomes = (await Promise.allSettled(asked)).map(it => (it as PromiseRejectedResult).reason?.code)
    expect(outcomes).toEqual([undefined, undefined, undefined, 'RENDERERS_BUSY', 'RENDERERS_BUSY'])
    await one.close()
  })

  /** Somewhat more than the longest frame that a process sends: its last word comes with the last bytes. */
  async function noisy(): Promise<Buffer> {
    const noise = { type: 'gaussian', mean: 128, sigma: 90 } as const
    const create = { width: 600, height: 625, channels: 3, background: '#808080', noise } as const
    const bytes = await sharp({ create }).png().toBuffer()
    expect(bytes.length - MIB).toBeGreaterThan(0)
    expect(bytes.length - MIB).toBeLessThan(60_000)
    return bytes
  }

  test('come whole to a reader that is slow, whatever their size', async () => {
    const bytes = await noisy()
    const sink = new PassThrough()
    const rendered = renderer
      .render(renderRequest({ bytes, mimeType: 'image/png' }, { format: 'PNG' }, sink))
      .finally(() => sink.end())
    const chunks: Buffer[] = []
    await once(sink, 'readable')
    for await (const chunk of sink) {
      chunks.push(chunk)
      await new Promise(resolve => setImmediate(resolve))
    }
    await rendered
    expect((await sharp(Buffer.concat(chunks)).stats()).isOpaque).toBe(true)
  })

  test.each([
    { how: 'is destroyed', after: [0, 524_288, MIB - 1, MIB] },
    { how: 'fails', after: [0, 524_288, MIB - 1, MIB] },
    { how: 'is broken off', after: [0, 524_288, MIB - 1, MIB] },
    { how: 'takes nothing more', after: [0, MIB] },
  ])('to a sink that $how leave their place to the next one', async ({ how, after }) => {
    const bytes = await noisy()
    const isFull = how === 'takes nothing more'
    const deadlineMs = isFull ? 3_000 : LIMITS.deadlineMs
    const one = new Renderer({ limits: { ...LIMITS, processes: 1, deadlineMs } })
    for (const most of after) {
      const stop = new AbortController()
      let got = 0
      // Nobody hears what became of the chunk at which it happens.
      const sink = new Writable({
        highWaterMark: 1,
        write(chunk, _encoding, done) {
          got += chunk.length
          if (got <= most) done()
          else if (!isFull) setTimeout(end, 60)
        },
      }).on('error', () => undefined)
      const end = () => {
        if (how === 'is broken off') stop.abort()
        else sink.destroy(how === 'fails' ? new Error('no space left') : undefined)
      }
      const broken = one.render({
        ...renderRequest({ bytes, mimeType: 'image/png' }, { format: 'PNG' }, sink),
        signal: stop.signal,
      })
      await expect(broken).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
      expect(got).toBeGreaterThan(most)
      expect((await render(picture('photo.png'), { width: 10, format: 'PNG' }, one)).size.width).toBe(10)
    }
    await one.close()
  })

  test('end with the renderer, though a sink takes nothing', async () => {
    const bytes = await noisy()
    const one = new Renderer({ limits: { ...LIMITS, processes: 1 } })
    const isFull = Promise.withResolvers<void>()
    let got = 0
    const broken = one.render({
      recipe: recipeOf({ format: 'PNG' }),
      mimeType: 'image/png',
      size: bytes.length,
      open: async ({ start, end }) => Readable.from([bytes.subarray(start, end + 1)]),
      sink: new Writable({
        highWaterMark: 1,
        write(chunk, _encoding, done) {
          got += chunk.length
          if (got > MIB) isFull.resolve()
          else done()
        },
      }),
      isWanted: () => true,
    })
    await isFull.promise
    await Promise.all([expect(broken).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' }), one.close()])
  })

  test('that nobody waits for any more are left out', async () => {
    const { bytes, mimeType } = picture('photo.png')
    const unwanted = renderer.render({
      recipe: inFormat(recipeOf({}), 'PNG'),
      mimeType,
      size: bytes.length,
      open: () => Promise.reject(new Error('it was opened')),
      sink: new Writable(),
      isWanted: () => false,
    })
    await expect(unwanted).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  })

  test('a process that was killed is replaced, and what it was at is made by another', async () => {
    const one = new Renderer({ limits: { ...LIMITS, processes: 1 } })
    let killed = 0
    const { bytes, mimeType } = picture('photo.png')
    const chunks: Buffer[] = []
    await one.render({
      recipe: recipeOf({ format: 'PNG' }),
      mimeType,
      size: bytes.length,
      open: async ({ start, end }) =>
        Readable.from(
          (function* () {
            if (killed++ === 0) process.kill(one.pids[0] as number, 'SIGKILL')
            yield bytes.subarray(start, end + 1)
          })(),
        ),
      sink: new Writable({ write: (chunk, _, done) => done(void chunks.push(chunk) as never) }),
      isWanted: () => true,
    })
    expect((await sharp(Buffer.concat(chunks)).metadata()).width).toBe(128)
    await one.close()
    expect(one.pids).toEqual([])
  })
})
