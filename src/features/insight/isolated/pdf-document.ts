/** Run by Node itself in an isolated process: erasable TypeScript only. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  getDocument,
  PDFDataRangeTransport,
  type PDFDocumentProxy,
  VerbosityLevel,
} from 'pdfjs-dist/legacy/build/pdf.mjs'
import { HandlerFailure } from '../../../platform/isolated/serve-tasks.ts'
import type { BoundedReader } from './bounded-reader.ts'

const PACKAGE = dirname(fileURLToPath(import.meta.resolve('pdfjs-dist/package.json')))
/** The library wants folders to end so. */
const folder = (name: string): string => `${join(PACKAGE, name)}/`

const CHUNK_BYTES = 256 * 1024
/** Pictures with more pixels are left out of a page. */
const MOST_IMAGE_PIXELS = 32 * 1024 * 1024

/** Gives the library those parts of the file that it asks for. */
class PartialFile extends PDFDataRangeTransport {
  readonly #reader: BoundedReader
  readonly #fail: (error: unknown) => void

  constructor(reader: BoundedReader, fail: (error: unknown) => void) {
    super(reader.size, null)
    this.#reader = reader
    this.#fail = fail
  }

  override requestDataRange(begin: number, end: number): void {
    this.#reader.read(begin, end).then(part => this.onDataRange(begin, new Uint8Array(part)), this.#fail)
  }
}

/**
 * Opens a PDF and does something with it. Fonts, character maps and decoders are those of the library's own package; nothing of the file is
 * evaluated, and no script in it runs. Rejects with `encrypted` for a file that asks for a password.
 */
export async function withPdf<T>(
  reader: BoundedReader,
  work: (pdf: PDFDocumentProxy) => Promise<T>,
): Promise<T> {
  let fail: (error: unknown) => void = () => undefined
  const broken = new Promise<never>((_resolve, reject) => {
    fail = reject
  })
  broken.catch(() => undefined)
  const loading = getDocument({
    range: new PartialFile(reader, fail),
    rangeChunkSize: CHUNK_BYTES,
    disableAutoFetch: true,
    disableStream: true,
    isEvalSupported: false,
    useSystemFonts: false,
    useWorkerFetch: false,
    enableXfa: false,
    maxImageSize: MOST_IMAGE_PIXELS,
    verbosity: VerbosityLevel.ERRORS,
    standardFontDataUrl: folder('standard_fonts'),
    cMapUrl: folder('cmaps'),
    cMapPacked: true,
    wasmUrl: folder('wasm'),
    iccUrl: folder('iccs'),
  })
  try {
    return await Promise.race([broken, loading.promise.then(work)])
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException')
      throw new HandlerFailure('encrypted', error.message)
    throw error
  } finally {
    await loading.destroy()
  }
}
