import { defineErrors } from '../errors.ts'

export const storageErrors = defineErrors({
  STORAGE_UNAVAILABLE: {
    status: 503,
    meaning:
      'The store of these bytes does not answer or fails, or is left alone for a while after it did; try again after Retry-After. All else works.',
  },
  INSUFFICIENT_STORAGE: { status: 507, meaning: 'The store is full; its operator has to make room.' },
  STORAGE_CONFLICT: {
    status: 409,
    meaning: 'The upload is not in the state that the request supposes; ask for its offset.',
  },
  CONTENT_LOST: {
    status: 502,
    meaning: 'The file is known, but its bytes are missing in the store; its operator has to restore them.',
  },
})
