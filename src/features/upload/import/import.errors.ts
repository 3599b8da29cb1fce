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

/** Ends a commit whose media does not wait for content any more: it is deleted, or has got it. */
export class NoLongerPending extends Error {
  override readonly name = 'NoLongerPending'
  constructor() {
    super('the media does not wait for its content any more')
  }
}
