/** How a recipe is carried out with sharp. Run by Node itself in the rendering process: erasable TypeScript only. */
import sharp, { type Metadata, type Sharp } from 'sharp'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import { decoderFailure, decodingOf } from '../../insight/isolated/decoder.ts'
import { rightsOf } from '../../insight/isolated/rights.ts'
import { svgSize } from '../../insight/isolated/svg-size.ts'
import { isSmart, type Plan, planOf, type Source } from '../recipe/geometry.ts'
import { DEFAULT_QUALITY, MOST_MADE } from '../recipe/limits.ts'
import type { Recipe } from '../recipe/recipe.ts'
import type { RenderArgs, Rendered, RenderReason } from './render-task.ts'

const ANIMATED_TYPES = new Set(['image/gif', 'image/webp'])
const ANIMATED_FORMATS = new Set<string>(['GIF', 'WEBP'])

interface Original {
  readonly bytes: Buffer
  readonly metadata: Metadata
  readonly source: Source
  /** 1 for what is made as a still picture. */
  readonly frames: number
  readonly options: ReturnType<typeof decodingOf>
}

/** The bytes of a picture made by a recipe. Throws HandlerFailure with a RenderReason. */
export async function draw(bytes: Buffer, args: RenderArgs): Promise<{ data: Buffer; size: Rendered }> {
  try {
    const original = await open(bytes, args)
    const recipe = withSight(args.recipe, original)
    const plan = planOf(recipe, original.source)
    checkWork(plan, original)
    const placed = await place(recipe, plan, original)
    const image = await finish(recipe, placed, original.frames)
    const { data, info } = await encoded(image, recipe, original).toBuffer({ resolveWithObject: true })
    return { data, size: { width: info.width, height: info.pageHeight ?? info.height } }
  } catch (error) {
    throw error instanceof HandlerFailure ? error : decoderFailure(error)
  }
}

const failure = (reason: RenderReason, detail = ''): HandlerFailure => new HandlerFailure(reason, detail)

async function open(bytes: Buffer, { recipe, mimeType, maxPixels }: RenderArgs): Promise<Original> {
  // What is damaged is drawn as far as it goes, as its header was read.
  const options = decodingOf({ maxPixels, strict: false })
  const metadata = await sharp(bytes, options).metadata()
  const isDrawing = metadata.format === 'svg'
  if (isDrawing !== (mimeType === 'image/svg+xml')) throw failure('unreadable', `it is ${metadata.format}`)
  const isAnimated = ANIMATED_TYPES.has(mimeType) && ANIMATED_FORMATS.has(recipe.format)
  const frames = isAnimated ? (metadata.pages ?? 1) : 1
  const shown = (isDrawing && svgSize(bytes)) || metadata.autoOrient
  if (frames * metadata.width * metadata.height > maxPixels) throw failure('pixel-limit')
  const source = { width: shown.width, height: shown.height, isDrawing }
  return { bytes, metadata, source, frames, options }
}

function checkWork({ output }: Plan, { frames }: Original): void {
  if (frames * output.width * output.height > MOST_MADE) throw failure('too-many-made')
}

/** What stays in view is seen in one picture as it is; frames and parts of drawings have a middle. */
function withSight(recipe: Recipe, { frames, source }: Original): Recipe {
  const isSeen = frames === 1 && !(source.isDrawing && recipe.crop)
  return isSmart(recipe) && !isSeen ? { ...recipe, gravity: undefined } : recipe
}

const backgroundOf = ({ background, format }: Recipe): string | undefined =>
  background === undefined && format !== 'JPEG' ? undefined : `#${background ?? 'ffffff'}`

/** The picture cut, scaled and framed; all frames alike. */
async function place(recipe: Recipe, plan: Plan, original: Original): Promise<Sharp> {
  const { drawn, region, scaled, window, canvas } = plan
  const whole = await upright(original)
  const image = drawn ? await settled(whole.resize({ ...drawn, fit: 'fill' })) : whole
  const background = backgroundOf(recipe)
  if (background) image.flatten({ background })
  if (region) image.extract({ ...region })
  if (isSmart(recipe)) image.resize({ ...scaled, fit: 'cover', position: SIGHT[recipe.gravity as 'ENTROPY'] })
  else image.resize({ ...scaled, fit: 'fill' })
  if (recipe.grayscale) image.grayscale()
  if (window) image.extract({ ...window })
  if (!canvas) return image
  // sharp adds margins ahead of what it cuts, whatever it is told first.
  const framed = window ? await settled(image) : image
  return framed.extend({ ...canvas, background: background ?? CLEAR })
}

