/**
 * The process in which pictures are made of hostile files: given bytes, or a descriptor to read them from, no file name, and nothing of the gateway's environment.
 * Run by Node itself: erasable TypeScript only.
 */
import { serveTasks, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { decodeOnly, PIXELS } from '../../insight/isolated/decoder.ts'
import { draw } from './drawing.ts'
import type { RenderArgs, Rendered } from './render-task.ts'

const [memoryBytes = 0] = process.argv.slice(2).map(Number)

// The loader for SVG gets no address that a reference could be relative to, and then opens neither files nor URLs.
decodeOnly([...PIXELS, 'Svg'])

async function render(args: RenderArgs, { size, read, make }: TaskTools): Promise<Rendered> {
  const made = await draw(await read(0, size - 1), args)
  await make(made.data)
  return made.size
}

serveTasks({ render }, { memoryBytes })
