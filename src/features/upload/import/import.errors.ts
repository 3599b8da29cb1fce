import { defineErrors } from '../../../platform/errors.ts'

export const importErrors = defineErrors({
  IMPORTS_OFF: {
    status: 409,
    meaning: 'This gateway fetches nothing from URLs: its operator has not set IMPORT_FROM_URL.',
  },
})

export const importsOff = () =>
  importErrors.IMPORTS_OFF('This gateway does not import from URLs. Upload the file instead.', {
    field: ['input', 'url'],
  })

/** Why a file could not be fetched, in words for who asked for it: they name no address but the one that was given. */
export class NotFetched extends Error {
  override readonly name = 'NotFetched'
  constructor(
    readonly reason: string,
    /** Whether trying again is of no use. */
    readonly lasting: boolean,
  ) {
    super(reason)
  }
}

/** Nobody waits for the content any more; where it has come by another hand, nobody is told so either. */
export const deletedMeanwhile = () => new NotFetched('It was deleted before its content came.', true)
