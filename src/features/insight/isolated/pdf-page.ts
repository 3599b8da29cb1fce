/** Run by Node itself in an isolated process: erasable TypeScript only. */
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas'
import type { TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import { BoundedReader } from './bounded-reader.ts'
import { withPdf } from './pdf-document.ts'
import type { PreviewArgs } from './preview-args.ts'

const QUALITY = 85
/** Pixels for a point at most: a stamp is not made a poster. */
const LARGEST_SCALE = 4

/** The library's own canvas: a page cannot be drawn onto that of another copy of the package. */
interface CanvasFactory {
  create(width: number, height: number): { canvas: Canvas; context: SKRSContext2D }
  destroy(made: { canvas: Canvas; context: SKRSContext2D }): void
}

/** Makes a JPEG of the first page as it is shown, on white, and says its size. */
export async function makePdfPage({ limits, longestSide }: PreviewArgs, tools: TaskTools) {
  return withPdf(new BoundedReader(tools, limits.maxReadBytes), async pdf => {
    const page = await pdf.getPage(1)
    const whole = page.getViewport({ scale: 1 })
    const scale = Math.min(LARGEST_SCALE, longestSide / Math.max(whole.width, whole.height))
    if (!(scale > 0)) throw new HandlerFailure('unreadable', 'the page has no size')
    const viewport = page.getViewport({ scale })
    const [width, height] = [pixels(viewport.width), pixels(viewport.height)]
    const factory = pdf.canvasFactory as CanvasFactory
    const made = factory.create(width, height)
    const { canvas, context } = made
    const canvasContext = context as unknown as CanvasRenderingContext2D
    await page.render({ canvas: null, canvasContext, viewport, background: '#ffffff' }).promise
    await tools.make(await canvas.encode('jpeg', QUALITY))
    factory.destroy(made)
    return { mimeType: 'image/jpeg', width, height }
  })
}

const pixels = (length: number): number => Math.max(1, Math.round(length))
