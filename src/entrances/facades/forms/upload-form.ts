import { pipeline, Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { fileTooLarge, uploadErrors } from '../../../features/upload/upload.errors.ts'
import { commonErrors } from '../../../platform/errors.ts'
import { requestBody } from '../../../platform/lib/request-body.ts'
import { httpErrors } from '../../http/render-error.ts'
import { formError, isMultipart, MOST_OF_FIELDS, parseForm } from './form-parser.ts'
import type { Given } from './given.ts'

/** A file in a form. */
export interface FormFile {
  /** Ends when all of the form has come; breaks off when the rest of the form does. */
  readonly body: Readable
  readonly fileName: string | undefined
  readonly declaredType: string | undefined
}

export interface UploadForm {
  /** The fields that have come: all of them once the body has ended, or where there is no file. */
  readonly fields: Given
  readonly file: FormFile | null
}

/**
 * A form whose file goes on to whoever reads it, none of it kept. Resolves when its file begins, or when it has ended without one.
 * Rejects with FILE_TOO_LARGE where the form is so long that its file has more than `mostBytes`, FILE_MISSING for a file in another field, BAD_REQUEST for a second file and for what is no form, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, and with
 * ECONNRESET when the connection breaks off.
 */
export async function uploadForm(
  request: FastifyRequest,
  fileField: string,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<UploadForm> {
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > mostBytes + MOST_OF_FIELDS) throw fileTooLarge(mostBytes, null)
  if (!isMultipart(request)) throw httpErrors.UNSUPPORTED_MEDIA_TYPE('Send a form as multipart/form-data.')
  const { parser, fields } = parseForm(request)
  const source = requestBody(request.raw)
  const whole = new Promise<void>((resolve, reject) =>
    pipeline(source, parser, error => (error ? reject(formError(error)) : resolve())),
  )
  const begun = new Promise<FormFile>((resolve, reject) => {
    let hasFile = false
    parser.on('file', (name, stream, { filename, mimeType }) => {
      stream.on('error', () => undefined)
      if (name !== fileField || hasFile) {
        parser.destroy(hasFile ? secondFile() : noFile(fileField))
        return
      }
      hasFile = true
      const body = new FormBody(bytesOf(stream, whole), () => {
        stream.destroy()
        source.destroy()
      })
      resolve({ body, fileName: filename, declaredType: mimeType })
    })
    whole.catch(reject)
  })
  // The one that is not waited for, or comes later, tells whoever reads the file.
  begun.catch(() => undefined)
  const file = await Promise.race([begun, whole.then(() => null)])
  return { fields, file }
}

/** Of a form that has no file in this field. */
export const noFile = (field: string) =>
  uploadErrors.FILE_MISSING(`The form carries no file in its field ${field}.`, { field: [field] })

const secondFile = () =>
  commonErrors.BAD_REQUEST('The form carries more than one file. Send one file a request.')

class FormBody extends Readable {
  /** `giveUp` is called as soon as nobody wants the file, nor what is behind it: whoever answers then finds the request at rest. */
  constructor(
    private readonly pieces: AsyncGenerator<Buffer>,
    private readonly giveUp: () => void,
  ) {
    // One chunk at a time: a reader that finds several waiting would be given a copy of them in one.
    super({ highWaterMark: 1 })
  }

  override _read(): void {
    this.pieces.next().then(
      ({ done, value }) => this.push(done ? null : value),
      error => this.destroy(error),
    )
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.giveUp()
    done(error)
  }
}

/** Copies: the parser's pieces are parts of one buffer, and whoever reads these may use them up. */
async function* bytesOf(stream: Readable, whole: Promise<void>): AsyncGenerator<Buffer> {
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      const copy = Buffer.allocUnsafeSlow(piece.length)
      piece.copy(copy)
      yield copy
    }
  } catch (error) {
    // What the form broke off with is told by the form.
    await whole
    throw error
  }
  await whole
}
