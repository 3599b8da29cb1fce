import { commonErrors, defineErrors } from '../../platform/errors.ts'

export const mediaErrors = defineErrors({
  INVALID_INPUT: {
    status: 422,
    meaning: 'A field of the input has a value that is not allowed; the message says what is.',
  },
  NAME_TAKEN: { status: 409, meaning: 'Another media of the account has this name.' },
  REVISION_CONFLICT: {
    status: 412,
    meaning: 'The media is not at the revision of ifMatch any more. Nothing was changed.',
  },
  BATCH_TOO_LARGE: {
    status: 413,
    meaning: 'A batch names or matches more media than one batch may. Nothing was changed.',
  },
  BATCH_UNDONE: {
    status: 409,
    meaning: 'A part of an atomic batch was refused; its result says why. Nothing was changed.',
  },
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

export const revisionConflict = (current: string) =>
  mediaErrors.REVISION_CONFLICT('The media was changed since you read it. Read it again, and decide anew.', {
    field: ['input', 'ifMatch'],
    details: { current },
  })

export const batchTooLarge = (field: string, { maximum, count }: { maximum: number; count: number }) =>
  mediaErrors.BATCH_TOO_LARGE(
    `The batch is about ${count} media; at most ${maximum} are taken at once this way. Make it smaller.`,
    { field: [field], details: { maximum, count } },
  )

export const batchUndone = () =>
  mediaErrors.BATCH_UNDONE(
    'Nothing was changed: a part of this atomic batch was refused. Its result says why.',
  )
