import { defineErrors } from '../../platform/errors.ts'

export const operationErrors = defineErrors({
  OPERATION_TOO_LARGE: {
    status: 400,
    meaning: 'The document, its variables or its cost are beyond the limits of one operation.',
  },
  DOCUMENT_NOT_TRUSTED: {
    status: 403,
    meaning: 'The gateway runs listed documents only (PERSISTED_ONLY), and this is none of them.',
  },
})
