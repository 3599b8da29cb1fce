/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { svgSize } from './svg-size.ts'
import { tell } from './tell.ts'

/** An SVG that does not begin its root element within this many bytes has no size. */
export const SVG_HEAD_BYTES = 64 * 1024

/** Tells the size that the root element states, if it states one; nothing is rendered. */
export async function examineSvg(tools: TaskTools): Promise<void> {
  const size = svgSize(await tools.read(0, Math.min(tools.size, SVG_HEAD_BYTES) - 1))
  if (size === undefined) throw new HandlerFailure('unreadable', 'there is no root element of an SVG')
  if (size) await tell(tools, { facts: size })
}
