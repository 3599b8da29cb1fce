/**
 * The process in which pictures are made of hostile files: given bytes alone, no file name, and nothing of the gateway's environment.
 * Run by Node itself: erasable TypeScript only.
 */
import sharp from 'sharp'
import { serveTasks, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { draw } from './drawing.ts'
import type { RenderArgs, Rendered } from './render-task.ts'

const [memoryBytes = 0] = process.argv.slice(2).map(Number)

sharp.cache(false)
sharp.concurrency(1)
// Only these loaders, whatever the bytes pretend to be. The one for SVG gets no address that a reference could be relative to, and
// then opens neither files nor URLs.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif', 'Tiff', 'Svg'].map(
    format => `VipsForeignLoad${format}Buffer`,
  ),
})

async function render(args: RenderArgs, { size, read, make }: TaskTools): Promise<Rendered> {
  const made = await draw(await read(0, size - 1), args)
  await make(made.data)
  return made.size
}

serveTasks({ render }, { memoryBytes })
