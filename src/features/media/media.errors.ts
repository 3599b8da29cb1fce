import { commonErrors, defineErrors } from '../../platform/errors.ts'

export const mediaErrors = defineErrors({
  INVALID_INPUT: {
    status: 422,
    meaning: 'A field of the input has a value that is not allowed; the message says what is.',
  },
  NAME_TAKEN: { status: 409, meaning: 'Another media of the account has this name.' },
})

/** One answer for what never was, was deleted, or belongs to another account. */
export const mediaNotFound = (field?: readonly string[]) =>
  commonErrors.NOT_FOUND('There is no media of this id that you may see.', { field })

export const nameTaken = (cause?: unknown) =>
  mediaErrors.NAME_TAKEN(
    'Another media of this account has this name. Choose another name, or leave it out.',
    {
      field: ['input', 'name'],
      cause,
    },
  )
