import { Readable, Writable } from 'node:stream'
import sharp from 'sharp'
import { recipeOf, type TransformInput } from '../../src/features/transform/recipe/recipe.ts'
import { Renderer, type RenderLimits, renderDefaults } from '../../src/features/transform/render/renderer.ts'
import type { ByteRange } from '../../src/platform/storage/driver.ts'
import { fixture } from './fixtures.ts'

export const LIMITS: RenderLimits = { ...renderDefaults, processes: 2, queue: 1_000 }

/** A renderer that is closed with the test file that calls this. */
export function openRenderer(): Renderer {
  const renderer = new Renderer({ limits: LIMITS })
  afterAll(() => renderer.close())
  return renderer
}

export interface Picture {
  readonly bytes: Buffer
  readonly mimeType: string
  /** Told of each time that its bytes are opened. */
  readonly onOpen?: () => void
}

/** What a renderer is asked for a picture that somebody waits for. */
export const renderRequest = (
  { bytes, mimeType, onOpen }: Picture,
  input: TransformInput,
  sink: Writable,
) => ({
  recipe: recipeOf(input),
  mimeType,
  size: bytes.length,
  open: async ({ start, end }: ByteRange) => {
    onOpen?.()
    return Readable.from([bytes.subarray(start, end + 1)])
  },
  sink,
  isWanted: () => true,
})

/** What a renderer makes of a picture, and what sharp says that it is. */
export async function rendered(of: Picture, input: TransformInput, by: Renderer) {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  const size = await by.render(renderRequest(of, input, sink))
  const data = Buffer.concat(chunks)
  return { data, size, metadata: await sharp(data).metadata() }
}

export const picture = (file: string): Picture => ({
  bytes: fixture(file).bytes(),
  mimeType: fixture(file).mimeType ?? '',
})
/** A drawing of this markup, whose root takes `SVG` as its attributes. */
export const drawing = (markup: string): Picture => ({
  bytes: Buffer.from(markup),
  mimeType: 'image/svg+xml',
})
export const SVG =
  'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20"'

/** The colour of one pixel, as [red, green, blue]. */
export async function pixel(data: Buffer, x: number, y: number): Promise<number[]> {
  const { data: raw, info } = await sharp(data).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (y * info.width + x) * info.channels
  return [...raw.subarray(at, at + 3)]
}
