/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { decoderFailure, openImage } from './pixel-decoder.ts'
import { SVG_HEAD_BYTES } from './svg-examine.ts'
import { svgSize } from './svg-size.ts'
import type { ExamineArgs } from './tell.ts'

/** Width and height as shown, from as little of the file as states them. */
export async function imageSize({ mimeType, limits }: ExamineArgs, tools: TaskTools) {
  if (mimeType === 'image/svg+xml') return statedSize(await first(tools, SVG_HEAD_BYTES))
  const { headBytes, maxBytes, maxPixels } = limits
  for (const most of [headBytes, maxBytes]) {
    try {
      const image = openImage(await first(tools, most), { maxPixels, strict: false })
      const { width, height } = (await image.metadata()).autoOrient
      return { width, height }
    } catch (error) {
      const failure = decoderFailure(error)
      if (failure.reason !== 'unreadable' || tools.size <= most) throw failure
    }
  }
  throw new HandlerFailure('unreadable', `no header within ${maxBytes} bytes`)
}

/** The first bytes of the file, `most` at most. */
export const first = (tools: TaskTools, most: number): Promise<Buffer> =>
  tools.read(0, Math.min(tools.size, most) - 1)

/** The size that an SVG's root states. */
function statedSize(head: Buffer): { width: number; height: number } {
  const size = svgSize(head)
  if (size) return size
  if (size === null) throw new HandlerFailure('no-size', 'the root element states none in absolute units')
  throw new HandlerFailure('unreadable', 'there is no root element of an SVG')
}
