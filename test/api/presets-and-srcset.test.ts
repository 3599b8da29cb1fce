import sharp from 'sharp'
import { ADMIN, FOREIGN, startApp, type TestApp } from '../support/app.ts'
import { fixture } from '../support/fixtures.ts'
import { codeOf, IMAGE, pictureTools } from '../support/pictures.ts'

let gateway: TestApp
beforeAll(async () => {
  gateway = await startApp({
    IMAGE_PRESETS: 'card=w64-h48-webp account:other+card=w32-webp large=w900-jpeg',
    IMAGE_PRESETS_ONLY: 'other',
  })
})
afterAll(() => gateway.close())

const { uploaded, image, fetched } = pictureTools(() => gateway)

describe('Media.srcset', () => {
  const SRCSET = `query S($id: ID!, $widths: [Int!]!, $transform: ImageTransform) {
    media(id: $id) { srcset(widths: $widths, transform: $transform) { srcset candidates { url width } } } }`
  const srcset = async (id: string, widths: number[], transform?: object) =>
    (await gateway.query(SRCSET, { id, widths, transform })).media.srcset

  test('names each width once, as wide as it is', async () => {
    const id = await uploaded('photo-orientation-6.jpg')
    const { srcset: text, candidates } = await srcset(id, [800, 400, 400, 4000, 3000], { format: 'WEBP' })
    expect(candidates.map(({ width }: { width: number }) => width)).toEqual([400, 800, 1800])
    expect(text).toBe(
      candidates.map((it: { url: string; width: number }) => `${it.url} ${it.width}w`).join(', '),
    )
    for (const { url, width } of candidates)
      expect((await sharp((await fetched(url)).body).metadata()).width).toBe(width)
  })

  test('keeps the shape of width and height', async () => {
    const id = await uploaded('photo-orientation-6.jpg')
    const { candidates } = await srcset(id, [200, 400], { width: 16, height: 9, format: 'JPEG' })
    const { width, height } = await sharp((await fetched(candidates[1].url)).body).metadata()
    expect([width, height]).toEqual([400, 225])
  })

  test('refuses half a shape, and no or too many widths', async () => {
    const id = await uploaded('photo.png')
    for (const variables of [
      { widths: [100], transform: { height: 9 } },
      { widths: [] },
      { widths: Array.from({ length: 21 }, (_, n) => n + 1) },
      { widths: [0] },
    ]) {
      const { errors } = await gateway.send(SRCSET, { id, ...variables })
      expect(errors?.[0]?.extensions.code).toBe('INVALID_TRANSFORM')
    }
  })
})

describe('presets', () => {
  test('are made for everybody who may have a public media, without a signature', async () => {
    const id = await uploaded('photo.png', { public: true })
    const made = await image(id, undefined, { preset: 'card' })
    expect(new URL(made.url).search).toBe('?v=1')
    const { status, headers } = await fetched(made.url)
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable'])
    expect((await fetched(made.url.replace('?v=1', ''))).headers.get('cache-control')).toBe(
      'public, no-cache',
    )

    const other = await image(id, { width: 63 })
    const signed = await fetched(other.url)
    expect([signed.status, signed.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    const unsigned = await fetched(`${new URL(other.url).pathname}`.replace(/^/, gateway.url))
    expect([unsigned.status, codeOf(unsigned)]).toEqual([403, 'PRESET_REQUIRED'])
  })

  test('are all that some accounts have', async () => {
    const foreign = gateway.as(FOREIGN)
    const { media } = await foreign.upload({ bytes: fixture('photo.png').bytes(), fileName: 'photo.png' })
    const { media: shown } = await foreign.query(IMAGE, { id: media.id, preset: 'card' })
    expect(shown.image.width).toBe(32)
    expect((await fetched(shown.image.url)).status).toBe(200)
    const { errors } = await foreign.send(IMAGE, { id: media.id, transform: { width: 33 } })
    expect(errors?.[0]).toMatchObject({
      message: 'Pictures of this account are made by preset: thumbnail, card, large.',
      extensions: { code: 'PRESET_REQUIRED' },
    })
  })

  test('of a media that is not public are for its readers alone', async () => {
    const id = await uploaded('photo.png')
    const url = `${gateway.url}/media/${id}/image/w64-h48-webp`
    expect((await fetched(url)).status).toBe(404)
    expect((await fetched(url, { authorization: FOREIGN })).status).toBe(404)
    expect((await fetched(url, { authorization: ADMIN })).status).toBe(200)
  })
})
