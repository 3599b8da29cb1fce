import sharp from 'sharp'
import { ADMIN, startApp, type TestApp } from '../support/app.ts'
import { fixture, fixtures } from '../support/fixtures.ts'
import { processed, startPipeline } from '../support/processing.ts'
import { replaceContent } from '../support/replace.ts'

const FIELDS = `id status statusReason mimeType width height durationSeconds pageCount geolocation { latitude longitude } revision
  placeholder { thumbhash dominantColor dataUri } technicalMetadata
  facts { title artist takenAt camera { make model } image { storedWidth storedHeight orientation frameCount hasAlpha }
    video { codec storedWidth storedHeight rotation frameRate } audio { codec channels sampleRate } document { encrypted } }
  processing { name state reason detail } thumbnailUrl image(transform: { width: 64, format: PNG }) { url width height }`

let gateway: TestApp
let pipeline: { stop(): Promise<void> }
beforeAll(async () => {
  gateway = await startApp()
  pipeline = await startPipeline(gateway)
})
afterAll(async () => {
  await pipeline.stop()
  await gateway.close()
})

const send = async (name: string, input: Record<string, unknown> = {}) => {
  const { media } = await gateway.upload({ bytes: fixture(name).bytes(), fileName: name }, input, FIELDS)
  return media
}
const read = async (id: string) =>
  (await gateway.query(`query ($id: ID!) { media(id: $id) { ${FIELDS} } }`, { id })).media
const understood = async (name: string, input: Record<string, unknown> = {}) => {
  const { id } = await send(name, input)
  await processed(gateway, [id])
  return read(id)
}

describe('what the manifest says of a good file is what the API says', () => {
  test.each(fixtures.good.map(facts => [facts.file, facts] as const))('%s', async (name, facts) => {
    const media = await understood(name)
    expect(media).toMatchObject({ status: 'COMPLETED', statusReason: null, mimeType: facts.mimeType })
    expect([media.width, media.height]).toEqual([facts.displayWidth ?? null, facts.displayHeight ?? null])
    if (facts.pages !== undefined) expect(media.pageCount).toBe(facts.pages)
    if (facts.duration === undefined) expect(media.durationSeconds).toBeNull()
    else {
      const off = Math.abs(media.durationSeconds - facts.duration)
      expect(off).toBeLessThanOrEqual(Math.max(0.15, facts.duration * 0.02))
    }
    if (facts.gps) {
      expect(Math.abs(media.geolocation.latitude - facts.gps.lat)).toBeLessThanOrEqual(0.0001)
      expect(Math.abs(media.geolocation.longitude - facts.gps.lng)).toBeLessThanOrEqual(0.0001)
    } else expect(media.geolocation).toBeNull()
    const details = media.facts?.image ?? media.facts?.video
    if (facts.width && facts.mimeType !== 'image/svg+xml')
      expect([details.storedWidth, details.storedHeight]).toEqual([facts.width, facts.height])
    if (facts.orientation) expect(media.facts.image.orientation).toBe(facts.orientation)
    if (facts.frames) expect(media.facts.image.frameCount).toBe(facts.frames)
  })
})

describe('malformed and hostile files', () => {
  const bad = [...fixtures.malformed, ...fixtures.hostile]
  test.each(bad.map(facts => [facts.file, facts] as const))(
    '%s is kept, and delivered as it is',
    async name => {
      const { id, status, processing } = await understood(name)
      expect(['COMPLETED', 'FAILED']).toContain(status)
      expect(status === 'FAILED').toBe(processing.some(({ state }: { state: string }) => state === 'FAILED'))
      const content = await fetch(`${gateway.url}/media/${id}/content`, { headers: { authorization: ADMIN } })
      expect(content.status).toBe(200)
      expect(Buffer.from(await content.arrayBuffer()).equals(fixture(name).bytes())).toBe(true)
    },
  )

  test('one that cannot be read is FAILED with its step and reason, found by status, and tried again on request', async () => {
    const { id, statusReason } = await understood('bad-corrupt-header.jpg')
    expect(statusReason).toBe('probe: unreadable')
    const { reprocessMedia } = await gateway.query(
      `mutation ($id: ID!) { reprocessMedia(input: { ids: [$id] }) { results { media { status } } } }`,
      { id },
    )
    expect(reprocessMedia.results).toEqual([{ media: { status: 'PROCESSING' } }])
    await processed(gateway, [id])
    expect((await read(id)).statusReason).toBe('probe: unreadable')
  })
})