/** As its orientation says: as sizes are announced, and stills of an animation are shown; sharp turns no frames. */
async function upright({ bytes, metadata, frames, options }: Original): Promise<Sharp> {
  if (frames === 1) return sharp(bytes, options).autoOrient()
  const image = sharp(bytes, { ...options, animated: true })
  const turn = TURNS[metadata.orientation ?? 1]
  if (!turn) return image
  const turned = await eachFrame(image, frames, turn)
  // Frames that are scaled are those of a file.
  return sharp(await turned.tiff({ compression: 'none' }).toBuffer(), { ...options, animated: true })
}

/** What brings each orientation but the first upright (CIPA DC-008, 4.6.5, tag 274). sharp mirrors before it turns. */
const TURNS: Readonly<Record<number, (frame: Sharp) => Sharp>> = {
  2: frame => frame.flop(),
  3: frame => frame.rotate(180),
  4: frame => frame.flip(),
  5: frame => frame.flip().rotate(90),
  6: frame => frame.rotate(90),
  7: frame => frame.flop().rotate(90),
  8: frame => frame.rotate(270),
}

/** The picture as it is by now. */
async function settled(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width, height, channels, pageHeight } = info
  return sharp(data, { raw: { width, height, channels, ...(pageHeight ? { pageHeight } : {}) } })
}

const SIGHT = { ENTROPY: 'entropy', ATTENTION: 'attention' } as const
const CLEAR = { r: 0, g: 0, b: 0, alpha: 0 }

/** What comes behind: sharp does it in an order of its own. */
async function finish(recipe: Recipe, image: Sharp, frames: number): Promise<Sharp> {
  const { flip, flop, rotate, blur, sharpen } = recipe
  if (!flip && !flop && !rotate && !blur && !sharpen) return image
  return eachFrame(image, frames, frame => {
    if (flip) frame.flip()
    if (flop) frame.flop()
    if (rotate) frame.rotate(rotate)
    if (blur) frame.blur(blur)
    if (sharpen) frame.sharpen({ sigma: sharpen })
    return frame
  })
}

/** What sharp does not do to frames, done to each as to a picture by itself. */
async function eachFrame(image: Sharp, frames: number, work: (frame: Sharp) => Sharp): Promise<Sharp> {
  const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true })
  const { width, channels } = info
  const height = info.pageHeight ?? info.height
  const done: Buffer[] = []
  let made = { width, height, channels }
  for (let n = 0; n < frames; n++) {
    const bytes = data.subarray(n * width * height * channels, (n + 1) * width * height * channels)
    const finished = await work(sharp(bytes, { raw: { width, height, channels } }))
      .raw()
      .toBuffer({ resolveWithObject: true })
    made = finished.info
    done.push(finished.data)
  }
  const whole = { width: made.width, height: made.height * frames, channels: made.channels }
  const pages = frames > 1 ? { pageHeight: made.height } : {}
  return sharp(Buffer.concat(done), { raw: { ...whole, ...pages } })
}

function encoded(image: Sharp, recipe: Recipe, { metadata, frames }: Original): Sharp {
  const { format } = recipe
  const quality = recipe.quality ?? DEFAULT_QUALITY[format as keyof typeof DEFAULT_QUALITY]
  const animation = frames > 1 ? { loop: metadata.loop, delay: metadata.delay } : {}
  const rights = rightsOf(metadata)
  if (rights) image.withExif({ IFD0: rights })
  switch (format) {
    case 'JPEG':
      return image.jpeg({ quality })
    case 'PNG':
      return image.png()
    case 'GIF':
      return image.gif(animation)
    case 'AVIF':
      return image.avif({ quality, effort: AVIF_EFFORT })
    default:
      return image.webp({ quality, ...animation })
  }
}

/** 4, as sharp has it, takes eight times as long for a tenth fewer bytes. */
const AVIF_EFFORT = 2
