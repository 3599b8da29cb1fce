import { commonErrors, defineErrors } from '../../../platform/errors.ts'

export const applicationErrors = defineErrors({
  PUBLIC_KEY_REFUSED: {
    status: 422,
    meaning:
      'The key of an application is not a public key that signatures are taken of; the message says why.',
  },
  APPLICATION_TAKEN: { status: 409, meaning: 'There is an application of this id.' },
  INVALID_APPLICATION: {
    status: 422,
    meaning: 'What is said about an application is not allowed; the message says what is.',
  },
})

export const publicKeyRefused = (message: string, cause?: unknown) =>
  applicationErrors.PUBLIC_KEY_REFUSED(message, { field: ['input', 'publicKey'], cause })

export const applicationTaken = () =>
  applicationErrors.APPLICATION_TAKEN(
    'There is an application of this id already, maybe a revoked one. Choose another id.',
    { field: ['input', 'id'] },
  )

export const invalidApplication = (field: string, message: string) =>
  applicationErrors.INVALID_APPLICATION(message, { field: ['input', field] })

/** One answer for an application that never was and for one of another account. */
export const applicationNotFound = () =>
  commonErrors.NOT_FOUND('There is no application of this id in the account.', { field: ['input', 'id'] })
