import sharp from 'sharp'
import type { Bench, Row } from '../figure.ts'
import { AUTHORIZATION, type Gateway, startGateway } from '../gateway.ts'
import { read, runLoad } from '../http-client.ts'
import { microsecondsPerRequest, type Side } from '../proc.ts'
import { interleaved } from '../spread.ts'

const WIDTH = 400
const RENDERS = 5
const DOWNLOADS = 2_000
const CONNECTIONS = 8

/** A picture made and kept, beside sharp that only makes it; and what it costs to deliver, beside an original of its size. */
export async function variants(bench: Bench): Promise<Row[]> {
  const photo = await twelveMegapixels()
  return [await rendering(bench, photo), await delivering(bench, photo)]
}

/** 4000 × 3000, as busy as a photo. */
async function twelveMegapixels(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const create = { width: 4000, height: 3000, channels: 3, background: '#808080', noise } as const
  return sharp({ create }).blur(2).jpeg({ quality: 90 }).toBuffer()
}

/** Milliseconds for one picture that nobody has asked for before, each with a quality of its own. */
async function rendering({ rounds, progress }: Bench, photo: Buffer): Promise<Row> {
  await using gateway = await startGateway()
  const id = await upload(gateway, photo)
  const urls = await imageUrls(gateway, id, (rounds + 1) * RENDERS)
  sharp.cache(false)
  const ours = async () => {
    await read({ url: urls.pop() ?? '' })
  }
  const alone = async () => {
    await sharp(photo).autoOrient().resize(WIDTH).webp({ quality: 79 }).toBuffer()
  }
  for (let n = 0; n < RENDERS; n++) {
    await ours()
    await alone()
  }
  const times = await interleaved(rounds, async round => {
    // One after the other, so that a machine that slows down slows both.
    const spent = { ours: 0, baseline: 0 }
    for (let n = 0; n < RENDERS; n++) {
      spent.ours += await milliseconds(ours)
      spent.baseline += await milliseconds(alone)
    }
    const pair = { ours: spent.ours / RENDERS, baseline: spent.baseline / RENDERS }
    progress(`round ${round}: ${pair.ours.toFixed(1)} ms, sharp alone ${pair.baseline.toFixed(1)} ms`)
    return pair
  })
  return {
    figure: `12-megapixel JPEG to WebP of ${WIDTH} px, over HTTP and kept, beside sharp alone`,
    unit: 'ms',
    ...times,
    atMost: 1.25,
  }
}

/** CPU of the gateway for one download. */
async function delivering({ rounds, progress }: Bench, photo: Buffer): Promise<Row> {
  await using gateway = await startGateway({ pinned: true })
  const [url = ''] = await imageUrls(gateway, await upload(gateway, photo), 1)
  const picture = await read({ url })
  const original = `${gateway.server.origin}/media/${await upload(gateway, picture)}/content?v=1`
  const side = (from: string): Side => ({
    pid: gateway.server.pid,
    load: requests =>
      runLoad({
        call: { url: from, headers: { authorization: AUTHORIZATION } },
        requests,
        connections: CONNECTIONS,
        expected: picture,
      }),
  })
  const sides = [side(url), side(original)] as const
  for (const { load } of sides) await load(DOWNLOADS)
  const costs = await interleaved(rounds, async round => {
    const pair = await microsecondsPerRequest(sides, DOWNLOADS)
    progress(`round ${round}: ${pair.ours.toFixed(0)} µs, an original ${pair.baseline.toFixed(0)} µs`)
    return pair
  })
  return {
    figure: 'CPU of a picture that is kept, beside an original of its size',
    unit: 'µs/download',
    ...costs,
    atMost: 1.5,
    note: `${picture.length} bytes`,
  }
}

async function milliseconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function graphql<T>({ server }: Gateway, query: string, variables: object): Promise<T> {
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json' }
  const body = Buffer.from(JSON.stringify({ query, variables }))
  const answer = await read({ url: `${server.origin}/graphql`, method: 'POST', headers, body })
  return (JSON.parse(answer.toString()) as { data: T }).data
}

async function upload({ server }: Gateway, bytes: Buffer): Promise<string> {
  const form = new FormData()
  const query = 'mutation U($file: Upload!) { uploadMedia(input: { file: $file }) { media { id } } }'
  form.set('operations', JSON.stringify({ query, variables: { file: null } }))
  form.set('map', JSON.stringify({ 0: ['variables.file'] }))
  form.set('0', new Blob([new Uint8Array(bytes)]), 'photo.jpg')
  const headers = { authorization: AUTHORIZATION, 'apollo-require-preflight': 'true' }
  const answer = await fetch(`${server.origin}/graphql`, { method: 'POST', headers, body: form })
  const { data } = (await answer.json()) as { data: { uploadMedia: { media: { id: string } } } }
  return data.uploadMedia.media.id
}

/** URLs of so many pictures that look alike and are not the same: widths are alike, what stays in view is not. */
async function imageUrls(gateway: Gateway, id: string, count: number): Promise<string[]> {
  const urls: string[] = []
  for (let n = 0; n < count; n++) {
    const transform = {
      width: WIDTH,
      format: 'WEBP',
      quality: 79,
      background: n.toString(16).padStart(6, '0'),
    }
    const { media } = await graphql<{ media: { image: { url: string } } }>(
      gateway,
      'query I($id: ID!, $transform: ImageTransform) { media(id: $id) { image(transform: $transform) { url } } }',
      { id, transform },
    )
    urls.push(media.image.url)
  }
  return urls
}
