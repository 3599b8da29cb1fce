import { defineErrors } from '../../platform/errors.ts'

export const blobErrors = defineErrors({
  LEASE_LOST: {
    status: 503,
    meaning: 'The gateway paused longer than the lease of the upload; its bytes were given up. Upload again.',
  },
  SIZE_MISMATCH: {
    status: 502,
    meaning: 'The store holds another number of bytes than were sent to it; the upload was given up.',
  },
  STORE_IS_TWIN: {
    status: 422,
    meaning: 'Two configured stores are one place; only the command line says so.',
  },
})

export const leaseLost = (cause?: unknown) =>
  blobErrors.LEASE_LOST(
    'The upload took a pause that was too long and was given up. Upload the file again.',
    { retryAfter: 1, cause },
  )
