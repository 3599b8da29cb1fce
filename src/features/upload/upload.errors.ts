import { CommitUnknownError, isUniqueViolation } from '../../platform/db/pg-errors.ts'
import { AppError, commonErrors, defineErrors } from '../../platform/errors.ts'
import { storageErrors } from '../../platform/storage/storage.errors.ts'
import type { Viewer } from '../access/viewer.ts'
import { nameTaken } from '../media/media.errors.ts'
import { withFigures } from '../usage/usage.errors.ts'

export const uploadErrors = defineErrors({
  FILE_TOO_LARGE: { status: 413, meaning: 'The file is larger than allowed. Nothing of it was kept.' },
  UNSUPPORTED_TYPE: {
    status: 415,
    meaning:
      'Files of what the bytes are, whatever they are called, are not taken here. Nothing of it was kept.',
  },
  UPLOAD_INCOMPLETE: {
    status: 400,
    meaning: 'The request ended before the file did. Nothing of it was kept.',
  },
  FILE_MISSING: { status: 400, meaning: 'The request names a file that it does not carry.' },
  DUPLICATE_CONTENT: {
    status: 409,
    meaning:
      'The account has this content already, and the upload asked to be refused then. Nothing was made of it.',
  },
  TOO_MANY_FILES: { status: 413, meaning: 'The request carries more files than one request may.' },
})

export const fileTooLarge = (limit: number, actual: number | null) =>
  uploadErrors.FILE_TOO_LARGE(`The file is larger than ${limit} bytes, the most that is taken here.`, {
    field: ['input', 'file'],
    details: { limit, actual },
  })

export const unsupportedType = (type: string) =>
  uploadErrors.UNSUPPORTED_TYPE(`The file is ${type}, which is not taken here.`, {
    field: ['input', 'file'],
    details: { type },
  })

export const uploadIncomplete = (cause: unknown) =>
  uploadErrors.UPLOAD_INCOMPLETE('The upload ended before the file was complete. Send it again.', {
    field: ['input', 'file'],
    cause,
  })

/** For who may read that media. */
export const duplicateContent = (duplicateOf: string) =>
  uploadErrors.DUPLICATE_CONTENT(
    `The media ${duplicateOf} has the same content. Use that one, or upload with another onDuplicate.`,
    { field: ['input', 'onDuplicate'], details: { duplicateOf } },
  )

export const fileMissing = (field: readonly string[], cause?: unknown) =>
  uploadErrors.FILE_MISSING(
    'The request carries no file for this variable: send it as a part that "map" names.',
    {
      field,
      cause,
    },
  )

/** What a broken-off request looks like from here: a closed socket, our own abort. */
const BROKEN_OFF = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR', 'EPIPE'])

/**
 * What a failed upload is told, whichever part of it failed; an error that nobody foresaw comes back as it was. Figures of the account are
 * told to the viewer, if one asks who may see them.
 */
export function ingestError(error: unknown, limit: number, viewer?: Viewer): unknown {
  if (error instanceof AppError) return withFigures(error, viewer)
  if (error instanceof CommitUnknownError) {
    return commonErrors.SERVICE_UNAVAILABLE(
      'It is not known whether the upload was kept: the database went away. Look for it before you send it again.',
      { retryAfter: 5, cause: error },
    )
  }
  if (isUniqueViolation(error, 'media_name_key')) return nameTaken(error)
  const { code, status } = error as { code?: unknown; status?: unknown }
  // The store speaks for itself: this is the temp folder.
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return storageErrors.INSUFFICIENT_STORAGE(
      'The gateway has no room to receive the file. Ask its operator to make room.',
      { cause: error },
    )
  }
  // The multipart parser speaks in HTTP statuses.
  if (status === 413) return fileTooLarge(limit, null)
  return status === 499 || status === 400 || BROKEN_OFF.has(String(code)) ? uploadIncomplete(error) : error
}