test('an image has its size in the answer to its upload, and the rest a moment later, with the same revision', async () => {
  const sent = await send('photo-orientation-6.jpg')
  expect(sent).toMatchObject({
    status: 'PROCESSING',
    width: 1800,
    height: 1200,
    facts: null,
    placeholder: null,
  })
  await processed(gateway, [sent.id])
  const media = await read(sent.id)
  expect(media.revision).toBe(sent.revision)
  expect(media.placeholder.dominantColor).toMatch(/^#[0-9a-f]{6}$/)
  expect(media.placeholder.dataUri).toMatch(/^data:image\/png;base64,/)
})

describe('the place in a photo', () => {
  const ROME = { latitude: 41.853, longitude: 12.488833 }
  const update = (id: string, geolocation: unknown) =>
    gateway.query(
      `mutation ($input: UpdateMediaInput!) { updateMedia(input: $input) { userErrors { code } } }`,
      {
        input: { id, geolocation },
      },
    )
  const again = async (id: string) => {
    await gateway.query(`mutation ($id: ID!) { reprocessMedia(input: { ids: [$id] }) { count } }`, { id })
    await processed(gateway, [id])
    return (await read(id)).geolocation
  }
  const replaced = async (id: string, name: string) => {
    await replaceContent(
      { url: gateway.url, authorization: ADMIN },
      { bytes: fixture(name).bytes(), fileName: name },
      { id },
    )
    await processed(gateway, [id])
    return (await read(id)).geolocation
  }

  test('is the media’s, unless somebody has said another', async () => {
    expect((await understood('photo-iphone-gps.jpg')).geolocation.latitude).toBeCloseTo(ROME.latitude, 3)
    const said = await understood('photo-iphone-gps.jpg', { geolocation: { latitude: 1, longitude: 2 } })
    expect(said.geolocation).toEqual({ latitude: 1, longitude: 2 })
  })

  test('does not come back once it was cleared', async () => {
    const { id } = await understood('photo-iphone-gps.jpg')
    await update(id, null)
    expect(await again(id)).toBeNull()
  })

  test('goes with its content; one that somebody has said stays', async () => {
    const { id } = await understood('photo-iphone-gps.jpg')
    expect(await replaced(id, 'photo.png')).toBeNull()
    expect((await replaced(id, 'photo-gps.jpg')).latitude).toBeCloseTo(51.5758, 3)
    await update(id, { latitude: 1, longitude: 2 })
    expect(await replaced(id, 'photo-iphone-gps.jpg')).toEqual({ latitude: 1, longitude: 2 })
  })
})

test('subscribers hear that it was processed', async () => {
  const { id } = await understood('photo.png')
  const rows = await gateway.app.foundation.database.query<{ type: string }>(
    `SELECT type FROM outbox WHERE media_id = $1 ORDER BY seq`,
    [id],
  )
  expect(rows.map(({ type }) => type)).toEqual(['media.created', 'media.processed'])
})

describe('what people are shown before they open a file', () => {
  const shown = [
    'photo-orientation-6.jpg',
    'photo-grid-turned.heic',
    'vector.svg',
    'document-13-pages.pdf',
    'video.mp4',
    'video-rotated-gps.mov',
    'video.webm',
  ]
  test.each(shown)('%s has a thumbnail and pictures of its shape', async name => {
    const media = await understood(name)
    expect(media.placeholder.dataUri).toMatch(/^data:image\/png;base64,/)
    expect(media.processing.map(({ state }: { state: string }) => state)).toEqual(['DONE', 'DONE'])
    const thumbnail = await fetch(media.thumbnailUrl)
    expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const { displayWidth, displayHeight } = fixture(name)
    const made = await sharp(Buffer.from(await thumbnail.arrayBuffer())).metadata()
    if (displayWidth && displayHeight)
      expect(Math.abs(made.width / made.height / (displayWidth / displayHeight) - 1)).toBeLessThan(0.02)
    const picture = await fetch(media.image.url)
    const { width, height, format } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata()
    expect({ width, height, format }).toEqual({ width: 64, height: media.image.height, format: 'png' })
  })

  test('a photo of a phone is what it was taken as, in sizes of its own', async () => {
    const media = await understood('photo-grid-turned.heic')
    expect(media).toMatchObject({ mimeType: 'image/heic', width: 440, height: 600 })
    expect(media.facts).toMatchObject({
      takenAt: '2024-06-01T10:30:15.000Z',
      camera: { make: 'Example', model: 'Phone 9' },
    })
    const { media: asked } = await gateway.query(
      `query ($id: ID!) { media(id: $id) { image(transform: { width: 400, format: WEBP }) { url width height } } }`,
      { id: media.id },
    )
    expect(asked.image).toMatchObject({ width: 400, height: 545 })
    const picture = await fetch(asked.image.url)
    const made = sharp(Buffer.from(await picture.arrayBuffer()))
    expect(await made.metadata()).toMatchObject({
      format: 'webp',
      width: 400,
      height: 545,
      hasProfile: false,
    })
    const source = sharp(fixture('photo-iphone-gps.jpg').path).rotate(90)
    const [shown, meant] = await Promise.all(
      [made, source].map(image => image.resize(12, 16, { fit: 'fill' }).greyscale().raw().toBuffer()),
    )
    const off = meant?.reduce((sum, value, at) => sum + Math.abs(value - (shown?.[at] ?? 0)), 0)
    // Turned any other way it is 30.
    expect((off ?? Number.NaN) / (12 * 16)).toBeLessThan(10)
  })

  test('audio has none, and nothing is said to have failed', async () => {
    expect(await understood('audio.mp3')).toMatchObject({
      status: 'COMPLETED',
      thumbnailUrl: null,
      image: null,
    })
  })
})
