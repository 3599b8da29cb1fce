import { defineErrors } from '../../platform/errors.ts'

export const processingErrors = defineErrors({
  NO_CONTENT: { status: 409, meaning: 'The media has no bytes that could be looked at.' },
})
