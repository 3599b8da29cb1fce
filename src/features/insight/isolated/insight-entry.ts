/**
 * The process in which files are understood. Each library is loaded when the first file needs it. Run by Node itself: erasable
 * TypeScript only.
 */
import { serveTasks } from '../../../platform/isolated/serve-tasks.ts'
import type { SizeArgs } from './image-size.ts'

serveTasks(
  {
    size: async (args: SizeArgs, tools) => (await import('./image-size.ts')).imageSize(args, tools),
  },
  { memoryBytes: Number(process.argv[2]) },
)
