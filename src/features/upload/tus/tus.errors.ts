import { commonErrors, defineErrors } from '../../../platform/errors.ts'

export const tusErrors = defineErrors({
  TUS_VERSION_UNSUPPORTED: {
    status: 412,
    meaning: 'Tus-Resumable is missing, or names a version of tus that is not spoken here.',
  },
  NOT_BYTES: { status: 415, meaning: 'PATCH takes application/offset+octet-stream, and nothing else.' },
  OFFSET_CONFLICT: {
    status: 409,
    meaning: 'Upload-Offset is not the offset of the upload. HEAD tells where to go on.',
  },
  CHECKSUM_MISMATCH: {
    status: 460,
    meaning: 'The bytes of the request are not those of its Upload-Checksum. The offset is what it was.',
  },
  STORE_NOT_RESUMABLE: {
    status: 422,
    meaning:
      'The store that the bytes would go to takes none in pieces. Send the file whole, by another way in.',
  },
  UPLOAD_LOCKED: {
    status: 423,
    meaning: 'Another request has the upload, or has taken it over. Ask for the offset and go on.',
  },
  UPLOAD_ENDED: { status: 410, meaning: 'The resumable upload was given up, and its bytes are gone.' },
  UPLOAD_FINISHED: {
    status: 403,
    meaning: 'The resumable upload is finished, or final: it takes no more bytes, and cannot be given up.',
  },
})

export const uploadNotFound = () => commonErrors.NOT_FOUND('There is no such upload, or not for you.')

export const offsetConflict = (offset: number) =>
  tusErrors.OFFSET_CONFLICT('The upload is at another offset. Ask for it by HEAD, and go on from there.', {
    details: { offset },
  })

export const uploadLocked = (cause?: unknown) =>
  tusErrors.UPLOAD_LOCKED('Another request is at this upload. Ask for its offset, and go on from there.', {
    retryAfter: 1,
    cause,
  })

export const notResumable = () =>
  tusErrors.STORE_NOT_RESUMABLE(
    'This file goes to a store that takes no bytes in pieces. Send it whole: by PUT for a ticket, or by uploadMedia.',
  )

export const uploadEnded = () =>
  tusErrors.UPLOAD_ENDED('This upload was given up. Begin a new one, and send the file again.')

export const uploadFinished = () =>
  tusErrors.UPLOAD_FINISHED(
    'This upload takes no bytes and no end: it is finished, or made of other uploads.',
  )

export const badHeader = (header: string, allowed: string) =>
  commonErrors.BAD_REQUEST(`${header} ${allowed}.`, { field: [header] })
