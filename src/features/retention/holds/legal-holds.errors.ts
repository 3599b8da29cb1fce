import { commonErrors, defineErrors } from '../../../platform/errors.ts'

/** Holds that one media has at once; a CHECK of the database says the same. */
export const MAX_OPEN_HOLDS = 100

export const legalHoldErrors = defineErrors({
  TOO_MANY_HOLDS: { status: 409, meaning: 'The media has as many legal holds as one can have at once.' },
})

export const tooManyHolds = () =>
  legalHoldErrors.TOO_MANY_HOLDS(
    `A media takes ${MAX_OPEN_HOLDS} legal holds at once. Release one that is not needed any more.`,
    { field: ['input', 'mediaId'] },
  )

/** One answer for a hold that never was and for one of another account. */
export const holdNotFound = () =>
  commonErrors.NOT_FOUND('There is no legal hold of this id that you may see.', { field: ['input', 'id'] })
