import { defineErrors } from '../../platform/errors.ts'

export const privacyErrors = defineErrors({
  CONTENT_WITHHELD: {
    status: 403,
    meaning:
      'The media is public, but its file may tell where or with what it was made, and that cannot be taken out of it. Who may read the media gets it with a credential.',
  },
})

export const contentWithheld = () =>
  privacyErrors.CONTENT_WITHHELD(
    'This file may tell where or with what it was made, and that cannot be taken out of it: it is served to those alone who may read the media.',
  )
