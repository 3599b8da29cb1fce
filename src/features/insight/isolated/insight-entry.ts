/**
 * The process in which files are understood. Each library is loaded when the first file needs it. Run by Node itself: erasable
 * TypeScript only.
 */
import { serveTasks, type TaskHandler } from '../../../platform/isolated/serve-tasks.ts'
import type { PreviewMaker, Reader } from '../readers.ts'
import type { PreviewArgs } from './preview-args.ts'
import type { ExamineArgs } from './tell.ts'

const readers = {
  image: async (args: ExamineArgs, tools) => (await import('./image-examine.ts')).examineImage(args, tools),
  svg: async (args: ExamineArgs, tools) => (await import('./svg-examine.ts')).examineSvg(args, tools),
  media: async (args: ExamineArgs, tools) => (await import('./media-examine.ts')).examineMedia(args, tools),
  pdf: async (args: ExamineArgs, tools) => (await import('./pdf-examine.ts')).examinePdf(args, tools),
  openXml: async (args: ExamineArgs, tools) =>
    (await import('./office-examine.ts')).examineOpenXml(args, tools),
  openDocument: async (args: ExamineArgs, tools) =>
    (await import('./office-examine.ts')).examineOpenDocument(args, tools),
  compound: async (args: ExamineArgs, tools) =>
    (await import('./compound-examine.ts')).examineCompound(args, tools),
} satisfies Record<Reader, TaskHandler>

const makers = {
  pdfPage: async (args: PreviewArgs, tools) => (await import('./pdf-page.ts')).makePdfPage(args, tools),
  heifPicture: async (args: PreviewArgs, tools) =>
    (await import('./heif-picture.ts')).makeHeifPicture(args, tools),
  poster: async (args: PreviewArgs, tools) => (await import('./keyframe.ts')).makeKeyframe(args, tools),
} satisfies Record<PreviewMaker, TaskHandler>

serveTasks(
  {
    ...readers,
    ...makers,
    size: async (args: ExamineArgs, tools) => (await import('./image-size.ts')).imageSize(args, tools),
  },
  { memoryBytes: Number(process.argv[2]) },
)
