import { commonErrors, defineErrors } from '../../../platform/errors.ts'

export const ticketErrors = defineErrors({
  UPLOAD_EXPIRED: {
    status: 410,
    meaning:
      'The ticket or the resumable upload has expired, and what had come of it is gone. Begin a new one.',
  },
  UPLOAD_NOT_RECEIVED: {
    status: 409,
    meaning: 'The ticket cannot be completed: its bytes have not come yet, or not all of them.',
  },
  TICKET_USED: { status: 409, meaning: 'Other bytes have come for this ticket, or are a media already.' },
  CONTENT_MISMATCH: {
    status: 422,
    meaning: 'The bytes that came are not those that were announced. Nothing of them was kept.',
  },
  TYPE_NOT_ACCEPTED: {
    status: 415,
    meaning: 'The bytes are of a type that this ticket does not accept. Nothing of them was kept.',
  },
})

/** One answer for what never was, is forgotten, or is somebody else's. */
export const ticketNotFound = () =>
  commonErrors.NOT_FOUND('There is no such upload, or not for you.', { field: ['input', 'id'] })

export const uploadExpired = () =>
  ticketErrors.UPLOAD_EXPIRED('This upload has expired. Create a new one, and send the file again.')

export const notReceived = () =>
  ticketErrors.UPLOAD_NOT_RECEIVED(
    'The bytes of this upload have not come yet. Send them to its putUrl or its tusEndpoint, then complete it.',
    { field: ['input', 'id'] },
  )

export const ticketUsed = () =>
  ticketErrors.TICKET_USED(
    'Other bytes have come for this upload already. Create a new one for another file.',
  )

export const contentMismatch = (what: 'size' | 'SHA-256' | 'digest', expected: string, actual: string) =>
  ticketErrors.CONTENT_MISMATCH(`The ${what} of what came is not the announced one. Send the file again.`, {
    details: { expected, actual },
  })

export const typeNotAccepted = (type: string, accept: readonly string[]) =>
  ticketErrors.TYPE_NOT_ACCEPTED(`The file is ${type}; this upload accepts ${accept.join(', ')}.`, {
    details: { type, accept },
  })
