/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { HandlerFailure, type TaskTools } from '../../../platform/isolated/serve-tasks.ts'
import { BoundedReader } from './bounded-reader.ts'
import { clean } from './exif-facts.ts'
import { withPdf } from './pdf-document.ts'
import { type ExamineArgs, tell } from './tell.ts'

/** Tells what a PDF says of itself. That it asks for a password is a fact, too. */
export async function examinePdf({ limits }: ExamineArgs, tools: TaskTools): Promise<void> {
  try {
    await withPdf(new BoundedReader(tools, limits.maxReadBytes), async pdf => {
      await tell(tools, { facts: { pageCount: pdf.numPages, document: { encrypted: false } } })
      const { info } = await pdf.getMetadata()
      const said = info as Readonly<Record<string, unknown>>
      await tell(tools, { facts: clean({ title: text(said.Title) }), metadata: { pdf: said } })
      const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 })
      const document = { author: text(said.Author), encrypted: false, pageWidth: width, pageHeight: height }
      await tell(tools, { facts: { document: clean(document) } })
    })
  } catch (error) {
    if (!(error instanceof HandlerFailure && error.reason === 'encrypted')) throw error
    await tell(tools, { facts: { document: { encrypted: true } } })
  }
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
